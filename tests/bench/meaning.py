"""Search by meaning: what it takes, and what it takes from others while it is prepared."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import count
from typing import cast

import numpy as np
from sqlalchemy import func, select

from tests.bench.cases import NewDatabase, running
from tests.bench.filling import AT_ONCE, a_picture, fill_library, tidy
from tests.bench.table import PER_SECOND, Row
from tests.bench.timing import timed
from tests.support.http import Client
from tests.support.product import Product
from webapp.database import transaction
from webapp.jobs import queue
from webapp.models import meaning
from webapp.models.finding_meaning import find_by_meaning
from webapp.models.meaning import REINDEX
from webapp.models.meaning_index import switch_to
from webapp.search.chunking import Chunk
from webapp.search.embedders import Embedder
from webapp.search.embedders.base import normalised
from webapp.search.rows import BUILDING, PGVECTOR, Generation, IndexedDocument
from webapp.search.stores import Document, store_of
from webapp.search.stores.choice import kind_for_new

PLACES = ("harbour", "market", "church", "garden", "station", "bridge", "school", "theatre", "mill", "castle")
QUESTIONS = [f"Who came to the {place} on {day}?" for place in PLACES for day in ("Monday", "Sunday", "a holiday")]
ANSWERS, FOUND = 40, 20
WITHIN = 0.03  # seconds, besides the embedding
BODY = "The ferry comes at nine, and half the town is on the quay to see who is on board. " * 60  # a thousand words


def publishing(new_database: NewDatabase) -> list[Row]:
    """A post is published, again and again; workers at rest, as this is about what the answer waits for."""
    with (
        running(new_database(), 0, "web") as with_index,
        running(new_database(), 0, "web", embedder="off") as without,
    ):
        ways = [publisher(product) for product in (with_index, without)]
        rounds = [[way() for way in ways] for _ in range(60)][10:]
    ours, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
    return [Row("a post published", ours, theirs, "without an index", max_ratio=1.1)]


def publisher(product: Product) -> Callable[[], float]:
    client, numbers = product.client(), count()

    def publish() -> float:
        post = client.post("/api/posts", {"title": f"The ferry {next(numbers)}", "body": BODY}).body
        changed = {"status": "published", "version": post["version"]}
        return timed(lambda: succeed(client, post["id"], changed))

    return publish


def succeed(client: Client, post_id: int, changed: dict[str, object]) -> None:
    answer = client.patch(f"/api/posts/{post_id}", changed)
    assert answer.status == 200, answer


def ten_thousand_documents(new_database: NewDatabase) -> list[Row]:
    """What somebody waits for who leafs through the library while all of it is put into the index."""
    with running(new_database(), 0, "web", "default") as product:
        fill_library(product, 10_000)
        client = product.client()
        alone = [look(client) for _ in range(200)]
        with product.rows():
            queue(REINDEX)
        beside: list[float] = []
        started = time.perf_counter()
        while indexed(product) < 10_000:
            beside += [look(client) for _ in range(20)]
        taken = time.perf_counter() - started
        with product.rows():
            texts = [a_picture(number)["alt"] for number in range(1000)]
            bare = timed(lambda: embedder().embed(texts))
    return [
        Row("a page while documents are indexed, p95", p95(beside), p95(alone), "before", max_ratio=2),
        Row("documents indexed", 10_000 / taken, 1000 / bare, "bare embedding", unit=PER_SECOND),
    ]


def look(client: Client) -> float:
    return timed(lambda: client.get("/api/media"))


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)]


def indexed(product: Product) -> int:
    with product.rows() as session:
        found = session.scalar(select(func.count()).select_from(IndexedDocument))
        session.rollback()
        return int(found or 0)


def asking(new_database: NewDatabase) -> list[Row]:
    """All of find_by_meaning() but the embedding: the nearest chunks, and who may see them."""
    rows = [_asked(new_database(), 20_000)]
    return rows + ([_asked(new_database(), 100_000)] if PGVECTOR in rows[0].what else [])


def _asked(database_url: str, chunks: int) -> Row:
    with running(database_url, 0, "web") as product:
        ids = fill_library(product, chunks)
        with product.rows():
            store = kind_for_new(embedder().dims)
            fill_index(embedder(), ids, store)
            tidy(product)
            for question in QUESTIONS:
                assert len(find_by_meaning(question, to_everybody=False)) == FOUND  # and its vector is kept
            taken = [timed(lambda: find_by_meaning(each, to_everybody=False)) for each in QUESTIONS]  # noqa: B023
    return Row(f"a question to {chunks:,} chunks ({store})", statistics.median(taken), WITHIN, "30 ms", max_ratio=1)


def embedder() -> Embedder:
    return cast(Embedder, meaning.embedder())


def fill_index(made_by: Embedder, ids: list[int], store: str) -> None:
    """A chunk for each picture; there are some that answer each question, and many that answer none."""
    chance = np.random.default_rng(1)
    vectors = normalised(chance.standard_normal((len(ids), made_by.dims)))
    answers = np.repeat(made_by.embed(QUESTIONS), ANSWERS, axis=0)
    vectors[: len(answers)] = normalised(answers + vectors[: len(answers)] / 2)
    generation_id = begin_generation(made_by, store)
    for start in range(0, len(ids), AT_ONCE):
        with transaction() as session:
            generation = session.get_one(Generation, generation_id)
            for media_id, vector in zip(ids[start : start + AT_ONCE], vectors[start : start + AT_ONCE], strict=True):
                document = Document("media", media_id, "a hash", [Chunk(0, "", 0, "text")])
                store_of(generation).write(generation, document, made_by.model, vector[None])
    with transaction():
        switch_to(generation_id)


def begin_generation(made_by: Embedder, store: str) -> int:
    with transaction() as session:
        session.add(generation := Generation(model=made_by.model, dims=made_by.dims, state=BUILDING, store=store))
        session.flush()
        store_of(generation).begin(generation)
    return generation.id


CASES = (publishing, ten_thousand_documents, asking)

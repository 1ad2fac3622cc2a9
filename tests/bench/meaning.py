"""Search by meaning: what it takes, and what it takes from others while it is prepared."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import count
from typing import cast

from sqlalchemy import func, select

from tests.bench.cases import NewDatabase, running
from tests.bench.filling import a_picture, fill_library
from tests.bench.table import PER_SECOND, Row
from tests.bench.timing import timed
from tests.support.http import Client
from tests.support.product import Product
from webapp.jobs import queue
from webapp.models import meaning
from webapp.models.meaning import REINDEX
from webapp.search.embedders import Embedder
from webapp.search.rows import IndexedDocument

BODY = "The ferry comes at nine, and half the town is on the quay to see who is on board. " * 60  # a thousand words


def publishing(new_database: NewDatabase) -> list[Row]:
    """A post is published, again and again; workers at rest, as this is about what the answer waits for."""
    with (
        running(new_database(), 0, "web") as with_index,
        running(new_database(), 0, "web", embedder="off") as without,
    ):
        ways = [publisher(product) for product in (with_index, without)]
        rounds = [[way() for way in ways] for _ in range(310)][10:]
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


def embedder() -> Embedder:
    return cast(Embedder, meaning.embedder())


CASES = (publishing, ten_thousand_documents)

"""Questions to large indexes: what they take, and whether they find what comparing each would find."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
from sqlalchemy import Table, insert, select, text

from tests.bench.cases import NewDatabase
from tests.bench.filling import AT_ONCE, fill_library, put, tidy
from tests.bench.meaning import embedder
from tests.bench.table import Row
from tests.support.product import Product
from webapp.database import db, transaction, utcnow
from webapp.models.finding_meaning import find_by_meaning
from webapp.models.meaning_index import switch_to
from webapp.models.post import Post
from webapp.models.searchable import SEARCHABLE
from webapp.search.embedders import Embedder
from webapp.search.embedders.base import Vectors, normalised
from webapp.search.rows import BUILDING, DATABASE, PGVECTOR, Generation, IndexedDocument, SearchChunk
from webapp.search.stores import store_of
from webapp.search.stores.choice import kind_for_new
from webapp.search.stores.database import FLOAT
from webapp.search.stores.pgvector import vectors_table

PLACES = ("harbour", "market", "church", "garden", "station", "bridge", "school", "theatre", "mill", "castle")
QUESTIONS = [f"Who came to the {place} on {day}?" for place in PLACES for day in ("Monday", "Sunday", "a holiday")]
PICTURES, POSTS = 160, 20  # that answer each
FOUND = 20
WAYS: dict[str, dict[str, Any]] = {
    "a question to": {"to_everybody": False},
    "a question to the posts among": {"to_everybody": False, "collections": ["posts"]},
    "a visitor, who may see the posts, to": {"to_everybody": True},
}
Key = tuple[str, int]  # collection and id
WITHIN = 0.03  # seconds, besides the embedding


def asking(new_database: NewDatabase) -> list[Row]:
    """All of find_by_meaning() but the embedding: the nearest chunks, and who may see them."""
    rows = asked_of(new_database(), 20_000)
    return rows + (asked_of(new_database(), 100_000) if PGVECTOR in rows[0].what else [])


def asked_of(database_url: str, chunks: int) -> list[Row]:
    """So many, a tenth of them of published posts."""
    product = Product(database_url, breakable=False, embedder="local", database_statement_timeout=0)
    try:
        keys = [("media", each) for each in fill_library(product, chunks * 9 // 10)]
        keys += [("posts", each) for each in fill_posts(product, chunks // 10)]
        with product.rows():
            store = kind_for_new(embedder().dims)
            vectors = fill_index(embedder(), keys, store)
            tidy(product)
            asked = {words: [once(each, keys, vectors, how) for each in QUESTIONS] for words, how in WAYS.items()}
    finally:
        product.stop()
    return [row for words, answers in asked.items() for row in rows_of(f"{words} {chunks:,} chunks ({store})", answers)]


def rows_of(what: str, answers: list[tuple[float, int]]) -> list[Row]:
    seconds, hits = zip(*answers, strict=True)
    found = 10 * statistics.fmean(hits)
    return [
        Row(what, statistics.median(seconds), WITHIN, "30 ms", max_ratio=1),
        Row(f"{what}: of the 10 nearest", found, 100, "comparing each", min_ratio=0.95, unit="%"),
    ]


def once(question: str, keys: list[Key], vectors: Vectors, how: dict[str, Any]) -> tuple[float, int]:
    """What it takes once its vector is kept; and how many of the ten nearest that may be found it finds."""
    find_by_meaning(question, limit=FOUND, **how)
    started = time.perf_counter()
    found = find_by_meaning(question, limit=FOUND, **how)
    taken = time.perf_counter() - started
    assert len(found) == FOUND
    there = [not how.get("collections") and not how["to_everybody"] or name == "posts" for name, _ in keys]
    nearest = np.argsort(-np.where(there, vectors @ embedder().embed([question])[0], -1))[:10]
    return taken, len({each[:2] for each in found} & {keys[place] for place in nearest})


def fill_posts(product: Product, count: int) -> list[int]:
    now = {"status": "published", "published_at": utcnow()}
    put(product, Post, ({"title": f"Post {number}", "slug": f"post-{number}"} | now for number in range(count)))
    with product.rows() as session:
        return list(session.scalars(select(Post.id).order_by(Post.id)))


def fill_index(made_by: Embedder, keys: list[Key], store: str) -> Vectors:
    """A chunk for each; some pictures and posts answer each question, and many answer none."""
    chance = np.random.default_rng(1)
    vectors = normalised(chance.standard_normal((len(keys), made_by.dims)))
    for first, answers in ((0, PICTURES), (-len(QUESTIONS) * POSTS, POSTS)):
        places = np.arange(first, first + len(QUESTIONS) * answers)
        vectors[places] = normalised(np.repeat(made_by.embed(QUESTIONS), answers, axis=0) + vectors[places] / 2)
    generation_id = begin_generation(made_by, store)
    with without_its_index(vectors_table(generation_id, made_by.dims)) if store == PGVECTOR else nullcontext():
        for start in range(0, len(keys), AT_ONCE):
            with transaction() as session:
                generation = session.get_one(Generation, generation_id)
                write_some(generation, keys[start : start + AT_ONCE], vectors[start : start + AT_ONCE])
    with transaction():
        switch_to(generation_id)
    return vectors


@contextmanager
def without_its_index(table: Table) -> Iterator[None]:
    """Until all rows are there: 20,000 take 160 seconds when it grows with each, and 43 when it is built at the end."""
    (index,) = table.indexes
    with transaction() as session:
        index.drop(session.connection())
    yield
    with transaction() as session:
        # One after another, as in the product.
        session.execute(text("SET LOCAL max_parallel_maintenance_workers = 0"))
        session.execute(text("SET LOCAL maintenance_work_mem = '500MB'"))
        index.create(session.connection())


def write_some(generation: Generation, keys: list[Key], vectors: Vectors) -> None:
    """As its store does for one, for all of them at once: a hundred thousand would take half an hour."""
    generation.changes += 1
    of = [{"generation_id": generation.id, "collection": name, "doc_id": doc_id} for name, doc_id in keys]
    facts = {"chunk": 0, "heading": "", "text": "text", "model": generation.model, "dims": generation.dims}
    in_rows = generation.store == DATABASE
    kept = [vector.astype(FLOAT).tobytes() if in_rows else b"" for vector in vectors]
    chunks = [
        each | facts | {"id": f"{each['collection']}-{each['doc_id']}-0", "content_hash": "a hash", "vector": vector}
        for each, vector in zip(of, kept, strict=True)
    ]
    noted = [each | {"content_hash": "a hash", "chunks": 1, "change": generation.changes} for each in of]
    db.session.execute(insert(SearchChunk), chunks)
    db.session.execute(insert(IndexedDocument), noted)
    if not in_rows:
        table = vectors_table(generation.id, generation.dims)
        rows = [{"collection": name, "doc_id": doc_id, "chunk": 0} for name, doc_id in keys]
        db.session.execute(
            table.insert(), [row | {"embedding": vector} for row, vector in zip(rows, vectors, strict=True)]
        )


def begin_generation(made_by: Embedder, store: str) -> int:
    with transaction() as session:
        session.add(generation := Generation(model=made_by.model, dims=made_by.dims, state=BUILDING, store=store))
        session.flush()
        store_of(generation).begin(generation, SEARCHABLE)
    return generation.id


CASES = (asking,)

"""What the tests of a store make: generations, documents and vectors."""

from __future__ import annotations

import numpy as np
import pytest

from webapp.database import db, transaction
from webapp.search.chunking import Chunk
from webapp.search.embedders.base import Vectors
from webapp.search.rows import ACTIVE, DATABASE, PGVECTOR, UPSTASH, Generation
from webapp.search.stores import Document, Store, store_of

DIMS = 8
MODEL = "a-model"
COLLECTIONS = ("media", "pages")
on_every_store = pytest.mark.parametrize(
    ("database_url", "kind"),
    [("sqlite", DATABASE), ("postgresql", DATABASE), ("postgresql", PGVECTOR), ("sqlite", UPSTASH)],
    indirect=["database_url"],
)


def new_generation(kind: str = DATABASE, *, state: str = ACTIVE, dims: int = DIMS) -> Generation:
    with transaction() as session:
        session.add(generation := Generation(model=MODEL, dims=dims, state=state, store=kind))
        session.flush()
        store_of(generation).begin(generation, COLLECTIONS)
    return generation


def towards(*axes: int) -> Vectors:
    """A row for each, along this axis."""
    return np.eye(DIMS, dtype=np.float32)[list(axes)]


def document(doc_id: int, *texts: str, collection: str = "media", content_hash: str = "a hash") -> Document:
    return Document(collection, doc_id, content_hash, [Chunk(n, "Heading", 0, text) for n, text in enumerate(texts)])


def write(store: Store, generation: Generation, written: Document, vectors: Vectors, model: str = MODEL) -> None:
    store.send(generation, written, model, vectors)
    with transaction():
        store.write(generation, written, model, vectors)
    db.session.rollback()


def remove(store: Store, generation: Generation, collection: str, doc_id: int) -> None:
    store.withdraw(generation, collection, doc_id)
    with transaction():
        store.remove(generation, collection, doc_id)


def found(store: Store, generation: Generation, axis: int, limit: int = 10, **more) -> list[tuple[str, int, int]]:
    near = store.nearest(generation, towards(axis)[0], limit, **more)
    return [(each.collection, each.doc_id, each.chunk) for each in near if each.score > 0.5]

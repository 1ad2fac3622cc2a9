"""What the tests of a store make: generations, documents and vectors."""

from __future__ import annotations

import numpy as np

from webapp.database import db, transaction
from webapp.search.chunking import Chunk
from webapp.search.embedders.base import Vectors
from webapp.search.rows import ACTIVE, Generation
from webapp.search.stores import Document, Store

DIMS = 8
MODEL = "a-model"


def new_generation(state: str = ACTIVE) -> Generation:
    with transaction() as session:
        session.add(generation := Generation(model=MODEL, dims=DIMS, state=state))
    return generation


def towards(*axes: int) -> Vectors:
    """A row for each, along this axis."""
    return np.eye(DIMS, dtype=np.float32)[list(axes)]


def document(doc_id: int, *texts: str, collection: str = "media", content_hash: str = "a hash") -> Document:
    return Document(collection, doc_id, content_hash, [Chunk(n, "Heading", 0, text) for n, text in enumerate(texts)])


def write(store: Store, generation: Generation, written: Document, vectors: Vectors, model: str = MODEL) -> None:
    with transaction():
        store.write(generation, written, model, vectors)
    db.session.rollback()

"""The store in our own database: vectors as bytes in rows, compared in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
from flask import current_app
from sqlalchemy import func, select

from webapp.database import db, reading_together
from webapp.search.embedders.base import Vectors
from webapp.search.rows import Generation, IndexedDocument, SearchChunk
from webapp.search.stores.base import Document, InOurDatabase, Near, TooLarge, refuse_length, refuse_wrong
from webapp.search.stores.chunks import drop_chunks, remove_chunks, write_chunks
from webapp.search.stores.matrix import Matrix

MOST_BYTES = 256 * 1024**2  # of vectors that one process keeps; 125,000 chunks of the local embedder
MATRIX = "gallerist_search_matrix"
FLOAT = np.dtype("<f4")


class DatabaseStore(InOurDatabase):
    def write(self, generation: Generation, document: Document, model: str, vectors: Vectors) -> None:
        refuse_wrong(generation, model, vectors.shape[1])
        write_chunks(generation, document, [vector.astype(FLOAT).tobytes() for vector in vectors])

    def remove(self, generation: Generation, collection: str, doc_id: int) -> None:
        remove_chunks(generation, collection, doc_id)

    def nearest(
        self, generation: Generation, vector: Vectors, limit: int, collections: Collection[str] = ()
    ) -> list[Near]:
        refuse_length(generation, vector)
        return _matrix_of(generation).nearest(vector, limit, collections)

    def vectors_of(self, generation: Generation, collection: str, doc_id: int) -> Vectors:
        kept = select(SearchChunk.vector).filter_by(generation_id=generation.id, collection=collection, doc_id=doc_id)
        rows = [np.frombuffer(vector, FLOAT) for vector in db.session.scalars(kept.order_by(SearchChunk.chunk))]
        return np.array(rows, np.float32).reshape(len(rows), generation.dims)

    def drop(self, generation: Generation) -> None:
        drop_chunks(generation)


def _matrix_of(generation: Generation) -> Matrix:
    """Brought up to date: what has changed since this process looked last is read, and nothing else."""
    matrix: Matrix | None = current_app.extensions.get(MATRIX)
    if matrix is None or matrix.generation_id != generation.id:
        matrix = current_app.extensions[MATRIX] = Matrix(generation.id, generation.dims)
    changes = db.session.scalar(select(Generation.changes).where(Generation.id == generation.id)) or 0
    if not matrix.is_at(changes):
        with reading_together():  # a few rows at a time
            matrix.follow(changes, _changed_since)
    return matrix


def refuse_too_large(generation_id: int) -> None:
    """Raises TooLarge."""
    found = select(func.coalesce(func.sum(IndexedDocument.chunks), 0), Generation.dims)
    found = found.join(Generation, Generation.id == IndexedDocument.generation_id).where(Generation.id == generation_id)
    row = db.session.execute(found.group_by(Generation.dims)).one_or_none()
    if row and row[0] * row[1] * FLOAT.itemsize > MOST_BYTES:
        raise TooLarge(f"The search index has {row[0]:,} chunks, more than one process can hold.")


def _changed_since(generation_id: int, seen: int) -> tuple[list[tuple[str, int]], Iterator[Any]]:
    """The documents, and the chunks that they have now. Raises TooLarge."""
    refuse_too_large(generation_id)
    newer = (IndexedDocument.generation_id == generation_id, IndexedDocument.change > seen)
    gone = db.session.execute(select(IndexedDocument.collection, IndexedDocument.doc_id).where(*newer)).all()
    same = (
        SearchChunk.generation_id == IndexedDocument.generation_id,
        SearchChunk.collection == IndexedDocument.collection,
        SearchChunk.doc_id == IndexedDocument.doc_id,
    )
    columns = (SearchChunk.collection, SearchChunk.doc_id, SearchChunk.chunk, SearchChunk.vector)
    found = select(*columns).join(IndexedDocument, same[0] & same[1] & same[2]).where(*newer)
    return [(row[0], row[1]) for row in gone], iter(db.session.execute(found.execution_options(yield_per=2000)))

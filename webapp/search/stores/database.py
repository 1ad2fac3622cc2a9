"""The store in our own database: vectors as bytes in rows, compared in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
from flask import current_app
from sqlalchemy import ColumnElement, delete, func, select, update

from webapp.database import db, insert_into, utcnow
from webapp.search.embedders.base import Vectors
from webapp.search.rows import Generation, IndexedDocument, SearchChunk
from webapp.search.stores.base import Document, Near, TooLarge, WrongVectors, refuse_wrong
from webapp.search.stores.matrix import Matrix

MOST_BYTES = 256 * 1024**2  # of vectors that one process keeps; 125,000 chunks of the local embedder
MATRIX = "gallerist_search_matrix"
FLOAT = np.dtype("<f4")


class DatabaseStore:
    def write(self, generation: Generation, document: Document, model: str, vectors: Vectors) -> None:
        refuse_wrong(generation, model, vectors.shape[1])
        rows = list(_rows(generation, document, vectors))
        if rows:
            new = insert_into(SearchChunk)
            updated = {column: new.excluded[column] for column in rows[0] if column not in ("generation_id", "id")}
            db.session.execute(new.on_conflict_do_update(index_elements=["generation_id", "id"], set_=updated), rows)
        surplus = SearchChunk.chunk >= len(rows)
        db.session.execute(delete(SearchChunk).where(*_of(generation, document.collection, document.doc_id), surplus))
        _note(generation, document.collection, document.doc_id, document.content_hash, len(rows))

    def remove(self, generation: Generation, collection: str, doc_id: int) -> None:
        row = db.session.get(IndexedDocument, (generation.id, collection, doc_id), populate_existing=True)
        if row is None or not row.content_hash:
            return
        db.session.execute(delete(SearchChunk).where(*_of(generation, collection, doc_id)))
        _note(generation, collection, doc_id, "", 0)

    def nearest(
        self, generation: Generation, vector: Vectors, limit: int, collections: Collection[str] = ()
    ) -> list[Near]:
        if vector.shape != (generation.dims,):
            raise WrongVectors(f"A question of {vector.shape} numbers was asked of an index of {generation.dims}.")
        return _matrix_of(generation).nearest(vector, limit, collections)

    def drop(self, generation: Generation) -> None:
        for model in (SearchChunk, IndexedDocument):
            db.session.execute(delete(model).where(model.generation_id == generation.id))


def _of(generation: Generation, collection: str, doc_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        SearchChunk.generation_id == generation.id,
        SearchChunk.collection == collection,
        SearchChunk.doc_id == doc_id,
    )


def _rows(generation: Generation, document: Document, vectors: Vectors) -> Iterator[dict[str, Any]]:
    for chunk, vector in zip(document.chunks, vectors, strict=True):
        yield {
            "generation_id": generation.id,
            "id": document.chunk_id(chunk.number),
            "collection": document.collection,
            "doc_id": document.doc_id,
            "chunk": chunk.number,
            "heading": chunk.heading,
            "text": chunk.text,
            "model": generation.model,
            "dims": generation.dims,
            "content_hash": document.content_hash,
            "vector": vector.astype(FLOAT).tobytes(),
        }


def _note(generation: Generation, collection: str, doc_id: int, content_hash: str, chunks: int) -> None:
    counted = update(Generation).where(Generation.id == generation.id).values(changes=Generation.changes + 1)
    change = db.session.scalar(counted.returning(Generation.changes).execution_options(synchronize_session=False))
    now = {"content_hash": content_hash, "chunks": chunks, "change": change, "indexed_at": utcnow()}
    key = {"generation_id": generation.id, "collection": collection, "doc_id": doc_id}
    noted = insert_into(IndexedDocument).values(**key, **now)
    db.session.execute(noted.on_conflict_do_update(index_elements=list(key), set_=now))


def _matrix_of(generation: Generation) -> Matrix:
    """Brought up to date: what has changed since this process looked last is read, and nothing else."""
    matrix: Matrix | None = current_app.extensions.get(MATRIX)
    if matrix is None or matrix.generation_id != generation.id:
        matrix = current_app.extensions[MATRIX] = Matrix(generation.id, generation.dims)
    changes = db.session.scalar(select(Generation.changes).where(Generation.id == generation.id)) or 0
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

"""The chunks as rows, which every store writes: their texts are read from here, wherever their vectors are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, update

from webapp.database import db, insert_into, utcnow
from webapp.search.rows import Generation, IndexedDocument, SearchChunk
from webapp.search.stores.base import Document


def write_chunks(generation: Generation, document: Document, vectors: Sequence[bytes]) -> None:
    """The new ones come before the surplus of the old goes. `vectors` are empty where another table has them."""
    rows = list(_rows(generation, document, vectors))
    if rows:
        new = insert_into(SearchChunk)
        updated = {column: new.excluded[column] for column in rows[0] if column not in ("generation_id", "id")}
        db.session.execute(new.on_conflict_do_update(index_elements=["generation_id", "id"], set_=updated), rows)
    surplus = SearchChunk.chunk >= len(rows)
    db.session.execute(delete(SearchChunk).where(*_of(generation, document.collection, document.doc_id), surplus))
    note(generation, document.collection, document.doc_id, document.content_hash, len(rows))


def _rows(generation: Generation, document: Document, vectors: Sequence[bytes]) -> Iterator[dict[str, Any]]:
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
            "vector": vector,
        }


def _of(generation: Generation, collection: str, doc_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        SearchChunk.generation_id == generation.id,
        SearchChunk.collection == collection,
        SearchChunk.doc_id == doc_id,
    )


def note(generation: Generation, collection: str, doc_id: int, content_hash: str, chunks: int) -> None:
    """That this is what the generation has of a document; "" and 0: nothing any more."""
    counted = update(Generation).where(Generation.id == generation.id).values(changes=Generation.changes + 1)
    change = db.session.scalar(counted.returning(Generation.changes).execution_options(synchronize_session=False))
    now = {"content_hash": content_hash, "chunks": chunks, "change": change, "indexed_at": utcnow()}
    key = {"generation_id": generation.id, "collection": collection, "doc_id": doc_id}
    noted = insert_into(IndexedDocument).values(**key, **now)
    db.session.execute(noted.on_conflict_do_update(index_elements=list(key), set_=now))


def remove_chunks(generation: Generation, collection: str, doc_id: int) -> bool:
    """False when there is nothing to remove."""
    row = db.session.get(IndexedDocument, (generation.id, collection, doc_id), populate_existing=True)
    if row is None or not row.content_hash:
        return False
    db.session.execute(delete(SearchChunk).where(*_of(generation, collection, doc_id)))
    note(generation, collection, doc_id, "", 0)
    return True


def drop_chunks(generation: Generation) -> None:
    for model in (SearchChunk, IndexedDocument):
        db.session.execute(delete(model).where(model.generation_id == generation.id))

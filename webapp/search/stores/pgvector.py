"""The store in PostgreSQL with its extension vector: a table for each generation, with a part for each collection, and
an HNSW index over the vectors of each part. Whoever looks into one collection would else pass those of all others.

Half as many bytes a number as elsewhere, and the index is there from the first row: to build it at the end would lock
the table for minutes. A table that is not needed any more goes at once, whatever its size.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    delete,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import ProgrammingError

from webapp.database import db, is_postgresql, reading_together
from webapp.search.embedders.base import Vectors
from webapp.search.rows import Generation
from webapp.search.stores.base import Document, InOurDatabase, Near, refuse_length, refuse_wrong
from webapp.search.stores.chunks import drop_chunks, remove_chunks, write_chunks

OLDEST = (0, 8)  # that looks further when a condition leaves too few
MOST_DIMS = 4000  # that its index takes
CANDIDATES, MOST_CANDIDATES = 200, 1000  # looked at in a search; more are slower, and miss less
MOST_LOOKED_AT = 40_000  # of those that a condition may leave out
HNSW = {"m": 16, "ef_construction": 128}
UNDEFINED_TABLE = "42P01"  # the class that psycopg has for it would be imported on SQLite too, at each start
PATIENCE = "5s"  # for whoever reads a table that shall go, such as a backup; searches queue behind it meanwhile


class PgvectorStore(InOurDatabase):
    def begin(self, generation: Generation, collections: Iterable[str]) -> None:
        table = vectors_table(generation.id, generation.dims)
        table.create(db.session.connection())
        for part in _parts(table, collections):
            db.session.execute(text(part))

    def write(self, generation: Generation, document: Document, model: str, vectors: Vectors) -> None:
        refuse_wrong(generation, model, vectors.shape[1])
        write_chunks(generation, document, [b""] * len(vectors))
        table = vectors_table(generation.id, generation.dims)
        of = {"collection": document.collection, "doc_id": document.doc_id}
        pairs = zip(document.chunks, vectors, strict=True)
        if rows := [of | {"chunk": chunk.number, "embedding": vector} for chunk, vector in pairs]:
            new = insert(table)
            updated = {"embedding": new.excluded.embedding}
            db.session.execute(new.on_conflict_do_update(index_elements=table.primary_key, set_=updated), rows)
        db.session.execute(delete(table).filter_by(**of).where(table.c.chunk >= len(rows)))

    def remove(self, generation: Generation, collection: str, doc_id: int) -> None:
        if remove_chunks(generation, collection, doc_id):
            table = vectors_table(generation.id, generation.dims)
            db.session.execute(delete(table).filter_by(collection=collection, doc_id=doc_id))

    def nearest(
        self, generation: Generation, vector: Vectors, limit: int, collections: Collection[str] = ()
    ) -> list[Near]:
        refuse_length(generation, vector)
        with _if_there() as there:
            there += _nearest(vectors_table(generation.id, generation.dims), vector, limit, collections)
        return there

    def vectors_of(self, generation: Generation, collection: str, doc_id: int) -> Vectors:
        table = vectors_table(generation.id, generation.dims)
        kept = select(table.c.embedding).filter_by(collection=collection, doc_id=doc_id).order_by(table.c.chunk)
        with _if_there() as there:
            there += db.session.scalars(kept)
        return np.array(there, np.float32).reshape(len(there), generation.dims)

    def drop(self, generation: Generation) -> None:
        drop_chunks(generation)
        db.session.execute(select(func.set_config("lock_timeout", PATIENCE, True)))
        vectors_table(generation.id, generation.dims).drop(db.session.connection(), checkfirst=True)


@contextmanager
def _if_there() -> Iterator[list[Any]]:
    """What is read of a table; nothing, when another generation has taken its place since the caller looked."""
    there: list[Any] = []
    try:
        with reading_together():
            yield there
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != UNDEFINED_TABLE:
            raise
        there.clear()


@lru_cache(8)
def vectors_table(generation_id: int, dims: int) -> Table:
    name = f"search_vectors_{generation_id}"
    table = Table(
        name,
        MetaData(),
        Column("collection", String(50), primary_key=True),
        Column("doc_id", BigInteger, primary_key=True, autoincrement=False),
        Column("chunk", Integer, primary_key=True, autoincrement=False),
        Column("embedding", HALFVEC(dims), nullable=False),
        postgresql_partition_by="LIST (collection)",
    )
    # By the product, as all are of length 1 or 0: the index of angles has no place for those of 0.
    Index(
        f"ix_{name}_embedding",
        table.c.embedding,
        postgresql_using="hnsw",
        postgresql_with=HNSW,
        postgresql_ops={"embedding": "halfvec_ip_ops"},
    )
    return table


def _parts(table: Table, collections: Iterable[str]) -> Iterator[str]:
    for number, collection in enumerate(collections):
        value = literal(collection).compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
        yield f"CREATE TABLE {table.name}_{number} PARTITION OF {table.name} FOR VALUES IN ({value})"
    yield f"CREATE TABLE {table.name}_rest PARTITION OF {table.name} DEFAULT"  # of collections that come later


def _nearest(table: Table, vector: Vectors, limit: int, collections: Collection[str]) -> list[Near]:
    distance = table.c.embedding.max_inner_product(vector)  # the product, negative
    found = select(distance, table.c.collection, table.c.doc_id, table.c.chunk).order_by(distance).limit(limit)
    if collections:
        found = found.where(table.c.collection.in_(collections))
    db.session.execute(_how_far(limit))
    near = [Near(-row[0], *row[1:]) for row in db.session.execute(found)]
    return sorted(near, key=lambda each: (-each.score, each[1:]))


def _how_far(limit: int) -> Select[Any]:
    """Until this transaction ends."""
    candidates = min(MOST_CANDIDATES, max(CANDIDATES, limit))
    said = {"iterative_scan": "relaxed_order", "ef_search": candidates, "max_scan_tuples": MOST_LOOKED_AT}
    return select(*(func.set_config(f"hnsw.{name}", str(value), True) for name, value in said.items()))


def version() -> tuple[int, ...] | None:
    """Of the extension in this database; None without it."""
    if not is_postgresql():
        return None
    found = db.session.scalar(
        text("SELECT extversion FROM pg_extension WHERE extname = 'vector' AND to_regtype('halfvec') IS NOT NULL")
    )
    return tuple(map(int, found.split(".")[:3])) if found else None


def is_usable(dims: int) -> bool:
    there = version()
    return there is not None and there >= OLDEST and dims <= MOST_DIMS

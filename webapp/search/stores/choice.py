"""Which store a generation is begun in, and why that one."""

from __future__ import annotations

from flask import current_app

from webapp.database import is_postgresql
from webapp.search.rows import DATABASE, PGVECTOR, UPSTASH, Generation
from webapp.search.stores import pgvector
from webapp.search.stores.base import REBUILD

NAMES = {DATABASE: "our database, compared in memory", PGVECTOR: "PostgreSQL, with pgvector", UPSTASH: "Upstash Vector"}


def kind_for_new(dims: int) -> str:
    if current_app.config["SETTINGS"].upstash_vector_rest_url:
        return UPSTASH
    return PGVECTOR if pgvector.is_usable(dims) else DATABASE


def why(dims: int) -> str:
    """What a new generation would be begun in, in words for an admin."""
    if kind_for_new(dims) == UPSTASH:
        return "Vectors are at Upstash Vector, as UPSTASH_VECTOR_REST_URL says."
    there = pgvector.version()
    if pgvector.is_usable(dims):
        return f"Vectors are compared by pgvector {_dotted(there)}, in PostgreSQL."
    in_memory = "Vectors are compared in the memory of each process, which is quick for up to 100,000 parts of texts"
    if not is_postgresql():
        return f"{in_memory}; with more, use PostgreSQL and its extension vector."
    if there is None:
        return (
            f"{in_memory}: this database has no extension vector. "
            f"With more, have an owner of it run: CREATE EXTENSION vector; and then: flask search reindex"
        )
    if there < pgvector.OLDEST:
        return (
            f"{in_memory}: the extension vector is {_dotted(there)}, and {_dotted(pgvector.OLDEST)} is needed. "
            f"Have an owner of the database run: ALTER EXTENSION vector UPDATE; and then: flask search reindex"
        )
    return f"{in_memory}: pgvector has no index of vectors of over {pgvector.MOST_DIMS:,} numbers."


def _dotted(version: tuple[int, ...] | None) -> str:
    return ".".join(map(str, version or ()))


def elsewhere(generation: Generation) -> str | None:
    """In words, when this generation is in another store than a new one would be."""
    wanted = kind_for_new(generation.dims)
    if generation.store == wanted:
        return None
    return f"The index is in {NAMES[generation.store]}; a new one would be in {NAMES[wanted]}. {REBUILD}"

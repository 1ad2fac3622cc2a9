"""Where vectors are kept, and how the nearest are found."""

from __future__ import annotations

from collections.abc import Collection

from webapp.search.embedders.base import Vectors
from webapp.search.rows import DATABASE, PGVECTOR, Generation
from webapp.search.stores.base import Document, Near, Store, StoreError, TooLarge, WrongVectors
from webapp.search.stores.database import DatabaseStore
from webapp.search.stores.pgvector import PgvectorStore

__all__ = ["Document", "Near", "Store", "StoreError", "TooLarge", "WrongVectors", "store", "store_of"]

STORES: dict[str, Store] = {DATABASE: DatabaseStore(), PGVECTOR: PgvectorStore()}


def store_of(generation: Generation) -> Store:
    return STORES[generation.store]


class EachInItsOwn:
    """A generation stays where it was begun, whatever would be chosen for a new one."""

    def begin(self, generation: Generation) -> None:
        store_of(generation).begin(generation)

    def write(self, generation: Generation, document: Document, model: str, vectors: Vectors) -> None:
        store_of(generation).write(generation, document, model, vectors)

    def remove(self, generation: Generation, collection: str, doc_id: int) -> None:
        store_of(generation).remove(generation, collection, doc_id)

    def nearest(
        self, generation: Generation, vector: Vectors, limit: int, collections: Collection[str] = ()
    ) -> list[Near]:
        return store_of(generation).nearest(generation, vector, limit, collections)

    def drop(self, generation: Generation) -> None:
        store_of(generation).drop(generation)


def store() -> Store:
    return EachInItsOwn()

"""Where vectors are kept, and how the nearest are found."""

from __future__ import annotations

from webapp.search.rows import DATABASE, PGVECTOR, UPSTASH, Generation
from webapp.search.stores.base import Away, Document, Near, Store, StoreError, TooLarge, WrongVectors
from webapp.search.stores.choice import kind_for_new
from webapp.search.stores.database import DatabaseStore
from webapp.search.stores.pgvector import PgvectorStore
from webapp.search.stores.upstash import UpstashStore

__all__ = ["Away", "Document", "Near", "Store", "StoreError", "TooLarge", "WrongVectors", "store_for_new", "store_of"]

STORES: dict[str, Store] = {DATABASE: DatabaseStore(), PGVECTOR: PgvectorStore(), UPSTASH: UpstashStore()}


def store_of(generation: Generation) -> Store:
    """It stays where it was begun, whatever would be chosen for a new one."""
    return STORES[generation.store]


def store_for_new(dims: int) -> Store:
    return STORES[kind_for_new(dims)]

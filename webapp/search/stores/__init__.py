"""Where vectors are kept, and how the nearest are found."""

from webapp.search.stores.base import Document, Near, Store, TooLarge, WrongVectors
from webapp.search.stores.database import DatabaseStore

__all__ = ["DatabaseStore", "Document", "Near", "Store", "TooLarge", "WrongVectors", "store"]


def store() -> Store:
    return DatabaseStore()

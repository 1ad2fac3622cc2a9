"""The vectors of one generation in the memory of a process, one below the other."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any

import numpy as np

from webapp.search.embedders.base import Vectors
from webapp.search.stores.base import Near

Owner = tuple[str, int, int]  # collection, document and number of the chunk
Changed = Callable[[int, int], tuple[list[tuple[str, int]], Iterable[Any]]]
FIRST_ROWS = 256


class Matrix:
    """Rows that became free are used again, so it is never larger than the index was at its largest."""

    def __init__(self, generation_id: int, dims: int) -> None:
        self.generation_id = generation_id
        self._lock = threading.Lock()
        self._dims = dims
        self._begin()

    def _begin(self) -> None:
        self._seen = -1
        self._vectors = np.zeros((FIRST_ROWS, self._dims), np.float32)
        self._owners: list[Owner | None] = []
        self._free: list[int] = []
        self._rows: dict[tuple[str, int], list[int]] = defaultdict(list)

    def is_at(self, changes: int) -> bool:
        """It has taken over what changed until this count, and nothing later."""
        return self._seen == changes

    def follow(self, changes: int, changed_since: Changed) -> None:
        """Take over what changed until this count; all of it anew, if the count went back with a restored database."""
        with self._lock:
            if changes < self._seen:
                self._begin()
            if changes > self._seen:
                documents, chunks = changed_since(self.generation_id, self._seen)
                for document in documents:
                    self._forget(document)
                for collection, doc_id, chunk, vector in chunks:
                    self._put((collection, doc_id, chunk), np.frombuffer(vector, "<f4"))
                self._seen = changes

    def _forget(self, document: tuple[str, int]) -> None:
        for row in self._rows.pop(document, ()):
            self._owners[row] = None
            self._free.append(row)

    def _put(self, owner: Owner, vector: Vectors) -> None:
        row = self._free.pop() if self._free else self._new_row()
        self._vectors[row], self._owners[row] = vector, owner
        self._rows[owner[:2]].append(row)

    def _new_row(self) -> int:
        self._owners.append(None)
        if len(self._owners) > len(self._vectors):
            self._vectors = np.concatenate([self._vectors, np.zeros_like(self._vectors)])
        return len(self._owners) - 1

    def nearest(self, vector: Vectors, limit: int, collections: Collection[str]) -> list[Near]:
        with self._lock:
            scores = self._vectors[: len(self._owners)] @ vector
            wanted = self._wanted(collections)
            scores[~wanted] = -np.inf
            count = min(limit, int(wanted.sum()))
            best = np.argpartition(-scores, count - 1)[:count] if count else np.array([], int)
            found = [Near(float(scores[row]), *owner) for row in best if (owner := self._owners[row])]
        return sorted(found, key=lambda near: (-near.score, near[1:]))

    def _wanted(self, collections: Collection[str]) -> Any:
        if not collections:
            return np.fromiter((owner is not None for owner in self._owners), bool, len(self._owners))
        wanted = (owner is not None and owner[0] in collections for owner in self._owners)
        return np.fromiter(wanted, bool, len(self._owners))

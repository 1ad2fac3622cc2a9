"""What every store is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from webapp.search.chunking import Chunk
from webapp.search.embedders.base import Vectors
from webapp.search.rows import Generation

REBUILD = "Run: flask search reindex"


class StoreError(Exception):
    """Vectors can't be kept or compared; the words say why, and the way out."""


class WrongVectors(StoreError):
    """They are of another model or length than the index."""


class TooLarge(StoreError):
    """The index does not fit into the memory that a process may take for it."""


@dataclass(frozen=True)
class Document:
    """Of a collection, as it is put into a generation."""

    collection: str
    doc_id: int
    content_hash: str
    chunks: Sequence[Chunk]

    def chunk_id(self, number: int) -> str:
        return f"{self.collection}-{self.doc_id}-{number}"


class Near(NamedTuple):
    score: float  # 1 for the same direction, 0 for none in common
    collection: str
    doc_id: int
    chunk: int


class Store(Protocol):
    """All of it in the caller's transaction, who holds the generation when writing."""

    def begin(self, generation: Generation) -> None:
        """Make room for a new one."""

    def write(self, generation: Generation, document: Document, model: str, vectors: Vectors) -> None:
        """Put its chunks there, and only then take away what it had more before. Raises WrongVectors."""

    def remove(self, generation: Generation, collection: str, doc_id: int) -> None:
        """What is not there is no harm."""

    def nearest(
        self, generation: Generation, vector: Vectors, limit: int, collections: Collection[str] = ()
    ) -> list[Near]:
        """Chunks, the nearest first; of all collections, when none is named. Raises WrongVectors, TooLarge."""

    def drop(self, generation: Generation) -> None:
        """Everything in it."""


def refuse_wrong(generation: Generation, model: str, dims: int) -> None:
    """Raises WrongVectors."""
    if (generation.model, generation.dims) != (model, dims):
        raise WrongVectors(
            f"The search index was made with {generation.model} ({generation.dims} numbers a text), "
            f"and {model} ({dims}) is set now. {REBUILD}"
        )


def refuse_length(generation: Generation, vector: Vectors) -> None:
    """Raises WrongVectors."""
    if vector.shape != (generation.dims,):
        raise WrongVectors(f"A question of {vector.shape} numbers was asked of an index of {generation.dims}.")

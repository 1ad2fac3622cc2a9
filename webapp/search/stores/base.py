"""What every store is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from webapp.search.chunking import Chunk
from webapp.search.embedders.base import Vectors
from webapp.search.rows import Generation

REBUILD = "Run: flask search reindex"


class StoreError(Exception):
    """Vectors can't be kept or compared; the words say why, and the way out."""


class Away(StoreError):
    """It is busy or can't be reached: it may go another time."""


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


class Sent(NamedTuple):
    """Of which document, in which version, chunks are elsewhere."""

    collection: str
    doc_id: int
    content_hash: str


class Near(NamedTuple):
    score: float  # 1 for the same direction, 0 for none in common
    collection: str
    doc_id: int
    chunk: int


class Store(Protocol):
    """What is kept in our database, and read from there, in the caller's transaction, who holds the generation when
    writing; and what is kept in another program, before or after it. All of it may raise StoreError.
    """

    elsewhere: bool  # vectors are in another program

    def check(self, dims: int) -> None:
        """Without a transaction: can vectors of this length be kept there?"""

    def begin(self, generation: Generation, collections: Iterable[str]) -> None:
        """Make room for a new one. Others than these may come later."""

    def send(self, generation: Generation, document: Document, model: str, vectors: Vectors) -> None:
        """Before write(), and without a transaction: what is kept elsewhere. Doing it again is no harm."""

    def write(self, generation: Generation, document: Document, model: str, vectors: Vectors) -> None:
        """Put its chunks there, and only then take away what it had more before. Raises WrongVectors."""

    def withdraw(self, generation: Generation, collection: str, doc_id: int) -> None:
        """As send() for remove()."""

    def remove(self, generation: Generation, collection: str, doc_id: int) -> None:
        """What is not there is no harm."""

    def nearest(
        self, generation: Generation, vector: Vectors, limit: int, collections: Collection[str] = ()
    ) -> list[Near]:
        """Chunks, the nearest first; of all collections, when none is named. Raises WrongVectors, TooLarge."""

    def vectors_of(self, generation: Generation, collection: str, doc_id: int) -> Vectors:
        """A row for each chunk of a document that can be read at once; none, where there are none."""

    def drop(self, generation: Generation) -> None:
        """Everything in it."""

    def clear(self, generations: Sequence[Generation]) -> None:
        """After drop() is committed: what is left of them elsewhere. Doing it again is no harm."""

    def sent(self, generation: Generation) -> set[Sent]:
        """What there is elsewhere."""


class InOurDatabase:
    """A store whose vectors are written in the transaction that notes them."""

    elsewhere = False

    def check(self, dims: int) -> None:
        pass

    def begin(self, generation: Generation, collections: Iterable[str]) -> None:
        pass

    def send(self, generation: Generation, document: Document, model: str, vectors: Vectors) -> None:
        pass

    def withdraw(self, generation: Generation, collection: str, doc_id: int) -> None:
        pass

    def clear(self, generations: Sequence[Generation]) -> None:
        pass

    def sent(self, generation: Generation) -> set[Sent]:
        return set()


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

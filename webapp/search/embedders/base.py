"""What every embedder is, and what it may raise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


class Embedder(Protocol):
    model: str  # vectors of one model mean nothing to another
    dims: int
    alike: float  # how near two documents are at least that have something to do with each other
    floor: float  # how near a text must be at least to a question, so that nonsense finds nothing

    def __hash__(self) -> int: ...

    def embed(self, texts: Sequence[str], *, within: float | None = None) -> Vectors:
        """A row for each, of length 1; `within` so many seconds, if somebody waits for it. Raises EmbedderError."""


class EmbedderError(Exception):
    """No vectors could be made; the words say why."""


class TryAgainLater(EmbedderError):
    """It is busy or away; `after` are the seconds it asked for, where it did."""

    def __init__(self, words: str, after: float | None = None) -> None:
        super().__init__(words)
        self.after = after


class WrongDims(EmbedderError):
    """It answers with vectors of another length than it was set to."""


class NotInstalled(EmbedderError):
    """The package that speaks to it is not there; the words say how to install it."""


def normalised(rows: Any) -> Vectors:
    """Each of length 1, so that the product of two is how near they are; one of zeros stays so."""
    vectors = np.asarray(rows, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)

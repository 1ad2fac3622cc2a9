"""An embedder that speaks OpenAI's protocol: theirs, or any server that understands it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from webapp.search.embedders.base import EmbedderError, NotInstalled, TryAgainLater, Vectors, WrongDims, normalised
from webapp.search.openai_service import Service

BATCH = 64  # texts in one request
TIME_LIMIT = 20.0  # seconds until an answer is there


class OpenAI:
    floor, alike = 0.2, 0.4  # of few trials; what other servers answer may need others

    def __init__(
        self, api_key: str, base_url: str | None, model: str, dims: int, *, time_limit: float = TIME_LIMIT
    ) -> None:
        self.model = model
        self.dims = dims
        self._time_limit = time_limit
        self._service = Service(
            "The embedding service", api_key, base_url, EmbedderError, TryAgainLater, _not_installed
        )

    def embed(self, texts: Sequence[str], *, within: float | None = None) -> Vectors:
        limit = min(within or self._time_limit, self._time_limit)
        parts = [self._ask(list(texts[at : at + BATCH]), limit) for at in range(0, len(texts), BATCH)]
        return normalised(np.vstack(parts)) if parts else np.zeros((0, self.dims), np.float32)

    def _ask(self, texts: list[str], time_limit: float) -> Any:
        with self._service.called() as client:
            answer = client.embeddings.create(
                model=self.model, input=texts, dimensions=self.dims, encoding_format="float", timeout=time_limit
            )
        rows = [each.embedding for each in sorted(answer.data or (), key=lambda each: each.index)]
        self._check(rows, len(texts))
        return rows

    def _check(self, rows: list[list[float]], wanted: int) -> None:
        if len(rows) != wanted:
            raise EmbedderError(f"The embedding service answered {len(rows)} of {wanted} texts.")
        for row in rows:
            if len(row) != self.dims:
                raise WrongDims(
                    f"The embedding service answers with {len(row)} numbers a text, and EMBEDDING_DIMS is {self.dims}. "
                    "Set EMBEDDING_DIMS or EMBEDDING_MODEL, and run: flask search reindex"
                )
            if not all(map(math.isfinite, row)):
                raise EmbedderError("The embedding service answered with something that is no number.")


def _not_installed() -> NotInstalled:
    return NotInstalled(
        "OPENAI_API_KEY is set, but the package openai is not installed. "
        "Install gallerist[openai], or set EMBEDDER to local."
    )

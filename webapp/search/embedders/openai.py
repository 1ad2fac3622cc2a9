"""An embedder that speaks OpenAI's protocol: theirs, or any server that understands it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from webapp.search.embedders.base import EmbedderError, NotInstalled, TryAgainLater, Vectors, WrongDims, normalised

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
        self._access: dict[str, Any] = {"api_key": api_key, "base_url": base_url or None, "max_retries": 0}

    def embed(self, texts: Sequence[str], *, within: float | None = None) -> Vectors:
        limit = min(within or self._time_limit, self._time_limit)
        parts = [self._ask(list(texts[at : at + BATCH]), limit) for at in range(0, len(texts), BATCH)]
        return normalised(np.vstack(parts)) if parts else np.zeros((0, self.dims), np.float32)

    def _ask(self, texts: list[str], time_limit: float) -> Any:
        with self._in_words():
            answer = self._client.embeddings.create(
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

    @cached_property
    def _client(self) -> Any:
        """Raises NotInstalled."""
        try:
            import openai
        except ImportError:
            raise NotInstalled(
                "OPENAI_API_KEY is set, but the package openai is not installed. "
                "Install gallerist[openai], or set EMBEDDER to local."
            ) from None
        return openai.OpenAI(**self._access)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        _ = self._client  # so that what is missing is said before its errors are named
        import openai

        try:
            yield
        except (openai.RateLimitError, openai.InternalServerError) as error:
            raise TryAgainLater(
                f"The embedding service is busy ({error.status_code}).", retry_after(error.response.headers)
            ) from error
        except openai.APITimeoutError as error:
            raise TryAgainLater("The embedding service did not answer in time.") from error
        except openai.APIConnectionError as error:
            raise TryAgainLater("The embedding service can't be reached.") from error
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise EmbedderError("The embedding service refuses our key. Look at OPENAI_API_KEY.") from error
        except (openai.OpenAIError, ValueError) as error:
            raise EmbedderError(f"The embedding service refuses the request: {type(error).__name__}.") from error


def retry_after(headers: Any) -> float | None:
    """Seconds; None where it says nothing, or a date."""
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 3600 else None

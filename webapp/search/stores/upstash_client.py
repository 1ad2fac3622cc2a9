"""The client of Upstash Vector, with a time limit of ours, no tries of its own, and errors in words.

As it comes it waits ten minutes, tries again by itself, tells of the machine it runs on, and looks at no HTTP status.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import structlog
from flask import current_app

from webapp.search.stores.base import Away, StoreError

TIME_LIMIT = 10.0  # seconds until an answer is there; a search waits no longer either
REFUSED = (401, 403)

log = structlog.get_logger(__name__)


def connected() -> Any:
    """The client for what the settings name. Raises StoreError."""
    settings = current_app.config["SETTINGS"]
    if not settings.upstash_vector_rest_url:
        raise StoreError(
            "The search index is at Upstash Vector, and UPSTASH_VECTOR_REST_URL is not set any more. "
            "Set it again, or run: flask search reindex"
        )
    return _client(settings.upstash_vector_rest_url, settings.upstash_vector_rest_token, TIME_LIMIT)


@lru_cache(4)
def _client(url: str, token: str, time_limit: float) -> Any:
    """Nobody is called before the first request."""
    try:
        import httpx
        from upstash_vector import Index
    except ImportError:
        raise StoreError(
            "UPSTASH_VECTOR_REST_URL is set, but the package upstash-vector is not installed. "
            "Install gallerist[upstash], or unset it."
        ) from None

    class Client(Index):
        def __init__(self) -> None:
            super().__init__(url, token, retries=0, allow_telemetry=False)
            self._client.timeout = httpx.Timeout(time_limit)

        def _execute_request(self, payload: Any = "", path: str = "") -> Any:
            with _in_words():
                answer = self._client.post(f"{self._url}{path}", headers=self._headers, json=payload)
                return _result(answer.status_code, answer.json() if answer.is_success else answer.text)

    return Client()


@contextmanager
def _in_words() -> Iterator[None]:
    import httpx

    try:
        yield
    except httpx.TimeoutException as error:
        raise Away("Upstash Vector did not answer in time.") from error
    except httpx.TransportError as error:
        raise Away("Upstash Vector can't be reached. Look at UPSTASH_VECTOR_REST_URL.") from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise StoreError("What answers at UPSTASH_VECTOR_REST_URL is not Upstash Vector.") from error


def _result(status: int, body: Any) -> Any:
    """Raises StoreError."""
    if status == 429 or status >= 500:
        raise Away(f"Upstash Vector is busy ({status}).")
    if status in REFUSED:
        raise StoreError("Upstash Vector refuses our token. Look at UPSTASH_VECTOR_REST_TOKEN.")
    if isinstance(body, dict) and "result" in body and "error" not in body:
        return body["result"]
    log.warning("search.upstash_refused", status=status, answer=str(body)[:500])
    raise StoreError(f"Upstash Vector refuses the request ({status}); the log has what it says.")

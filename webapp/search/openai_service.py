"""A service that speaks OpenAI's protocol, and what its client raises in words: for vectors as for answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass
class Service:
    """Nobody is called before the first request, and no request is made twice: who asks decides about that."""

    name: str  # as in "The chat service"
    api_key: str
    base_url: str | None
    refused: Callable[[str], Exception]  # of words
    later: Callable[[str, float | None], Exception]  # of words, and of the seconds that it asked for
    not_installed: Callable[[], Exception]

    @contextmanager
    def called(self) -> Iterator[Any]:
        """The client; what it raises becomes one of ours."""
        client = self._client
        import openai

        try:
            yield client
        except (openai.RateLimitError, openai.InternalServerError) as error:
            after = retry_after(error.response.headers)
            raise self.later(f"{self.name} is busy ({error.status_code}).", after) from error
        except openai.APITimeoutError as error:
            raise self.later(f"{self.name} did not answer in time.", None) from error
        except openai.APIConnectionError as error:
            raise self.later(f"{self.name} can't be reached.", None) from error
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise self.refused(f"{self.name} refuses our key. Look at OPENAI_API_KEY.") from error
        except (openai.OpenAIError, ValueError) as error:
            raise self.refused(f"{self.name} refuses the request: {type(error).__name__}.") from error

    @cached_property
    def _client(self) -> Any:
        try:
            import openai
        except ImportError:
            raise self.not_installed() from None
        return openai.OpenAI(api_key=self.api_key, base_url=self.base_url or None, max_retries=0)


def retry_after(headers: Any) -> float | None:
    """Seconds; None where it says nothing, or a date."""
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 3600 else None

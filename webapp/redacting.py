"""Takes secrets out of text that is kept or printed: log lines, and what jobs say went wrong.

Nobody logs a secret on purpose. But libraries put addresses, headers and values into what they raise.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from config import Settings

INSTEAD = "[secret]"
SHORTEST = 8  # characters; to take out less would tear other words apart
NAMES = re.compile(r"(KEY|SECRET|TOKEN|PASSWORD|DSN)$")  # of variables in the environment
SHAPES = "|".join(
    (
        r"(?<=:)(?<!:/)[^\s/:@]+(?=@[\w.\[-])",  # the password of an address
        r"(?<=Bearer )\S+",
        r"(?:(?<=token=)|(?<=secret=)|(?<=password=))[^\s&\"']+",  # in a query
    )
)

_pattern = re.compile(SHAPES)


def know_secrets(settings: Settings, environment: Mapping[str, str] = os.environ) -> None:
    """From now on redacted() finds those of this process, wherever they stand."""
    global _pattern
    known = {secret for secret in secrets_of(settings, environment) if len(secret) >= SHORTEST}
    longest_first = sorted(known, key=len, reverse=True)
    _pattern = re.compile("|".join([*map(re.escape, longest_first), SHAPES]))


def secrets_of(settings: Settings, environment: Mapping[str, str]) -> Iterator[str]:
    yield from (settings.secret_key, settings.cron_secret)
    yield from (value for name, value in environment.items() if NAMES.search(name))
    for url in (settings.database_url, settings.redis_url, settings.s3_endpoint_url or ""):
        password = urlsplit(url).password or ""
        yield from (password, unquote(password))


def redacted(text: str) -> str:
    return _pattern.sub(INSTEAD, text)


def redact_line(_logger: Any, _method: str, line: Any) -> str:
    """For structlog, behind what renders the line."""
    return redacted(str(line))

"""Waiting for what is about to be true, and no longer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def wait_until(condition: Callable[[], Found], seconds: float = 60) -> Found:
    """Look again and again until it is true; what it said."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"Not within {seconds} seconds:{source_of(condition)}")
        time.sleep(0.02)
    return found


def source_of(condition: Callable[[], object]) -> str:
    code = getattr(condition, "__code__", None)
    return f" {code.co_filename}:{code.co_firstlineno}" if code else f" {condition!r}"

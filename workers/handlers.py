"""The functions behind the slugs of `webapp/jobs/catalog.py`; the modules of `workers/tasks` put them here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from workers.running import Running

Handler = Callable[[Any], Any]  # given the running job or step; what it returns is the output
Success = Callable[[Running, Any], None]  # given the output
Failure = Callable[[Running, str], None]  # given the error
Function = TypeVar("Function", bound=Callable[..., Any])

HANDLERS: dict[str, Handler] = {}
ON_SUCCESS: dict[str, Success] = {}
ON_FAIL: dict[str, Failure] = {}


def handles(slug: str) -> Callable[[Function], Function]:
    """The function does this task, or is this workflow."""
    return _put(HANDLERS, slug)


def on_success(slug: str) -> Callable[[Function], Function]:
    """The function is called after a job of this slug succeeded; what it raises is logged and changes nothing."""
    return _put(ON_SUCCESS, slug)


def on_fail(slug: str) -> Callable[[Function], Function]:
    """The same, after it failed for good."""
    return _put(ON_FAIL, slug)


def _put(functions: dict[str, Any], slug: str) -> Callable[[Function], Function]:
    def put(function: Function) -> Function:
        if slug in functions:
            raise ValueError(f"{slug} has two functions")
        functions[slug] = function
        return function

    return put

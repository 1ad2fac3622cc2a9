"""Who may queue, run and cancel jobs. Calls from inside the app pass, unless they ask to be checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from flask import Flask, current_app
from flask_login import current_user

Verb = Literal["queue", "run", "cancel"]
Allows = Callable[[], bool]


class AccessDenied(Exception):
    """Whoever asks may not do this; the message is for them."""


def an_editor_asks() -> bool:
    return bool(getattr(current_user, "may_edit", False))


def allow(app: Flask, **functions: Allows) -> None:
    """Set the functions for some of "queue", "run", "cancel"; the default lets editors."""
    _functions(app).update(functions)


def check(verb: Verb, *, override: bool) -> None:
    """Raises AccessDenied."""
    if not override and not _functions(current_app).get(verb, an_editor_asks)():
        raise AccessDenied(f"You may not {verb} jobs. Ask an admin for the role of editor or admin.")


def _functions(app: Flask) -> dict[str, Allows]:
    functions: dict[str, Allows] = app.extensions.setdefault("gallerist_job_access", {})
    return functions

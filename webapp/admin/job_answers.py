"""What comes after something was done to jobs: words, a way back, and an offer to undo it."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from webapp import jobs
from webapp.errors import answer_error
from webapp.jobs import AccessDenied, WrongState
from webapp.security import is_local_path, referring_path

MANY = 50  # more than a page of the list shows
UNDO = "cancelled_jobs"  # in the session: the ids that the next page about jobs offers to queue again


def refuse(denied: AccessDenied) -> ResponseReturnValue:
    return answer_error(403, str(denied))


def change(job_id: int, verb: Callable[..., None], reason: str, words: str) -> ResponseReturnValue:
    after = page_before() or url_for("jobs.show", job_id=job_id)
    try:
        verb(job_id, reason, override_access=False)
        flash(words, "success")
        if verb is jobs.cancel_by_id:
            offer_undo([job_id], after)
    except WrongState as forbidden:
        flash(str(forbidden), "warning")
    return redirect(after, 303)


def page_before() -> str | None:
    target = request.form.get("next")
    return target if target and is_local_path(target) else referring_path()


def offer_undo(ids: list[int], after: str) -> None:
    if len(ids) <= MANY and after.startswith("/admin/jobs"):
        session[UNDO] = ids


def undo_offered() -> list[int]:
    """Once."""
    ids: list[int] = session.pop(UNDO, [])
    return ids

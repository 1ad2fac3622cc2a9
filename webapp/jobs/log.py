"""Writing lines of jobs' histories, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import Table, insert

from webapp.database import db
from webapp.jobs.job import JobLog

LINES = cast(Table, JobLog.__table__)  # without the session's bookkeeping: a line is never looked at here
WRITE = insert(LINES)


def write(job_id: int, event: str, attempt: int, message: str | None = None, **more: Any) -> None:
    write_many([line(job_id, event, attempt, message, **more)])


def line(job_id: int, event: str, attempt: int, message: str | None = None, **more: Any) -> dict[str, Any]:
    words = message.replace("\0", "") if message else None  # PostgreSQL stores no NUL
    return {"job_id": job_id, "event": event, "attempt": attempt, "message": words, **more}


def write_many(lines: Iterable[dict[str, Any]]) -> None:
    """Each with the same columns as the first."""
    if found := list(lines):
        db.session.connection().execute(WRITE, found)

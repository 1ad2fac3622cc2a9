"""Asking for the same work on many things at once: a number of statements that hardly grows with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, insert, literal, literal_column, update
from sqlalchemy.sql.dml import ReturningInsert

from webapp.database import db, is_writing, utcnow
from webapp.jobs import doorbell, keys
from webapp.jobs import log as job_log
from webapp.jobs.catalog import find
from webapp.jobs.doorbell import Bell
from webapp.jobs.job import JOBS, Job
from webapp.jobs.policy import Task
from webapp.jobs.queue import checked_input, known_queue, slug_columns
from webapp.jobs.states import CANCELLED, QUEUED

AT_ONCE = 500  # keys in one statement
ONE_WAITS: ColumnElement[bool] = literal_column(  # as SQLAlchemy gives the new row no name of its own in SQLite
    "EXISTS (SELECT 1 FROM jobs AS older WHERE older.concurrency_key = jobs.concurrency_key"
    " AND older.status = 'queued' AND older.id < jobs.id)"
)
RETURNED = (
    JOBS.c.id,
    JOBS.c.queue,
    JOBS.c.priority,
    JOBS.c.subject,
    JOBS.c.concurrency_key,
    ONE_WAITS.label("one_waits"),
)


def queue_many(slug: str, asked: Sequence[tuple[dict[str, Any], str]], *, queue: str | None = None) -> None:
    """A job for each input, with its subject, in the caller's transaction; it replaces those that wait.

    For a task whose newer jobs replace older ones, and inputs with a key each. Two transactions that do it at once may
    leave two jobs waiting: the key keeps them apart, and the later finds it done. Raises UnknownTask, UnknownQueue,
    BadInput.
    """
    work = _that_replaces(slug)
    same = _columns_of(work, queue)
    rows = [same | _own_columns(work, given) | {"subject": subject} for given, subject in asked]
    by_key = {row["concurrency_key"]: row for row in rows}
    if by_key:
        queue_each(slug, insert(JOBS).returning(*RETURNED), list(by_key.values()))


def adding_each(slug: str, things: Select[Any], *, queue: str | None = None) -> ReturningInsert[Any]:
    """The statement that adds a job for each thing; `things` says the `input`, `subject` and `concurrency_key` of each.

    To be put together once: that takes longer than to run it.
    """
    same = _columns_of(_that_replaces(slug), queue)
    rows = things.add_columns(*(literal(value, JOBS.c[name].type).label(name) for name, value in same.items()))
    return insert(JOBS).from_select(rows.selected_columns.keys(), rows).returning(*RETURNED)


def queue_each(slug: str, adding: ReturningInsert[Any], given: Any) -> set[str]:
    """The same by one statement of adding_each(); the subjects of the jobs. Past the ORM, which takes twice as long."""
    if not is_writing():
        raise RuntimeError("Jobs for many are queued inside transaction()")
    db.session.flush()
    added = db.session.connection().execute(adding, given).all()
    for row in added:
        doorbell.ring_on_commit(Bell.for_row(slug, row.id, row.queue, row.priority, row.subject))
    newer = [(row.concurrency_key, row.id) for row in added if row.one_waits]
    for start in range(0, len(newer), AT_ONCE):
        _replace_older(dict(newer[start : start + AT_ONCE]))
    return {row.subject for row in added}


def _that_replaces(slug: str) -> Task:
    work = find(slug)
    if not (work.concurrency and work.concurrency.supersedes):
        raise RuntimeError(f"{slug} can't be queued for many: it replaces nothing")
    return work


def _columns_of(work: Task, queue: str | None) -> dict[str, Any]:
    """What all jobs of it have alike."""
    return {
        **slug_columns(work),
        "queue": known_queue(queue or work.queue),
        "priority": work.priority,
        "exclusive": keys.is_exclusive(work.concurrency),
    }


def _own_columns(work: Task, given: dict[str, Any]) -> dict[str, Any]:
    checked = checked_input(work, given)
    return {"input": checked, "concurrency_key": keys.key_of(work.concurrency, checked)}


def _replace_older(ids: dict[str, int]) -> None:
    """Cancel whatever waits with these keys but for these jobs; of another transaction, what it has committed."""
    newer = {key: f"Replaced by job {job_id}." for key, job_id in ids.items()}
    older = (Job.concurrency_key.in_(newer), Job.status == QUEUED, Job.id.not_in(ids.values()))
    reason = case(newer, value=Job.concurrency_key)
    values: dict[str, Any] = {"status": CANCELLED, "reason": reason, "completed_at": utcnow()}
    replaced = update(Job).where(*older).values(values).returning(Job.id, Job.total_tried, Job.concurrency_key)
    rows = db.session.execute(replaced.execution_options(synchronize_session=False)).all()
    job_log.write_many(
        {"job_id": job_id, "event": "cancelled", "attempt": tried, "message": newer[str(key)]}
        for job_id, tried, key in rows
    )

"""Asking for the same work on many things at once: a number of statements that hardly grows with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Table, case, insert, update

from webapp.database import db, is_writing, utcnow
from webapp.jobs import doorbell, keys
from webapp.jobs import log as job_log
from webapp.jobs.catalog import find
from webapp.jobs.job import Job
from webapp.jobs.policy import Task
from webapp.jobs.queue import checked_input, known_queue, slug_columns
from webapp.jobs.states import CANCELLED, QUEUED

AT_ONCE = 500  # keys in one statement
JOBS = cast(Table, Job.__table__)
ADDED = insert(JOBS).returning(JOBS.c.concurrency_key, JOBS.c.id)  # for one job, half of what the ORM takes


def queue_many(
    slug: str, asked: Sequence[tuple[dict[str, Any], str]], *, queue: str | None = None, replaces: bool = True
) -> None:
    """A job for each input, with its subject, in the caller's transaction; it replaces those that wait.

    Not `replaces`: the caller knows that none waits. For a task whose newer jobs replace older ones, and inputs with a
    key each. Two transactions that do it at once may leave two jobs waiting: the key keeps them apart, and the later
    finds it done. Raises UnknownTask, UnknownQueue, BadInput.
    """
    work = find(slug)
    if not (work.concurrency and work.concurrency.supersedes and is_writing()):
        raise RuntimeError(f"{slug} can't be queued for many: it replaces nothing, or there is no transaction()")
    rows = {(row := _row_of(work, given, subject, queue))["concurrency_key"]: row for given, subject in asked}
    db.session.flush()
    ids: dict[str, int] = dict(db.session.connection().execute(ADDED, list(rows.values())).all())
    for key, job_id in ids.items():
        doorbell.ring_on_commit(Job(id=job_id, **rows[key]))
    keys_and_ids = list(ids.items())
    for start in range(0, len(ids) if replaces else 0, AT_ONCE):
        _replace_older(dict(keys_and_ids[start : start + AT_ONCE]))


def _row_of(work: Task, given: dict[str, Any], subject: str, queue: str | None) -> dict[str, Any]:
    assert work.concurrency
    checked = checked_input(work, given)
    return {
        **slug_columns(work),
        "input": checked,
        "queue": known_queue(queue or work.queue),
        "priority": work.priority,
        "subject": subject,
        "concurrency_key": keys.key_of(work.concurrency, checked),
        "exclusive": work.concurrency.exclusive,
    }


def _replace_older(ids: dict[str, int]) -> None:
    """Cancel whatever waits with these keys but for these jobs; of another transaction, what it has committed."""
    newer = {key: f"Replaced by job {job_id}." for key, job_id in ids.items()}
    older = (Job.concurrency_key.in_(newer), Job.status == QUEUED, Job.id.not_in(ids.values()))
    reason = case(newer, value=Job.concurrency_key)
    values: dict[str, Any] = {"status": CANCELLED, "reason": reason, "wait_until": None, "completed_at": utcnow()}
    replaced = update(Job).where(*older).values(values).returning(Job.id, Job.total_tried, Job.concurrency_key)
    rows = db.session.execute(replaced.execution_options(synchronize_session=False)).all()
    job_log.write_many(
        {"job_id": job_id, "event": "cancelled", "attempt": tried, "message": newer[str(key)]}
        for job_id, tried, key in rows
    )

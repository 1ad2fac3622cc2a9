"""Asking for the same work on many things at once: a number of statements that hardly grows with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, case, select, update

from webapp.database import db, is_writing, utcnow
from webapp.jobs import doorbell, keys
from webapp.jobs import log as job_log
from webapp.jobs.catalog import find
from webapp.jobs.job import Job
from webapp.jobs.queue import checked_input, known_queue, slug_columns
from webapp.jobs.states import CANCELLED, QUEUED

AT_ONCE = 500  # keys in one statement
WAITING = (  # composed once, and nearly always all that is needed
    select(Job.id)
    .where(Job.concurrency_key.in_(bindparam("keys", expanding=True)), Job.status == QUEUED)
    .where(Job.id.not_in(bindparam("ids", expanding=True)))
    .limit(1)
)


def queue_many(
    slug: str, asked: Sequence[tuple[dict[str, Any], str]], *, queue: str | None = None, replaces: bool = True
) -> list[Job]:
    """A job for each input, with its subject, in the caller's transaction; it replaces those that wait.

    Not `replaces`: the caller knows that none can wait. An upload need not look for them.
    For a task whose newer jobs replace older ones. Two transactions that do it at once may leave two jobs waiting: the
    key keeps them apart, and the later finds it done. Raises UnknownTask, UnknownQueue, BadInput.
    """
    work = find(slug)
    if not (work.concurrency and work.concurrency.supersedes and is_writing()):
        raise RuntimeError(f"{slug} can't be queued for many: it replaces nothing, or there is no transaction()")
    jobs = [
        Job(
            **slug_columns(work),
            input=(checked := checked_input(work, given)),
            queue=known_queue(queue or work.queue),
            priority=work.priority,
            subject=subject,
            meta={},
            concurrency_key=keys.key_of(work.concurrency, checked),
            exclusive=work.concurrency.exclusive,
        )
        for given, subject in asked
    ]
    db.session.add_all(jobs)
    db.session.flush()
    for job in jobs:
        doorbell.ring_on_commit(job)
    for start in range(0, len(jobs) if replaces else 0, AT_ONCE):
        _replace_older(jobs[start : start + AT_ONCE])
    return jobs


def _replace_older(jobs: Sequence[Job]) -> None:
    """Cancel whatever waits with their keys; of another transaction, what it has committed."""
    newer = {job.concurrency_key: f"Replaced by job {job.id}." for job in jobs}
    ids = [job.id for job in jobs]
    if db.session.scalar(WAITING, {"keys": list(newer), "ids": ids}) is None:
        return
    older = (Job.concurrency_key.in_(newer), Job.status == QUEUED, Job.id.not_in(ids))
    reason = case(newer, value=Job.concurrency_key)
    values: dict[str, Any] = {"status": CANCELLED, "reason": reason, "wait_until": None, "completed_at": utcnow()}
    replaced = update(Job).where(*older).values(values).returning(Job.id, Job.total_tried, Job.concurrency_key)
    rows = db.session.execute(replaced.execution_options(synchronize_session=False)).all()
    job_log.write_many(
        {"job_id": job_id, "event": "cancelled", "attempt": tried, "message": newer[key]} for job_id, tried, key in rows
    )

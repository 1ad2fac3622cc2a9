"""What may be claimed now, and concurrency keys: one at a time, the newest only, or one for all."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import BindParameter, ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased

from webapp.database import db, is_postgresql, on_commit, utcnow
from webapp.jobs import doorbell
from webapp.jobs import log as job_log
from webapp.jobs.doorbell import Bell
from webapp.jobs.job import Job, PausedQueue
from webapp.jobs.policy import Concurrency
from webapp.jobs.states import CANCELLED, QUEUED, RUNNING

log = structlog.get_logger(__name__)

Now = datetime | BindParameter[datetime]
LONGEST_KEY = 200  # characters that its column holds; of a longer one its hash is kept


def is_due(job: type[Job], now: Now) -> ColumnElement[bool]:
    return and_(job.status == QUEUED, or_(job.wait_until.is_(None), job.wait_until <= now))


def due_since(job: type[Job]) -> ColumnElement[datetime]:
    """The moment from which it could be claimed: never before it was queued, however long ago it should have begun."""
    return case((job.wait_until > job.created_at, job.wait_until), else_=job.created_at)


def is_open(job: type[Job]) -> ColumnElement[bool]:
    """Its queue is not paused."""
    return ~select(PausedQueue.queue).where(PausedQueue.queue == job.queue).exists()


def is_free(now: Now) -> ColumnElement[bool]:
    """Nobody of its key runs, and none that could be claimed now comes before it."""
    other = aliased(Job)
    same = other.concurrency_key == Job.concurrency_key
    before = or_(other.priority > Job.priority, and_(other.priority == Job.priority, other.id < Job.id))
    running = select(other.id).where(same, other.exclusive, other.status == RUNNING).exists()
    earlier = select(other.id).where(same, other.exclusive, is_due(other, now), is_open(other), before).exists()
    return or_(~Job.exclusive, and_(~running, ~earlier))


def ring_next(key: str | None) -> None:
    """The key will be free once the running transaction is committed: then ring for the next job that waits for it.

    Not before: a job that is queued in this very moment would not be seen here, and its own ring would be answered
    while the key is still busy.
    """
    if key is not None:
        on_commit(partial(_ring_first, key))


def _ring_first(key: str) -> None:
    waiting = select(Job).where(Job.concurrency_key == key, Job.exclusive, is_due(Job, utcnow()), is_open(Job))
    try:
        job = db.session.scalar(waiting.order_by(Job.priority.desc(), Job.id).limit(1))
    except SQLAlchemyError as error:  # what was committed stays so; the next sweep rings
        log.warning("keys.not_rung", key=key, error=str(error))
        return
    if job is not None:
        doorbell.ring([replace(Bell.of(job), may_wait=True)])


def lock(key: str) -> None:
    """Let two transactions that queue for one key go one after the other. SQLite has one writer anyway."""
    if is_postgresql():
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def one_that_waits(newer: Job) -> Job | None:
    """A job for the same work that nobody has claimed, and that nobody can until this transaction ends."""
    same = (Job.task_slug == newer.task_slug, Job.workflow_slug == newer.workflow_slug)
    waiting = select(Job).where(*same, Job.concurrency_key == newer.concurrency_key, Job.status == QUEUED)
    return db.session.scalar(waiting.order_by(Job.id).limit(1).with_for_update())


def replace_older(job: Job) -> None:
    """Cancel whatever waits with the key of this newer job."""
    older = (Job.concurrency_key == job.concurrency_key, Job.status == QUEUED, Job.id != job.id)
    reason = f"Replaced by job {job.id}."
    values: dict[str, Any] = {"status": CANCELLED, "reason": reason, "completed_at": utcnow()}
    replaced = update(Job).where(*older).values(values).returning(Job.id, Job.total_tried)
    rows = db.session.execute(replaced.execution_options(synchronize_session=False)).all()
    job_log.write_many(
        {"job_id": job_id, "event": "cancelled", "attempt": tried, "message": reason} for job_id, tried in rows
    )


def key_of(concurrency: Concurrency | None, input: dict[str, Any]) -> str | None:
    if concurrency is None:
        return None
    key = concurrency.key(input)
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def is_exclusive(concurrency: Concurrency | None) -> bool:
    return concurrency is not None and concurrency.exclusive

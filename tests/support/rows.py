"""Rows of jobs in any state, and what lies in Redis; for tests of the job layer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from webapp.database import db, transaction, utcnow
from webapp.extensions import redis_client
from webapp.jobs import lease
from webapp.jobs.doorbell import waiting_rq_ids
from webapp.jobs.job import Job

SYNC = "syncMediaToGalleries"


def fresh(job: Job) -> Job:
    """The row as it is now."""
    db.session.rollback()
    return db.session.get_one(Job, job.id, populate_existing=True)


def events(job: Job) -> list[str]:
    return [line.event for line in fresh(job).log]


def claimed(job: Job) -> lease.Claim:
    held = lease.claim(job.id, "a worker")
    assert held is not None
    return held


def change(job: Job, **values: Any) -> None:
    with transaction() as session:
        session.execute(update(Job).where(Job.id == job.id).values(**values))


def age(job: Job, **ago: float) -> None:
    """Make it look as if it had been queued that long ago."""
    change(job, created_at=utcnow() - timedelta(**ago))


def let_lease_end(job: Job) -> None:
    change(job, lease_until=utcnow() - timedelta(seconds=1))


def rings(queue_name: str = "default") -> set[str]:
    return waiting_rq_ids(queue_name)


def silence() -> None:
    """Redis forgets everything."""
    redis_client().flushall()

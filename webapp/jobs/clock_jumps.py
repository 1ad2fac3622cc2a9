"""When the machine's clock jumps: no healthy job is taken from its worker early, and nothing waits for the old time."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from flask import current_app
from sqlalchemy import update

from webapp.database import db
from webapp.jobs.job import Job
from webapp.jobs.states import QUEUED, RUNNING

log = structlog.get_logger(__name__)

HELD = "held"  # in the report of a sweep: running jobs that got a new lease because of a jump


def hold_leases_after_jump(last: datetime | None, now: datetime, *, held_before: bool) -> int:
    """Give each running job a new lease when the clock has jumped since the last sweep; how many.

    In the caller's transaction. Who works renews it, who died is rescued one lease later. A long pause without sweeps
    looks like a jump forward; `held_before` keeps rare sweeps from holding what is dead again and again.
    """
    if last is None or not (now < last or (_is_long(now - last) and not held_before)):
        return 0
    log.warning("clock.jumped", since_last_sweep=str(now - last))
    if now < last:
        _bring_retries_forward(last - now)
    lease = timedelta(seconds=current_app.config["SETTINGS"].job_lease)
    held = update(Job).where(Job.status == RUNNING).values(lease_until=now + lease)
    return int(db.session.execute(held.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def _is_long(pause: timedelta) -> bool:
    settings = current_app.config["SETTINGS"]
    return pause.total_seconds() > max(10 * settings.sweep_interval, 2 * settings.job_lease)


def _bring_retries_forward(by: timedelta) -> None:
    """The moment of a retry was reckoned from the old time; that of a job for later was named by a person."""
    for job in db.session.query(Job).filter(Job.status == QUEUED, Job.error.is_not(None), Job.wait_until.is_not(None)):
        job.wait_until = job.wait_until - by if job.wait_until else None

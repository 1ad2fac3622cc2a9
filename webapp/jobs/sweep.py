"""What the minute does: rescue stale leases, queue what is scheduled, ring again for what was not heard, prune.

Each part is safe to repeat and to run beside another sweep; the guard only saves the double work.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from flask import current_app
from sqlalchemy import delete, select, update

from webapp.database import db, transaction, utcnow
from webapp.jobs import doorbell, events, keys
from webapp.jobs import log as job_log
from webapp.jobs.clock_jumps import HELD, hold_leases_after_jump
from webapp.jobs.doorbell import Bell
from webapp.jobs.job import Job, SweepState
from webapp.jobs.ringing import ring_due
from webapp.jobs.schedules import queue_scheduled
from webapp.jobs.states import CANCELLED, FAILED, QUEUED, RUNNING, SUCCEEDED

log = structlog.get_logger(__name__)

MAX_CRASHES = 3
MIN_GUARD = 5.0  # seconds; a sweep that is silent for longer, and for half an interval, has died
BATCH = 1000


class Guard(NamedTuple):
    """That this sweep is the only one."""

    token: str
    started_at: datetime
    held: int  # leases that were held because the clock has jumped


def sweep() -> dict[str, int] | None:
    """Run one sweep; what it did in counts, or None while another one runs."""
    guard = _take_guard()
    if guard is None:
        return None
    try:
        report = {
            HELD: guard.held,
            "rescued": rescue_stale(guard.started_at),
            "scheduled": queue_scheduled(),
            "rung": ring_due(),
            "pruned": prune(),
        }
    except Exception:
        _give_guard_back(guard.token)
        raise
    _give_guard_back(guard.token, completed_at=utcnow(), report=report)
    if any(report.values()):
        log.info("sweep.done", **report)
    return report


def rescue_stale(now: datetime) -> int:
    """Queue again what a dead worker held; after three crashes fail it, so that it poisons nothing.

    A sweep gives the `now` at which it looked whether the clock has jumped; it may have jumped since.
    """
    with transaction() as session:
        stale = select(Job).where(Job.status == RUNNING, Job.lease_until < now).limit(BATCH)
        jobs = session.scalars(stale.with_for_update(skip_locked=True)).all()
        for job in jobs:
            _rescue(job)
        return len(jobs)


def _rescue(job: Job) -> None:
    crashes = job.crashes + 1
    words = f"The worker died in the middle of it ({crashes} of {MAX_CRASHES} times)."
    _give_back(job, crashes, error=words if crashes >= MAX_CRASHES else None)
    job_log.write(job.id, "crashed", job.total_tried + 1, words, started_at=job.started_at)
    if job.status == QUEUED:
        doorbell.ring_on_commit(Bell.of(job))
    else:
        events.tell_failed(job)
        keys.ring_next(job.concurrency_key)


def _give_back(job: Job, crashes: int, error: str | None) -> None:
    """To the queue, or failed with this error."""
    job.crashes = crashes
    job.token = job.lease_until = None
    job.status = FAILED if error else QUEUED
    job.error = error or job.error
    job.completed_at = utcnow() if error else None
    db.session.flush()


def prune() -> int:
    """Delete finished jobs past their time, with their logs; how many."""
    settings = current_app.config["SETTINGS"]
    days = {
        SUCCEEDED: settings.keep_succeeded_days,
        CANCELLED: settings.keep_cancelled_days,
        FAILED: settings.keep_failed_days,
    }
    return sum(_prune(status, utcnow() - timedelta(days=kept)) for status, kept in days.items())


def _prune(status: str, before: datetime) -> int:
    """In portions, so that nobody waits long for the database."""
    pruned = 0
    while True:
        with transaction() as session:
            some = select(Job.id).where(Job.status == status, Job.completed_at < before).limit(BATCH)
            gone = delete(Job).where(Job.id.in_(some.scalar_subquery()), Job.status == status)
            count = session.execute(gone.execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined]
        pruned += count
        if count < BATCH:
            return pruned


def _take_guard() -> Guard | None:
    """None while another sweep runs."""
    now, token = utcnow(), secrets.token_hex(16)
    length = timedelta(seconds=max(MIN_GUARD, current_app.config["SETTINGS"].sweep_interval / 2))
    with transaction() as session:
        state = session.get_one(SweepState, 1, with_for_update=True)
        if state.lease_until and now < state.lease_until <= now + length:  # one that ends later is of another time
            return None
        held_before = bool((state.report or {}).get(HELD))
        held = hold_leases_after_jump(state.started_at, now, held_before=held_before)
        state.token, state.lease_until, state.started_at = token, now + length, now
    return Guard(token, now, held)


def _give_guard_back(token: str, **done: Any) -> None:
    with transaction() as session:
        ours = update(SweepState).where(SweepState.token == token)
        session.execute(ours.values(token=None, lease_until=None, **done))

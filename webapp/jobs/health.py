"""Is anybody working? Counts, the oldest wait, queues, workers and the last sweep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from redis import RedisError, ResponseError
from sqlalchemy import case, func, select

from webapp.database import db, utcnow
from webapp.extensions import redis_client
from webapp.jobs import processes
from webapp.jobs.catalog import QUEUES
from webapp.jobs.job import Job, PausedQueue, SweepState
from webapp.jobs.keys import due_since, is_due
from webapp.jobs.pausing import paused
from webapp.jobs.policy import Queue
from webapp.jobs.processes import WorkerProcess
from webapp.jobs.states import QUEUED, RUNNING, STATUSES

REDIS_AWAY = "Redis does not answer. Uploads go on and wait; look at REDIS_URL, and whether its server runs."
TRIED = "rq:gallerist:tried"  # of RQ's names, as somebody may be let write to those alone
SWEEPS_MISSED = 3  # intervals without a sweep after which something is wrong


@dataclass(frozen=True)
class QueueState:
    """`depth` counts what is queued, `due` what of it could run now. `staffed` is None while Redis is away."""

    queue: Queue
    depth: int
    due: int
    running: int
    oldest_wait: timedelta | None
    paused: PausedQueue | None
    staffed: bool | None


def counts() -> dict[str, int]:
    """Jobs by status; every status is there."""
    rows = db.session.execute(select(Job.status, func.count()).group_by(Job.status))
    found = dict(rows.all())
    return {status: found.get(status, 0) for status in STATUSES}


def counts_by_queue() -> dict[tuple[str, str], int]:
    """Jobs by queue and status; every status of every queue is there, and queues that are in rows only."""
    rows = db.session.execute(select(Job.queue, Job.status, func.count()).group_by(Job.queue, Job.status))
    found = {(queue, status): count for queue, status, count in rows}
    return {(queue, status): 0 for queue in QUEUES for status in STATUSES} | found


def oldest_wait() -> timedelta | None:
    """How long the oldest due job has been waiting; None when nothing is due."""
    now = utcnow()
    return _since(now, db.session.scalar(select(func.min(due_since(Job))).where(is_due(Job, now))))


def queues() -> list[QueueState]:
    """Each as it is now; two queries for all of them."""
    now = utcnow()
    numbers, stopped, at_work = _unfinished(now), paused(), workers()
    states = []
    for name, queue in QUEUES.items():
        depth, due, running, oldest = numbers.get(name, (0, 0, 0, None))
        staffed = None if at_work is None else is_staffed(name, at_work)
        states.append(QueueState(queue, depth, due, running, _since(now, oldest), stopped.get(name), staffed))
    return states


def _unfinished(now: datetime) -> dict[str, tuple[int, int, int, datetime | None]]:
    """By queue: how many are queued, due and running, and since when the oldest is due."""
    due = is_due(Job, now)
    numbers = select(
        Job.queue,
        func.count(case((Job.status == QUEUED, 1))),
        func.count(case((due, 1))),
        func.count(case((Job.status == RUNNING, 1))),
        func.min(case((due, due_since(Job)))),
    )
    rows = db.session.execute(numbers.where(Job.status.in_((QUEUED, RUNNING))).group_by(Job.queue))
    return {queue: (queued, due_now, running, oldest) for queue, queued, due_now, running, oldest in rows}


def _since(now: datetime, moment: datetime | None) -> timedelta | None:
    return now - moment if moment else None


def is_staffed(queue: str, workers: Iterable[WorkerProcess]) -> bool:
    return any(queue in worker.queues and worker.lives for worker in workers)


def last_sweep() -> SweepState | None:
    return db.session.get(SweepState, 1)


def sweep_is_late() -> bool:
    """True when no sweep has ended for three intervals.

    One that ended in the future is of before the clock was set back, and tells nothing of now.
    """
    state = last_sweep()
    allowed = timedelta(seconds=SWEEPS_MISSED * current_app.config["SETTINGS"].sweep_interval)
    return state is None or state.completed_at is None or abs(utcnow() - state.completed_at) > allowed


def redis_answers() -> bool:
    try:
        return bool(redis_client().ping())
    except (RedisError, OSError):
        return False


def redis_trouble() -> str | None:
    """Why nobody can ring there, in words; None when one can. It also answers while it is full, or a replica."""
    try:
        redis_client().set(TRIED, "", ex=60)  # seconds
    except (RedisError, OSError) as error:
        said = words_of_server(error)
        return f"Redis refuses: {said}. Uploads go on and wait." if said else REDIS_AWAY
    return None


def words_of_server(error: RedisError | OSError) -> str:
    """Empty when it said nothing, because it is away. Its code, which the client takes off, is what people look up."""
    code = getattr(error, "status_code", None)
    is_said = code or isinstance(error, ResponseError)
    return f"{code or ''} {error}".strip(" .") if is_said else ""


def workers() -> list[WorkerProcess] | None:
    """The worker processes that RQ knows; None when Redis does not answer."""
    found = processes.look()
    return None if found is None else found.workers

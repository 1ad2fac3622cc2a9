"""What lies in each queue, how much was done there, and how long jobs waited.

One query for each answer, whatever the number of jobs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, case, extract, func, or_, select

from webapp.database import db, is_postgresql, utcnow
from webapp.jobs.job import Job, JobLog
from webapp.jobs.keys import due_since, is_due
from webapp.jobs.states import CANCELLED, FAILED, QUEUED, RUNNING, SUCCEEDED

BEGAN_ANEW = ("retried", "released", "crashed")  # after these nobody knows since when it was due


@dataclass(frozen=True)
class Depth:
    """What lies in one queue now."""

    due: int = 0
    later: int = 0  # waits for its time
    running: int = 0
    due_since: datetime | None = None  # of the one that has waited longest
    again: int = 0  # of those for later: they failed and wait for their next try


@dataclass(frozen=True)
class Slot:
    """What ended in one queue from `start` for a minute or an hour."""

    start: datetime
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    waits: int = 0  # jobs of which it is known how long they waited to be begun
    waited: float = 0  # seconds, all of them together
    longest: float = 0  # seconds

    @property
    def ended(self) -> int:
        return self.succeeded + self.failed + self.cancelled

    @property
    def average(self) -> float:
        return self.waited / self.waits if self.waits else 0


@dataclass(frozen=True)
class Took:
    """How long jobs of a task ran in their last try."""

    number: int
    average: timedelta = timedelta()
    longest: timedelta = timedelta()


def took_of(task: str, lately: timedelta) -> Took:
    """Of those that succeeded within this time."""
    length = _seconds_between(Job.started_at, Job.completed_at)
    ended = (Job.task_slug == task, Job.status == SUCCEEDED, Job.completed_at >= utcnow() - lately)
    number, average, longest = db.session.execute(
        select(func.count(), func.avg(length), func.max(length)).where(*ended)
    ).one()
    return Took(number, timedelta(seconds=float(average or 0)), timedelta(seconds=float(longest or 0)))


def count_errors(name: str) -> int:
    """Jobs that wait for another try or failed, the last time with an exception of this name."""
    failed = (Job.status.in_((QUEUED, FAILED)), Job.error.startswith(f"{name}:", autoescape=True))
    return db.session.scalar(select(func.count()).where(*failed)) or 0


def depths() -> dict[str, Depth]:
    """By the name of the queue; none for one in which nothing waits or runs."""
    due = is_due(Job, utcnow())
    queued, running = Job.status == QUEUED, Job.status == RUNNING
    counts = (
        func.count().filter(due),
        func.count().filter(queued, ~due),
        func.count().filter(running),
        func.min(due_since(Job)).filter(due),
        func.count().filter(queued, ~due, Job.error.is_not(None)),
    )
    rows = db.session.execute(select(Job.queue, *counts).where(or_(queued, running)).group_by(Job.queue))
    return {queue: Depth(waiting, later, works, since, again) for queue, waiting, later, works, since, again in rows}


def slots(length: timedelta, number: int, now: datetime | None = None) -> dict[str, list[Slot]]:
    """For each queue in which something ended the last `number` slots, oldest first; the last one still goes on."""
    seconds = int(length.total_seconds())
    last = int((now or utcnow()).timestamp()) // seconds * seconds
    starts = range(last - (number - 1) * seconds, last + 1, seconds)
    found = _ended_since(starts[0], seconds)
    return {queue: [_slot(start, found[queue].get(start, {})) for start in starts] for queue in found}


def _ended_since(first: int, seconds: int) -> dict[str, dict[int, dict[str, Any]]]:
    """By queue, start (seconds since 1970) and status."""
    epoch = extract("epoch", Job.completed_at)
    start = epoch - epoch % seconds
    waited = _waited()
    counts = (func.count(), func.count(waited), func.sum(waited), func.max(waited))
    recent = Job.completed_at >= datetime.fromtimestamp(first, UTC)
    rows = db.session.execute(
        select(Job.queue, start, Job.status, *counts).where(recent).group_by(Job.queue, start, Job.status)
    )
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for queue, begun, status, *facts in rows:
        found.setdefault(queue, {}).setdefault(int(begun), {})[status] = facts
    return found


def _waited() -> ColumnElement[float]:
    """Seconds from when a job was due until its last try began; NULL where that is not known."""
    anew = select(JobLog.id).where(JobLog.job_id == Job.id, JobLog.event.in_(BEGAN_ANEW)).exists()
    return case((anew, None), else_=_seconds_between(due_since(Job), Job.started_at))


def _seconds_between(start: SQLColumnExpression[Any], end: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    if is_postgresql():
        return extract("epoch", end - start)
    return (func.julianday(end) - func.julianday(start)) * 86_400


def _slot(start: int, by_status: dict[str, Any]) -> Slot:
    ended = {status: facts[0] for status, facts in by_status.items()}
    return Slot(
        start=datetime.fromtimestamp(start, UTC),
        succeeded=ended.get(SUCCEEDED, 0),
        failed=ended.get(FAILED, 0),
        cancelled=ended.get(CANCELLED, 0),
        waits=sum(waits for _, waits, _, _ in by_status.values()),
        waited=sum(max(0.0, float(waited or 0)) for _, _, waited, _ in by_status.values()),
        longest=max((float(longest or 0) for _, _, _, longest in by_status.values()), default=0.0),
    )

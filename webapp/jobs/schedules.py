"""Schedules: what is queued by itself when its cron line says so. The sweep asks each minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from webapp.database import db, transaction, utcnow
from webapp.jobs.catalog import CATALOG
from webapp.jobs.job import Job, ScheduleState
from webapp.jobs.policy import Schedule, Task
from webapp.jobs.queue import queue
from webapp.jobs.states import QUEUED, RUNNING

log = structlog.get_logger(__name__)


def queue_scheduled(now: datetime | None = None) -> int:
    """Queue what has come due since it was last asked; how many. What was missed several times is queued once."""
    return sum(_queue_if_due(work, schedule, now or utcnow()) for work, schedule in all_schedules())


def all_schedules() -> Iterator[tuple[Task, Schedule]]:
    for work in CATALOG.values():
        for schedule in work.schedules:
            yield work, schedule


def name_of(work: Task, schedule: Schedule) -> str:
    """By what its rows are known; another cron line or queue is another schedule."""
    return f"{work.slug} {schedule.queue or work.queue} {schedule.cron} {schedule.timezone}"


def _queue_if_due(work: Task, schedule: Schedule, now: datetime) -> bool:
    name, tick = name_of(work, schedule), schedule.last_tick(now)
    try:
        with transaction():
            _forget_ticks_after(schedule.next_tick(now), name, tick)
            if not _take_tick(name, tick) or _pending(name) >= schedule.max_pending:
                return False
            queue(work.slug, dict(schedule.input), queue=schedule.queue, schedule=name)
            return True
    except IntegrityError:  # another sweep saw the schedule for the first time in the same moment
        return False
    except Exception as error:  # whatever is wrong with it, one schedule that can't be queued must not stop the others
        log.error("schedule.failed", schedule=name, exc_info=error)
        return False


def _forget_ticks_after(following: datetime, name: str, tick: datetime) -> None:
    """A clock that was ahead took one that is yet to come; until then nothing would be queued.

    Not the following one: a clock may be ahead by a second, and no tick is to be taken twice.
    """
    ahead = update(ScheduleState).where(ScheduleState.schedule == name, ScheduleState.last_tick > following)
    db.session.execute(ahead.values(last_tick=tick).execution_options(synchronize_session=False))


def _take_tick(name: str, tick: datetime) -> bool:
    """True for one caller a tick. A schedule that is new begins with its next tick."""
    later = update(ScheduleState).where(ScheduleState.schedule == name, ScheduleState.last_tick < tick)
    moved = db.session.execute(later.values(last_tick=tick).execution_options(synchronize_session=False))
    if moved.rowcount == 0 and db.session.get(ScheduleState, name) is None:  # type: ignore[attr-defined]
        db.session.add(ScheduleState(schedule=name, last_tick=tick))
    return bool(moved.rowcount)  # type: ignore[attr-defined]


def _pending(name: str) -> int:
    pending = (Job.schedule == name, Job.status.in_((QUEUED, RUNNING)))
    return db.session.scalar(select(func.count()).select_from(Job).where(*pending)) or 0

"""A queue and a schedule as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from webapp.admin import charts
from webapp.admin.alarms import Background
from webapp.admin.charts import Chart, Span
from webapp.database import db, utcnow
from webapp.jobs.catalog import QUEUES
from webapp.jobs.job import Job, PausedQueue, ScheduleState
from webapp.jobs.policy import Schedule, Task
from webapp.jobs.schedules import all_schedules, name_of
from webapp.jobs.states import QUEUED, RUNNING
from webapp.jobs.statistics import Depth, Slot, slots


@dataclass(frozen=True)
class QueueView:
    name: str
    depth: Depth
    workers: int | None  # None: Redis is away, so nobody knows
    paused: PausedQueue | None
    charts: list[Chart]
    slots: list[Slot]  # those in which something ended

    @property
    def known(self) -> bool:
        """Rows may name a queue that this version of the program has not."""
        return self.name in QUEUES

    @property
    def oldest_wait(self) -> timedelta | None:
        return utcnow() - self.depth.due_since if self.depth.due_since else None

    @property
    def look(self) -> str:
        if self.paused:
            return "cancelled"
        if self.workers == 0:
            return "failed" if self.depth.due else "waiting"
        return "working" if self.depth.running else "done"

    @property
    def state(self) -> str:
        if self.paused:
            return f"Paused by {self.paused.paused_by}" if self.paused.paused_by else "Paused"
        if self.workers == 0:
            return "Nobody works on it"
        return "At work" if self.depth.running else "Ready"


def queue_views(found: Background, span: Span) -> list[QueueView]:
    ended = slots(span.slot, span.number)
    names = [*QUEUES, *sorted({*found.depths, *ended} - QUEUES.keys())]
    return [queue_view(name, found, ended.get(name, []), span) for name in names]


def queue_view(name: str, found: Background, ended: list[Slot], span: Span) -> QueueView:
    return QueueView(
        name=name,
        depth=found.depths.get(name, Depth()),
        workers=found.workers_on(name),
        paused=found.paused.get(name),
        charts=[charts.throughput(name, ended, span), charts.waiting(name, ended, span)],
        slots=[slot for slot in reversed(ended) if slot.ended],
    )


@dataclass(frozen=True)
class ScheduleView:
    work: Task
    schedule: Schedule
    name: str
    last_run: datetime | None  # when its newest job was queued; None when no such job is kept

    @property
    def label(self) -> str:
        return self.schedule.label or self.work.label

    @property
    def queue(self) -> str:
        return self.schedule.queue or self.work.queue

    @property
    def next_tick(self) -> datetime:
        return self.schedule.next_tick()


def schedule_views() -> list[ScheduleView]:
    runs = last_runs()
    named = [(work, schedule, name_of(work, schedule)) for work, schedule in all_schedules()]
    return [ScheduleView(work, schedule, name, runs.get(name)) for work, schedule, name in named]


def last_runs() -> dict[str, datetime]:
    """By the schedule's name. Its last tick is no run: a schedule that is new has one of before it was there.

    What a tick queued has not ended before that tick: so indexes find all there is to look at.
    """
    oldest_tick = select(func.min(ScheduleState.last_tick)).scalar_subquery()
    fresh = or_(Job.completed_at >= oldest_tick, Job.status.in_((QUEUED, RUNNING)))
    newest = select(Job.schedule, func.max(Job.created_at)).where(fresh, Job.schedule.is_not(None))
    return {str(name): queued_at for name, queued_at in db.session.execute(newest.group_by(Job.schedule))}

"""What people should know when the background stands still: what to expect, and what an admin should do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from webapp.database import utcnow
from webapp.jobs import health, processes
from webapp.jobs.catalog import find
from webapp.jobs.job import PausedQueue, SweepState
from webapp.jobs.pausing import paused
from webapp.jobs.processes import InRedis, WorkerProcess
from webapp.jobs.statistics import Depth, depths
from webapp.models.progress import RENDITIONS, SYNC, counted

PATIENCE = timedelta(seconds=10)  # a worker that is being restarted is no reason to alarm anybody


@dataclass(frozen=True)
class Alarm:
    title: str
    expect: str  # for editors
    do: str  # for admins
    since: datetime | None = None


@dataclass(frozen=True)
class Background:
    """How the background is, asked once for one page."""

    in_redis: InRedis | None  # None: Redis is away
    sweep: SweepState | None
    depths: dict[str, Depth]
    paused: dict[str, PausedQueue]

    @property
    def workers(self) -> list[WorkerProcess] | None:
        return self.in_redis.workers if self.in_redis else None

    def workers_on(self, queue: str) -> int | None:
        return None if self.workers is None else sum(queue in worker.queues for worker in self.workers)

    @property
    def waits_since(self) -> datetime | None:
        """Of the job that has waited longest."""
        return min((depth.due_since for depth in self.depths.values() if depth.due_since), default=None)

    @property
    def oldest_wait(self) -> timedelta | None:
        return utcnow() - self.waits_since if self.waits_since else None

    @property
    def waiting(self) -> str:
        """Jobs by what they wait for: "3 jobs wait for a worker, 35 to be tried again"."""
        depths = self.depths.values()
        numbers = {
            "for a worker": sum(depth.due for depth in depths),
            "to be tried again": sum(depth.again for depth in depths),
            "for a later time": sum(depth.later - depth.again for depth in depths),
        }
        told = [(number, what) for what, number in numbers.items() if number]
        if not told:
            return "No job waits"
        (number, what), *others = told
        words = [f"{counted(number, 'job waits', 'jobs wait')} {what}"]
        return ", ".join(words + [f"{number:,} {what}" for number, what in others])

    @property
    def alarms(self) -> list[Alarm]:
        alarms = [redis_is_away()] if self.in_redis is None else nobody_works(self)
        if sweep_is_missing(self):
            alarms.append(sweep_is_late())
        return alarms + [is_paused(state) for state in self.paused.values()]


def background() -> Background:
    return Background(processes.look(), health.last_sweep(), depths(), paused())


def redis_is_away() -> Alarm:
    return Alarm(
        "Redis does not answer",
        "You can go on working. Uploads are kept; they will be prepared and added to their galleries when it is back.",
        "Start Redis again, or check REDIS_URL. Nothing is lost: the next sweep picks up whatever is waiting.",
    )


def nobody_works(found: Background) -> list[Alarm]:
    """One for each queue in which jobs have waited for longer than a moment, and nobody would take them."""
    patience = utcnow() - PATIENCE
    return [
        Alarm(
            f"Nobody works on the queue “{queue}”; {counted(depth.due, 'job waits', 'jobs wait')}",
            "You can go on working. What you upload is kept, but it stays as it is until the work goes on.",
            f"Start a worker process for the queue “{queue}”. It takes up what is waiting by itself.",
        )
        for queue, depth in sorted(found.depths.items())
        if depth.due_since and depth.due_since <= patience
        if queue not in found.paused and not found.workers_on(queue)
    ]


def held_up_uploads() -> list[Alarm]:
    """For whoever uploads: the paused ones of those queues that a picture passes on its way. Redis is not asked."""
    passed = {find(slug).queue for slug in (RENDITIONS, SYNC)}
    return [is_paused(state) for queue, state in paused().items() if queue in passed]


def is_paused(state: PausedQueue) -> Alarm:
    by = f" by {state.paused_by}" if state.paused_by else ""
    return Alarm(
        f"The queue “{state.queue}” is paused{by}",
        "You can go on working. What you upload is kept, and it is worked on when the queue goes on.",
        "Resume it on the page of the queues.",
        since=state.paused_at,
    )


def sweep_is_missing(found: Background) -> bool:
    """On a fresh start there was none yet; that matters once something waits for it."""
    if found.sweep is None or found.sweep.completed_at is None:
        allowed = timedelta(seconds=health.SWEEPS_MISSED * current_app.config["SETTINGS"].sweep_interval)
        return found.oldest_wait is not None and found.oldest_wait > allowed
    return health.sweep_is_late()


def sweep_is_late() -> Alarm:
    return Alarm(
        "The sweep is late",
        "New uploads still go through, but what failed is not tried again by itself. Use “Try again” where it shows.",
        "Start the clock process. There should be one; two do no harm.",
    )

"""How a task, a workflow or a queue is declared: what it is given, where it runs, how often it is tried."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from croniter import croniter
from pydantic import BaseModel, ConfigDict

from webapp.database import utcnow

Order = Literal["fifo", "lifo", "priority"]
ORDERS: tuple[Order, ...] = ("fifo", "lifo", "priority")


class Input(BaseModel):
    """What a task is given. Unknown fields are refused when the job is queued."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Input):
    """The input of a task that needs none."""


@dataclass(frozen=True)
class Queue:
    """A named line of jobs, worked off by processes of its own."""

    name: str
    order: Order = "priority"  # the oldest of the most important first
    isolated: bool = False  # a process for each job: what it reads may crash its decoder


@dataclass(frozen=True)
class Backoff:
    """Seconds to wait before a retry: multiplied each time up to a cap, plus up to a tenth of jitter."""

    first: float = 10
    factor: float = 2  # 1 waits as long each time
    cap: float = 600

    def before_retry(self, number: int) -> timedelta:
        seconds = min(self.cap, self.first * self.factor ** (number - 1))
        return timedelta(seconds=seconds * random.uniform(1, 1.1))  # noqa: S311  # spreads load, guards nothing


@dataclass(frozen=True)
class Concurrency:
    """What jobs of one key, made from the input, do to each other."""

    key: Callable[[dict[str, Any]], str]
    exclusive: bool = True  # one of them runs at a time, over all workers
    supersedes: bool = False  # a newer one replaces those that wait
    joins: bool = False  # while one waits, no second is queued: the first will do for both


@dataclass(frozen=True)
class Schedule:
    """When to queue it by itself: a cron line, read in a time zone."""

    cron: str
    timezone: str = "UTC"
    queue: str | None = None  # another than the task's own
    input: Mapping[str, Any] = field(default_factory=dict)
    max_pending: int = 1  # while so many wait or run, a tick queues none
    label: str = ""  # where the task's own would not tell it from another schedule of the same task

    def __post_init__(self) -> None:
        ZoneInfo(self.timezone)  # raises for one that there is not
        if not croniter.is_valid(self.cron):
            raise ValueError(f"{self.cron!r} is no cron line")

    def last_tick(self, now: datetime | None = None) -> datetime:
        """The latest moment, up to now, at which it was due.

        In autumn an hour comes twice. A line that names its hours is due in the first of them, any other in both.
        """
        just_after = (now or utcnow()).replace(microsecond=0) + timedelta(seconds=1)  # a tick of this very second came
        line = croniter(self.cron, just_after.astimezone(ZoneInfo(self.timezone)))
        tick: datetime = line.get_prev(datetime)
        names_hours = line.expanded[1] != ["*"]
        return tick.replace(fold=0) if names_hours else tick

    def next_tick(self, now: datetime | None = None) -> datetime:
        local = (now or utcnow()).astimezone(ZoneInfo(self.timezone))
        tick: datetime = croniter(self.cron, local).get_next(datetime)
        return tick.astimezone(UTC)


@dataclass(frozen=True)
class Task:
    """Work that a function of the workers does. Without retries of its own it has none, or those of its workflow."""

    slug: str
    label: str
    input: type[BaseModel] = Nothing
    output: type[BaseModel] | None = None
    queue: str = "default"
    retries: int | None = None
    backoff: Backoff = Backoff()
    timeout: int | None = None  # seconds; JOB_TIMEOUT when unset
    priority: int = 0
    concurrency: Concurrency | None = None
    schedules: tuple[Schedule, ...] = ()
    moment: str | None = None  # the field of its input that says when: whoever asks, no job of it runs before
    internal: bool = False  # queued by the app itself only, whoever asks from outside


@dataclass(frozen=True)
class Workflow(Task):
    """Work in named steps, each a task or an inline function; finished steps are remembered when it is run again.

    Its retries cap those of its steps, and steps that set none inherit them.
    """

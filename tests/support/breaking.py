"""Faults that a process of a Product is born with: poisonous jobs, a full disk, a clock that jumps."""

from __future__ import annotations

import datetime
import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import rq.utils
import rq_scheduler.scheduler
import rq_scheduler.utils

import webapp.database
import workers.clock
from tests.support.pauses import FOLDER
from workers.tasks import HANDLERS

FILE_LIMIT = "FILE_LIMIT"  # environment: no file of this process may grow past so many bytes


def install() -> None:
    """Put the faults into this process; each waits until a test asks for it."""
    folder = Path(os.environ[FOLDER])
    HANDLERS.update({slug: poisonous(handler, folder) for slug, handler in HANDLERS.items()})
    shift_the_clock(folder / "clock-shift")
    if FILE_LIMIT in os.environ:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(os.environ[FILE_LIMIT]), hard))


def poisonous(handler: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    """Like a picture that crashes its decoder: the job with a file `poison-<id>` kills its process each time."""

    def run(job: Any) -> Any:
        if (folder / f"poison-{job.id}").exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return handler(job)

    return run


def shift_the_clock(shift: Path) -> None:
    """Add the seconds in this file, once it is there, to what time.time(), datetime.now() and datetime.utcnow() say:
    the three ways in which Gallerist, RQ and rq-scheduler ask for the time. What measures a duration
    (time.monotonic(), alarms, time limits) does not jump with a real clock either.
    """
    real_time = time.time

    def shifted_time() -> float:
        return real_time() + (float(shift.read_text()) if shift.exists() else 0)

    class AnyDatetime(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, datetime.datetime)

    class ShiftedDatetime(datetime.datetime, metaclass=AnyDatetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
            return datetime.datetime.fromtimestamp(shifted_time(), tz)

        @classmethod
        def utcnow(cls) -> datetime.datetime:  # type: ignore[override]
            return cls.now(datetime.UTC).replace(tzinfo=None)

    time.time = shifted_time
    for module in (webapp.database, workers.clock, rq_scheduler.scheduler, rq_scheduler.utils):
        assert vars(module)["datetime"] is datetime.datetime, f"{module.__name__} asks for the time in another way"
        vars(module)["datetime"] = ShiftedDatetime
    assert rq.utils.datetime is datetime
    rq.utils.datetime = SimpleNamespace(**vars(datetime) | {"datetime": ShiftedDatetime})  # type: ignore[attr-defined]

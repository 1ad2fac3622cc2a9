"""Named points at which a process of a Product stands still for as long as the test wants, to be killed there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from webapp.exporting import Archive
from webapp.jobs import doorbell, lease, sweep
from webapp.models import media
from webapp.storage import LocalStorage
from workers import horse, perform
from workers.clock import Clock
from workers.horse import HorseWorker
from workers.stepping import RunningJob, Step
from workers.tasks import HANDLERS
from workers.worker import GalleristWorker

FOLDER = "PAUSES"  # the environment variable that names the folder of the files through which a test steers
FORK_SECONDS = "FORK_SECONDS"  # the environment variable for how long a horse takes further rings
POINTS = (
    "stored",  # an upload's file is in storage, no row names it yet
    "queued",  # its media and job rows are written, nothing is committed
    "committed",  # they are committed, nothing is rung
    "popped",  # the ring is out of RQ's queue, its horse still waits
    "popped-by-horse",  # a further ring is, and RQ does not know yet that somebody is at it
    "claimed",  # the row is running, nothing is done yet
    "step",  # a step of a workflow is committed, the next has not begun
    "effect",  # everything is written, nothing is committed
    "finished",  # the row is committed, RQ does not know yet
    "failing",  # a try failed, nothing of that is recorded
    "sweeping",  # a sweep has rescued, and not yet rung
    "packed",  # a picture is in the archive of an export, others are not
    "ticking",  # the clock has looked for what is due, its tick is not over
)
STORED, QUEUED, COMMITTED, POPPED, POPPED_BY_HORSE, CLAIMED, STEP, EFFECT, FINISHED, FAILING, *OTHERS = POINTS
SWEEPING, PACKED, TICKING = OTHERS


def install() -> None:
    """Put the points into this process."""
    horse.FORK_SECONDS = float(os.environ.get(FORK_SECONDS, 60))  # a horse that is held must not run out of time
    LocalStorage.keep = after(LocalStorage.keep, STORED)  # type: ignore[method-assign]
    media.queue_work = after(media.queue_work, QUEUED)
    doorbell.ring = before(doorbell.ring, COMMITTED)
    lease.fail = before(lease.fail, FAILING)
    sweep.ring_due = before(sweep.ring_due, SWEEPING)
    GalleristWorker.execute_job = before(GalleristWorker.execute_job, POPPED)  # type: ignore[method-assign]
    HorseWorker.next_ring = after(HorseWorker.next_ring, POPPED_BY_HORSE)  # type: ignore[method-assign]
    perform._handle = before(perform._handle, CLAIMED)
    Clock.enqueue_jobs = after(Clock.enqueue_jobs, TICKING)  # type: ignore[method-assign]
    Archive.add = after(Archive.add, PACKED)  # type: ignore[method-assign]
    Step.finish = after(Step.finish, STEP)  # type: ignore[method-assign]
    HANDLERS.update({slug: after(handler, EFFECT) for slug, handler in HANDLERS.items()})
    RunningJob.finish = after(RunningJob.finish, FINISHED)  # type: ignore[method-assign]


def before(function: Callable[..., Any], point: str) -> Callable[..., Any]:
    def paused(*args: Any, **kwargs: Any) -> Any:
        pause(point)
        return function(*args, **kwargs)

    return paused


def after(function: Callable[..., Any], point: str) -> Callable[..., Any]:
    def paused(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        pause(point)
        return result

    return paused


def pause(point: str) -> None:
    folder = Path(os.environ[FOLDER])
    held = folder / f"hold-{point}"
    if held.exists():
        (folder / f"here-{point}").write_text(str(os.getpid()))
    while held.exists():
        time.sleep(0.01)

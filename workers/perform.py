"""The one function that RQ calls: claim the row, run the task, finish / fail / release it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any, Literal

import structlog
from flask import Flask

from webapp.database import db, transaction
from webapp.jobs import Job, doorbell, lease
from webapp.jobs import log as job_log
from webapp.jobs.catalog import CATALOG
from webapp.jobs.doorbell import Bell
from webapp.jobs.due import more_pressing_than
from webapp.jobs.lease import Claim, LeaseLost
from webapp.jobs.queue import BadInput, checked_input
from webapp.jobs.states import QUEUED
from webapp.jobs.sweep import sweep
from webapp.logs import REQUEST_ID
from webapp.models.audit import in_background
from workers.handlers import ON_FAIL, ON_SUCCESS
from workers.heart import heartbeat
from workers.interrupts import Interrupt, ShuttingDown
from workers.running import FailedForGood, GaveWay, NothingToDo
from workers.stepping import RunningJob, StepFailed, describe
from workers.tasks import HANDLERS

log = structlog.get_logger(__name__)

Outcome = Literal["succeeded", "retrying", "failed", "cancelled", "released", "lost", "skipped"]

_app: Flask | None = None


class JobFailed(Exception):
    """Tells RQ, and so its dashboard, that a row failed for good. Holds no user text."""

    def __init__(self, job: Job) -> None:
        self.rq_id = job.rq_id
        super().__init__(f"Job {job.id} failed. Its row says why: /admin/jobs/{job.id}")


def use(app_to_use: Flask) -> None:
    """The app that this process works for; built once, before RQ forks."""
    global _app
    _app = app_to_use


def app() -> Flask:
    if _app is None:
        raise RuntimeError("workers.perform.use(app) must be called before RQ starts to work")
    return _app


def perform(what: int | str, gives_way: bool = False) -> str:
    """Answer a ring: the id of a job row, or "sweep". A job that gives way is done when nothing more pressing waits."""
    with app().app_context():
        if what == "sweep":
            return str(sweep() or "another sweep is running")
        job_id = int(what)
        pressing = more_pressing_than(job_id) if gives_way else None
        db.session.rollback()
        outcome = perform_job(pressing or job_id)
        if pressing:
            ring_again(job_id)
        if outcome == "failed":
            raise JobFailed(db.session.get_one(Job, pressing or job_id))
    return outcome


def ring_again(job_id: int) -> None:
    """Behind whatever waits now. Where this is lost, the next sweep rings."""
    job = db.session.get(Job, job_id, populate_existing=True)
    if job is not None and job.status == QUEUED:
        doorbell.ring([Bell.of(job)])


def perform_job(job_id: int) -> Outcome:
    """Run one job here and now, if it is due and nobody else has it."""
    held = lease.claim(job_id, worker_name())
    if held is None:
        return "skipped"
    with structlog.contextvars.bound_contextvars(**named_in_logs(held)):
        log.info("job.started", task=held.slug, attempt=held.attempt)
        try:
            with in_background():
                outcome = _run(held)
        except LeaseLost:
            outcome = "lost"
        log.info("job.ended", task=held.slug, outcome=outcome)
    return outcome


def named_in_logs(held: Claim) -> dict[str, Any]:
    """What every line has while the job runs: its id, and that of the request that asked for it."""
    return {"job": held.job_id} | ({REQUEST_ID: held.request_id} if held.request_id else {})


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _run(held: Claim) -> Outcome:
    job = RunningJob(held)
    try:
        with heartbeat(held):
            try:
                output = job.finish(_handle(job))
            finally:
                job.drop_effect()  # before the heart is stopped: its last beat may wait for what the effect has locked
    except LeaseLost:
        lease.cancel(held, "Cancelled by its own task.")  # with its effect, that was undone; else it is lost in truth
        return "cancelled"
    except NothingToDo as reason:
        lease.cancel(held, str(reason))
        return "cancelled"
    except ShuttingDown:
        lease.release(held, "The worker is shutting down.")
        return "released"
    except GaveWay:
        lease.release(held, "Something more pressing came.")
        return "released"
    except (Exception, Interrupt) as error:
        return _fail(job, error)
    _call_back(job, ON_SUCCESS.get(held.slug), output)
    return "succeeded"


def _handle(job: RunningJob) -> Any:
    handler, work = HANDLERS.get(job.held.slug), CATALOG.get(job.held.slug)
    if handler is None or work is None:
        raise FailedForGood(f"This version of the program has no task called {job.held.slug!r}.")
    try:
        job.input = checked_input(work, job.input)  # another version of the program may have queued it
    except BadInput as error:
        raise FailedForGood(str(error)) from None
    return handler(job)


def _fail(job: RunningJob, error: Exception | Interrupt) -> Outcome:
    reason = str(error) if isinstance(error, FailedForGood) else None
    steps = error.keys if isinstance(error, StepFailed) else ()
    next_try = lease.fail(job.held, describe(error), reason=reason, steps=steps)
    say = log.warning if next_try else log.error
    say("job.failed", job=job.id, task=job.slug, next_try=str(next_try), exc_info=error)
    if next_try:
        return "retrying"
    _call_back(job, ON_FAIL.get(job.held.slug), describe(error))
    return "failed"


def _call_back(job: RunningJob, function: Callable[..., None] | None, result: Any) -> None:
    """The job has ended and stays as it is, whatever this function does."""
    if function is None:
        return
    try:
        function(job, result)
    except (Exception, Interrupt) as error:
        log.error("job.callback_failed", job=job.id, exc_info=error)
        with transaction():
            job_log.write(job.id, "noted", job.attempt, f"{function.__name__} raised {describe(error)}")

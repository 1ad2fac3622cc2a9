"""The two run endpoints: what is due runs here and now, in this process. A platform without workers needs no more."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, cast

from flask import abort
from flask_login import current_user
from pydantic import Field, field_validator

from webapp.api.fields import MAX_LIMIT, Answer, Body, Query, RowId
from webapp.api.http import Contract, api, endpoint
from webapp.database import db, transaction, utcnow
from webapp.jobs import Job, due, queue
from webapp.jobs.catalog import QUEUES
from webapp.jobs.policy import Order
from webapp.jobs.states import CANCELLED, SUCCEEDED
from webapp.models.audit import note, note_jobs
from webapp.models.media import live_media
from webapp.models.progress import SYNC
from webapp.security import CRON, access

WAIT_FOR_WORKER = 20.0  # seconds, when a worker was quicker to take the job
LOOK_EVERY = 0.05


class MediaRefBody(Body):
    media_id: RowId = Field(strict=False)  # a text with a number in it will do

    @field_validator("media_id", mode="before")
    @classmethod
    def _no_switch(cls, given: Any) -> Any:
        if isinstance(given, bool):  # which else counts as 1
            raise ValueError("Send the id of a picture.")
        return given


class MediaRefQuery(Query):
    media_id: RowId


class SyncResult(Answer):
    pages_updated: int
    galleries_updated: int
    media_id: int
    execution_time_ms: int


class SyncAnswer(Answer):
    success: bool = True
    result: SyncResult
    timestamp: datetime


class RunQuery(Query):
    """`allQueues` and `sequential` need no value. Without an order each queue has its own."""

    limit: int = Field(10, ge=1, le=MAX_LIMIT)
    queue: str = "default"
    all_queues: bool = False
    order: Order | None = None
    sequential: bool = True

    @field_validator("all_queues", "sequential", mode="before")
    @classmethod
    def _switch(cls, value: Any) -> Any:
        return True if value == "" else value

    @field_validator("queue")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in QUEUES:
            raise ValueError(f"There is no such queue. There are: {', '.join(QUEUES)}.")
        return name


class JobOutcome(Answer):
    status: str


class RunResult(Answer):
    job_status: dict[int, JobOutcome]
    remaining: int


class RunAnswer(Answer):
    success: bool = True
    result: RunResult
    execution_time_ms: int
    timestamp: datetime


SYNC_NOW = "Put one picture into every auto-sync gallery, now"
RUN_DUE = "Run the jobs that are due, here and now"


@api.post("/gallery-sync/immediate")
@access(CRON)
@endpoint(Contract(SYNC_NOW, body=MediaRefBody, body_error=400, answers={200: SyncAnswer}))
def sync_now(body: MediaRefBody) -> SyncAnswer:
    return run_sync(body.media_id)


@api.get("/gallery-sync/immediate")
@access(CRON)
@endpoint(Contract(SYNC_NOW, query=MediaRefQuery, answers={200: SyncAnswer}))
def sync_now_by_get(query: MediaRefQuery) -> SyncAnswer:
    return run_sync(query.media_id)


def run_sync(media_id: int) -> SyncAnswer:
    began = time.monotonic()
    job_id = queue_sync(media_id)
    due.run_by_id(job_id, override_access=False)
    job = settled(job_id)
    if job.status == CANCELLED:
        abort(404, job.reason)
    if job.status != SUCCEEDED:
        abort(503, f"The sync is not done yet; it goes on by itself. Job {job_id} says more.")
    result = SyncResult.model_validate({**cast(dict[str, Any], job.output), "executionTimeMs": milliseconds(began)})
    return SyncAnswer(result=result, timestamp=utcnow())


def queue_sync(media_id: int) -> int:
    by = current_user.id if current_user.is_authenticated else None
    with transaction():
        media = live_media(media_id)
        note("ran", media, f"asked to add “{media.title}” to its galleries at once")
        return queue(SYNC, {"mediaId": media.id}, subject=media.subject, created_by=by).id


def settled(job_id: int) -> Job:
    """The row once its job has ended or waits for another try; as it is, when a worker holds it for too long."""
    until = time.monotonic() + WAIT_FOR_WORKER
    while True:
        db.session.rollback()
        job = db.session.get_one(Job, job_id, populate_existing=True)
        if job.settled or job.will_retry or time.monotonic() > until:
            return job
        time.sleep(LOOK_EVERY)


@api.post("/jobs/run")
@access(CRON)
@endpoint(Contract(RUN_DUE, query=RunQuery, answers={200: RunAnswer}))
def run_jobs(query: RunQuery) -> RunAnswer:
    return run_due(query)


@api.get("/jobs/run")
@access(CRON)
@endpoint(Contract(RUN_DUE, query=RunQuery, answers={200: RunAnswer}))
def run_jobs_by_get(query: RunQuery) -> RunAnswer:
    return run_due(query)


def run_due(query: RunQuery) -> RunAnswer:
    began = time.monotonic()
    chosen = None if query.all_queues else query.queue
    statuses = due.run(chosen, limit=query.limit, order=query.order, sequential=query.sequential, override_access=False)
    note_jobs("ran", ids=list(statuses))
    result = RunResult(
        job_status={job_id: JobOutcome(status=status) for job_id, status in statuses.items()},
        remaining=due.count_due(chosen),
    )
    return RunAnswer(result=result, execution_time_ms=milliseconds(began), timestamp=utcnow())


def milliseconds(began: float) -> int:
    return round((time.monotonic() - began) * 1000)

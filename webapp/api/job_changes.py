"""What people do to jobs that are there: run, cancel, retry, edit or delete one, or all that match."""

from __future__ import annotations

from collections.abc import Callable

from flask_login import current_user

from webapp.api.fields import Done
from webapp.api.http import Contract, api, endpoint
from webapp.api.job_shapes import Changed, Discarded, JobWithLog, NewInput, Which
from webapp.api.jobs import job_now, job_with_log
from webapp.database import utcnow
from webapp.jobs import (
    Job,
    WrongState,
    cancel,
    cancel_by_id,
    discard,
    discard_by_id,
    edit_input,
    retry,
    retry_by_id,
    run_by_id,
    stopped_by,
)
from webapp.jobs.catalog import CATALOG
from webapp.models.audit import note_jobs


@api.patch("/jobs/<row:job_id>")
@endpoint(
    Contract("Edit the input of a failed or cancelled job; then retry it", body=NewInput, answers={200: JobWithLog})
)
def edit_job(job_id: int, body: NewInput) -> JobWithLog:
    edit_input(job_id, body.input, f"Input edited by {current_user.name}.", override_access=False)
    return job_with_log(job_id)


@api.delete("/jobs/<row:job_id>")
@endpoint(Contract("Delete a finished job with its log", answers={200: Done}, may_conflict=True))
def discard_job(job_id: int) -> Done:
    discard_by_id(job_id, override_access=False)
    return Done(id=job_id)


@api.post("/jobs/<row:job_id>/cancel")
@endpoint(Contract("Cancel a queued or running job", answers={200: JobWithLog}, may_conflict=True))
def cancel_job(job_id: int) -> JobWithLog:
    return changed(cancel_by_id, job_id, stopped_by(current_user.name))


@api.post("/jobs/<row:job_id>/retry")
@endpoint(Contract("Try a failed, cancelled or waiting job again, now", answers={200: JobWithLog}, may_conflict=True))
def retry_job(job_id: int) -> JobWithLog:
    return changed(retry_by_id, job_id, f"Tried again by {current_user.name}.")


def changed(change: Callable[..., None], job_id: int, reason: str) -> JobWithLog:
    change(job_id, reason, override_access=False)
    return job_with_log(job_id)


@api.post("/jobs/<row:job_id>/run")
@endpoint(Contract("Run a job that is due, here and now", answers={200: JobWithLog}, may_conflict=True))
def run_job(job_id: int) -> JobWithLog:
    job_now(job_id)
    if run_by_id(job_id, override_access=False) == "skipped":
        raise WrongState(why_not_run(job_now(job_id)))
    note_jobs("ran", ids=[job_id])
    return job_with_log(job_id)


def why_not_run(job: Job) -> str:
    if job.status != "queued":
        return f"Job {job.id} is {job.status}; it can't be run."
    if job.wait_until and job.wait_until > utcnow():
        words = f"Job {job.id} waits until {job.wait_until:%Y-%m-%d %H:%M:%S} UTC."
        task = CATALOG.get(job.slug)
        return words if task and task.moment else f"{words} Retry lets it run at once."
    return f"Job {job.id} can't run now: its queue is paused, or a job with the same concurrency key goes first."


@api.post("/jobs/cancel")
@endpoint(Contract("Cancel every queued or running job that matches", body=Which, answers={200: Changed}))
def cancel_jobs(body: Which) -> Changed:
    ids = cancel(body.where, stopped_by(current_user.name), override_access=False)
    return Changed(count=len(ids), ids=ids)


@api.post("/jobs/retry")
@endpoint(Contract("Retry every failed, cancelled or waiting job that matches", body=Which, answers={200: Changed}))
def retry_jobs(body: Which) -> Changed:
    ids = retry(body.where, f"Tried again by {current_user.name}.", override_access=False)
    return Changed(count=len(ids), ids=ids)


@api.post("/jobs/discard")
@endpoint(Contract("Delete every finished job that matches", body=Which, answers={200: Discarded}))
def discard_jobs(body: Which) -> Discarded:
    return Discarded(count=discard(body.where, override_access=False))

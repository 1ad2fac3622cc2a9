"""/api/jobs: ask for background work, and see what became of it."""

from __future__ import annotations

from typing import Any

from flask_login import current_user
from sqlalchemy import ColumnElement, select

from webapp.api.fields import Listing
from webapp.api.http import Contract, Unfit, api, endpoint, listing
from webapp.api.job_shapes import JobAnswer, JobQuery, JobWithLog, NewJob, job_facts, log_facts
from webapp.database import db, transaction, utcnow
from webapp.jobs import Job, catalog, queue
from webapp.models.audit import note_jobs

ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "createdAt": (Job.id.asc(),),
    "-createdAt": (Job.id.desc(),),
    "completedAt": (Job.completed_at.asc().nulls_last(), Job.id.asc()),
    "-completedAt": (Job.completed_at.desc().nulls_last(), Job.id.desc()),
    "priority": (Job.priority.asc(), Job.id.asc()),
    "-priority": (Job.priority.desc(), Job.id.desc()),
}


@api.post("/jobs")
@endpoint(
    Contract(
        "Queue a job; 200 means that one which already waits will do",
        body=NewJob,
        answers={201: JobWithLog, 200: JobWithLog},
    )
)
def queue_job(body: NewJob) -> tuple[JobWithLog, int]:
    asked_at = utcnow()
    options = body.model_dump(include={"input", "queue", "wait_until", "priority", "meta", "subject"})
    with transaction():
        job = queue(slug_of(body), **options, created_by=current_user.id, override_access=False)
        note_jobs("queued", ids=[job.id])
    return job_with_log(job.id), 201 if job.created_at >= asked_at else 200


def slug_of(body: NewJob) -> str:
    """Raises Unfit."""
    if (body.task_slug is None) == (body.workflow_slug is None):
        words = "Send either taskSlug or workflowSlug."
        raise Unfit(422, {"taskSlug": words, "workflowSlug": words}, words)
    field, slug, known = (
        ("workflowSlug", body.workflow_slug, catalog.workflows())
        if body.task_slug is None
        else ("taskSlug", body.task_slug, catalog.tasks())
    )
    if slug is None or slug not in (work.slug for work in known):
        there_are = ", ".join(sorted(work.slug for work in known)) or "none"
        raise Unfit(422, {field: f"There is no {field.removesuffix('Slug')} called {slug!r}. There are: {there_are}."})
    return slug


@api.get("/jobs")
@endpoint(Contract("List jobs, newest first", query=JobQuery, answers={200: Listing[JobAnswer]}))
def list_jobs(query: JobQuery) -> Listing[JobAnswer]:
    wanted = query.model_dump(exclude={"limit", "page", "sort"}, exclude_none=True)
    found = select(Job).filter_by(**wanted).order_by(*ORDERS[query.sort])
    return listing(found, query, lambda rows: [JobAnswer(**job_facts(row.Job)) for row in rows])


@api.get("/jobs/<row:job_id>")
@endpoint(Contract("One job with its log", answers={200: JobWithLog}))
def show_job(job_id: int) -> JobWithLog:
    return job_with_log(job_id)


def job_with_log(job_id: int) -> JobWithLog:
    """Raises LookupError."""
    job = job_now(job_id)
    return JobWithLog.model_validate(job_facts(job) | {"log": [log_facts(line) for line in job.log]})


def job_now(job_id: int) -> Job:
    """Raises LookupError."""
    db.session.rollback()
    job = db.session.get(Job, job_id, populate_existing=True)
    if job is None:
        raise LookupError(f"There is no job {job_id}.")
    return job

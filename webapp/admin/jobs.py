"""Jobs: a list by state with filters, one job with its history, trying it again and cancelling it."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from webapp import jobs
from webapp.admin import asked
from webapp.admin.alarms import background
from webapp.admin.charts import seconds
from webapp.admin.job_answers import change, refuse, undo_offered
from webapp.admin.job_filters import JobFilter, counts_by_status
from webapp.admin.job_history import history_of
from webapp.admin.job_verbs import VERBS
from webapp.admin.job_views import JobView, subjects_of, views_of, why_it_waits
from webapp.database import db
from webapp.jobs import AccessDenied
from webapp.jobs.catalog import CATALOG, QUEUES
from webapp.jobs.job import Job
from webapp.jobs.pausing import paused
from webapp.jobs.states import QUEUED
from webapp.template_helpers import FRAGMENT_HEADER

blueprint = Blueprint("jobs", __name__, url_prefix="/admin/jobs")
blueprint.register_error_handler(AccessDenied, refuse)
asked.refuse_impossible_ids(blueprint)

PER_PAGE = 50


@blueprint.get("")
def index() -> str:
    """A fragment of it, the list alone, is what the page fetches again while jobs are on their way."""
    wanted = JobFilter.asked()
    found = asked.paged(select(Job).where(*wanted.conditions()).order_by(Job.id.desc()), PER_PAGE)
    counts = counts_by_status(wanted.whatever_status())
    shown = {
        "found": found,
        "views": views_of(found.items),
        "counts": counts,
        "matching": counts[wanted.status] if wanted.status else sum(counts.values()),
        "moving": counts["queued"] + counts["running"] > 0,
        "status": wanted.status,
        "filters": wanted.named,
        "address": wanted.address,
        "verbs": {name: verb for name, verb in VERBS.items() if not wanted.status or wanted.status in verb.states},
    }
    if FRAGMENT_HEADER in request.headers:
        return render_template("jobs/_list.html", **shown)
    about = subjects_of({wanted.named["subject"]}) if "subject" in wanted.named else {}
    return render_template(
        "jobs/index.html",
        **shown,
        tasks=CATALOG.values(),
        queues=QUEUES,
        about=next(iter(about.values()), None),
        background=background(),
        undo=undo_offered(),
    )


@blueprint.app_template_filter()
def took(length: timedelta | None) -> str:
    """How long something lasted, as short as can be: "3.2 s"."""
    return seconds(max(length.total_seconds(), 0)) if length is not None else ""


@blueprint.get("/<int:job_id>")
def show(job_id: int) -> str:
    return render_template("jobs/show.html", **one_job(job_id), undo=undo_offered())


@blueprint.get("/<int:job_id>/status")
def status(job_id: int) -> str:
    return render_template("jobs/_job.html", **one_job(job_id))


def one_job(job_id: int) -> dict[str, object]:
    view = view_of(job_id)
    return {"view": view, "history": history_of(view.job), "obstacle": why_it_waits(view.job)}


def view_of(job_id: int) -> JobView:
    job = db.session.get(Job, job_id)
    if job is None:
        raise LookupError(f"There is no job {job_id}. Finished jobs are cleared away after a while.")
    return views_of([job])[0]


@blueprint.post("/<int:job_id>/retry")
def retry(job_id: int) -> ResponseReturnValue:
    """Try a failed or cancelled one again, or let a waiting one run now."""
    job = view_of(job_id).job
    words = "It will be tried again."
    if job.status == QUEUED:
        words = f"It runs as soon as {'its queue is resumed' if job.queue in paused() else 'a worker is free'}."
    return change(job_id, jobs.retry_by_id, f"Tried again by {current_user.name}.", words)


@blueprint.post("/<int:job_id>/cancel")
def cancel(job_id: int) -> ResponseReturnValue:
    return change(job_id, jobs.cancel_by_id, jobs.stopped_by(current_user.name), "The job is cancelled.")

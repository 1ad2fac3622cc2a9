"""The queues, who works on them, the sweep and the schedules, on one page; and stopping a queue for a while."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp import jobs
from webapp.admin.alarms import Background, background
from webapp.admin.charts import SPANS, seconds
from webapp.admin.queue_views import queue_views, schedule_views
from webapp.errors import answer_error
from webapp.jobs import UnknownQueue
from webapp.security import ADMIN, access
from webapp.template_helpers import FRAGMENT_HEADER

blueprint = Blueprint("queues", __name__, url_prefix="/admin/queues")

blueprint.add_app_template_filter(seconds)

REPORT = {
    "rescued": "{} taken from dead workers",
    "scheduled": "{} queued by their schedule",
    "rung": "{} rung for again",
    "pruned": "{} cleared away",
}


@blueprint.get("")
def index() -> str:
    """All of it fetches itself again, again and again."""
    span = SPANS.get(request.args.get("span", ""), SPANS["hour"])
    found = background()
    return render_template(
        "queues/_all.html" if FRAGMENT_HEADER in request.headers else "queues/index.html",
        background=found,
        queues=queue_views(found, span),
        schedules=schedule_views(),
        report=words_of(found),
        sweep_interval=timedelta(seconds=current_app.config["SETTINGS"].sweep_interval),
        span=span,
        spans=SPANS.values(),
    )


def words_of(found: Background) -> str | None:
    """What the last sweep did."""
    report = (found.sweep.report if found.sweep else None) or {}
    did = [words.format(f"{report[name]:,}") for name, words in REPORT.items() if report.get(name)]
    return ", ".join(did) if did else "nothing to do" if report else None


@blueprint.errorhandler(UnknownQueue)
def answer_unknown(unknown: UnknownQueue) -> ResponseReturnValue:
    return answer_error(404, str(unknown))


@blueprint.post("/<name>/pause")
@access(ADMIN)
def pause(name: str) -> ResponseReturnValue:
    if jobs.pause(name, by=current_user.name):
        flash(f"The queue “{name}” is paused. What runs goes on to its end; the rest waits.", "success")
    else:
        flash(f"The queue “{name}” was paused already.", "warning")
    return redirect(url_for(".index", span=request.args.get("span")), 303)


@blueprint.post("/<name>/resume")
@access(ADMIN)
def resume(name: str) -> ResponseReturnValue:
    if jobs.resume(name):
        flash(f"The queue “{name}” goes on.", "success")
    else:
        flash(f"The queue “{name}” was not paused.", "warning")
    return redirect(url_for(".index", span=request.args.get("span")), 303)

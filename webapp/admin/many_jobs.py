"""What is done to many jobs at once: to those that are ticked, or to all that match the filter in the address."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement

from webapp.admin import asked
from webapp.admin.job_answers import MANY, offer_undo, refuse
from webapp.admin.job_filters import JobFilter, counts_by_status
from webapp.admin.job_verbs import AT_MOST, VERBS, Outcome, Verb, do
from webapp.jobs import AccessDenied
from webapp.jobs.job import Job
from webapp.security import is_local_path

blueprint = Blueprint("many_jobs", __name__, url_prefix="/admin/jobs/many")
blueprint.register_error_handler(AccessDenied, refuse)

MOST_TICKED = 1000


@blueprint.post("/<any(retry, run, cancel, discard):name>")
def change(name: str) -> ResponseReturnValue:
    """`job` for each that is ticked, or `all`; asks first when they are many, unless the form is `sure`."""
    verb, wanted = VERBS[name], JobFilter.asked()
    ids = [asked.number(typed, "There is no such job.") for typed in request.form.getlist("job")]
    if len(ids) > MOST_TICKED:
        abort(400, f"Tick {MOST_TICKED:,} jobs at most, or choose all that match.")
    after = url_for("jobs.index", **wanted.address)  # type: ignore[arg-type]
    if not ids and "all" not in request.form:
        flash("Tick one or more jobs first.", "warning")
        return redirect(after, 303)
    chosen: list[ColumnElement[bool]] = wanted.conditions() if "all" in request.form else [Job.id.in_(ids)]
    if "sure" not in request.form and needs_asking(verb, chosen):
        return ask_first(name, chosen, ids, after)
    return tell(do(verb, chosen, current_user.name, len(set(ids))), name, after)


def needs_asking(verb: Verb, chosen: list[ColumnElement[bool]]) -> bool:
    fitting = count_fitting(verb, chosen)
    return fitting > MANY or bool(verb.warning and fitting)


def count_fitting(verb: Verb, chosen: list[ColumnElement[bool]]) -> int:
    counts = counts_by_status(chosen)
    return sum(counts[status] for status in verb.states)


def ask_first(name: str, chosen: list[ColumnElement[bool]], ids: list[int], after: str) -> str:
    verb = VERBS[name]
    return render_template(
        "jobs/sure.html",
        verb=verb,
        count=count_fitting(verb, chosen),
        ids=ids,
        all="all" in request.form,
        at_most=AT_MOST,
        back=before() or after,
        next=after_it(name, after),
        action=request.full_path.rstrip("?"),
    )


def tell(outcome: Outcome, name: str, after: str) -> ResponseReturnValue:
    flash(outcome.words, "success" if outcome.done else "warning")
    after = after_it(name, after)
    if name == "cancel" and outcome.done:
        offer_undo(outcome.ids, after)
    return redirect(after, 303)


def after_it(name: str, after: str) -> str:
    """The page it was asked on; what is discarded has no page of its own any more."""
    return after if name == "discard" else before() or after


def before() -> str | None:
    typed = request.form.get("next")
    return typed if typed and is_local_path(typed) else None

"""Another input for a failed or cancelled job, and then another try."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp import jobs
from webapp.admin import asked
from webapp.admin.job_answers import refuse
from webapp.admin.job_views import JobView, views_of
from webapp.database import db, transaction
from webapp.jobs import AccessDenied, BadInput, Job, UnknownTask, WrongState
from webapp.jobs.catalog import CATALOG
from webapp.security import EDITOR, access

blueprint = Blueprint("job_input", __name__, url_prefix="/admin/jobs/<int:job_id>/input")
blueprint.register_error_handler(AccessDenied, refuse)
asked.refuse_impossible_ids(blueprint)


class Unreadable(Exception):
    """What was typed is no JSON object; the message says where and why."""


@blueprint.get("")
@access(EDITOR)
def edit(job_id: int) -> ResponseReturnValue:
    view = view_of(job_id)
    if not view.can_retry:
        flash(f"Only a failed or cancelled job gets another input; this one is {view.job.status}.", "warning")
        return redirect(url_for("jobs.show", job_id=job_id), 303)
    return form(view, readable(view.job.input))


@blueprint.post("")
def save(job_id: int) -> ResponseReturnValue:
    """Both or nothing: an input that is saved is also tried."""
    typed = asked.plain(request.form.get("input", ""))
    try:
        with transaction():
            jobs.edit_input(job_id, read(typed), f"Input changed by {current_user.name}.", override_access=False)
            jobs.retry_by_id(job_id, f"Tried again by {current_user.name}.", override_access=False)
    except (Unreadable, UnknownTask) as error:
        return form(view_of(job_id), typed, {"input": str(error)}), 422
    except BadInput as error:
        return form(view_of(job_id), typed, error.fields), 422
    except WrongState as forbidden:
        flash(str(forbidden), "warning")
    else:
        flash("Saved. It will be tried again with the new input.", "success")
    return redirect(url_for("jobs.show", job_id=job_id), 303)


def form(view: JobView, typed: str, errors: dict[str, str] | None = None) -> str:
    return render_template("jobs/input.html", view=view, typed=typed, errors=errors or {}, fields=fields_of(view.job))


def view_of(job_id: int) -> JobView:
    job = db.session.get(Job, job_id, populate_existing=True)
    if job is None:
        raise LookupError(f"There is no job {job_id}.")
    return views_of([job])[0]


def fields_of(job: Job) -> dict[str, str] | None:
    """What the task takes: each field and its type in words; None when there is no such task any more."""
    work = CATALOG.get(job.slug)
    if work is None:
        return None
    schema = work.input.model_json_schema()
    required = schema.get("required", ())
    return {
        name: f"{facts.get('type', 'any value')}{'' if name in required else ', may be left out'}"
        for name, facts in schema.get("properties", {}).items()
    }


def read(typed: str) -> dict[str, Any]:
    """Raises Unreadable."""
    try:
        found = json.loads(typed, parse_constant=refuse_constant)
        as_text = json.dumps(found, ensure_ascii=False, allow_nan=False)
        as_text.encode()  # half of a surrogate pair is no text
    except json.JSONDecodeError as error:
        raise Unreadable(f"This isn't JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except (RecursionError, ValueError):
        raise Unreadable("This holds a number or a text that can't be stored.") from None
    if not isinstance(found, dict):
        raise Unreadable("The input is an object: names and values between { and }.")
    if "\\u0000" in as_text:
        raise Unreadable("A text may not hold the character NUL.")
    return found


def refuse_constant(name: str) -> NoReturn:
    raise Unreadable(f"{name} is no number that JSON knows.")


@blueprint.app_template_filter()
def readable(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)

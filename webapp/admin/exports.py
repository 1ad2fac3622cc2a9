"""Exports: choosing pictures to take along, waiting for the file, fetching it."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.admin import asked
from webapp.admin.export_choice import (
    ALL,
    CHOSEN,
    FOUND,
    Choice,
    UnfitChoice,
    asked_choice,
    count_of,
    galleries_to_choose_from,
)
from webapp.admin.job_views import names_of
from webapp.counters import count_storage_error
from webapp.jobs import stopped_by
from webapp.models import export as exports
from webapp.models.export import FORMS, MIME_TYPES, ZIP, Export, NothingToExport, exports_seen_by, find_export
from webapp.models.export_state import states_of
from webapp.security import EDITOR, access
from webapp.storage import StorageError, storage

blueprint = Blueprint("exports", __name__, url_prefix="/admin/exports")
asked.refuse_impossible_ids(blueprint)

SHOWN = 20


@blueprint.get("")
@access(EDITOR)
def index() -> ResponseReturnValue:
    try:
        return page(asked_choice())
    except UnfitChoice as unfit:
        return page(Choice(ALL), errors={unfit.field: str(unfit)}), 422


@blueprint.post("")
@access(EDITOR)
def create() -> ResponseReturnValue:
    form, choice = asked.text("form") or ZIP, Choice(ALL)
    if form not in FORMS:
        abort(400, "An export is a zip or a CSV file.")
    try:
        choice = asked_choice()
        exports.start_export(form, choice.pictures(), choice.title(), repr(choice), by=current_user.id)
    except UnfitChoice as unfit:
        return page(choice, form, {unfit.field: str(unfit)}), 422
    except NothingToExport as nothing:
        return page(choice, form, {"what": str(nothing)}), 422
    flash("The export has begun. You can go on with other things meanwhile.", "success")
    return redirect(url_for(".index", _anchor="exports"), 303)


def page(choice: Choice, form: str = ZIP, errors: dict[str, str] | None = None) -> str:
    found = asked.paged(exports_seen_by(current_user), SHOWN)
    choices = [replace(choice, kind=ALL)]
    choices += [replace(choice, kind=FOUND)] if choice.filters else []
    choices += [replace(choice, kind=CHOSEN)] if choice.ids else []
    return render_template(
        "exports/index.html",
        choice=choice,
        choices=[(one, count_of(one)) for one in reversed(choices)],
        galleries=galleries_to_choose_from(),
        form=form,
        errors=errors or {},
        found=found,
        states=states_of(found.items),
        names=names_of_those_who_asked(found.items),
    )


@blueprint.get("/<int:export_id>/status")
@access(EDITOR)
def status(export_id: int) -> str:
    export = find_export(export_id, current_user)
    return render_template(
        "exports/_export.html", state=states_of([export])[0], names=names_of_those_who_asked([export])
    )


def names_of_those_who_asked(found: list[Export]) -> dict[int, str]:
    return names_of({export.created_by for export in found if export.created_by})


@blueprint.get("/<int:export_id>/file")
@access(EDITOR)
def file(export_id: int) -> Response:
    """Whole or in parts, so that a browser can go on with what was broken off."""
    export = find_export(export_id, current_user)
    if not export.is_kept or export.storage_key is None:
        abort(404, "This export is not there: it is not ready yet, or no longer kept. Make it again.")
    try:
        content = storage().stream(export.storage_key)
    except FileNotFoundError:
        abort(404, "The file of this export is missing. Export the pictures anew.")
    except StorageError as error:
        count_storage_error()
        abort(503, str(error))
    length = export.filesize or 0
    answer = send_file(
        content,
        MIME_TYPES[export.form],
        as_attachment=True,
        download_name=export.download_name,
        conditional=False,  # it would not know how long the content is
        etag=export.storage_key.rpartition("/")[2],
    )
    answer.content_length = length
    answer.make_conditional(request.environ, accept_ranges=True, complete_length=length)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@blueprint.post("/<int:export_id>/cancel")
def cancel(export_id: int) -> ResponseReturnValue:
    export = find_export(export_id, current_user)
    if exports.cancel_export(export, stopped_by(current_user.name)):
        flash("The export is cancelled.", "success")
    return redirect(url_for(".index", _anchor="exports"), 303)


@blueprint.post("/<int:export_id>/retry")
def retry(export_id: int) -> ResponseReturnValue:
    export = find_export(export_id, current_user)
    if exports.make_again(export, f"Tried again by {current_user.name}.", by=current_user.id):
        flash("The export has begun anew.", "success")
    return redirect(url_for(".index", _anchor="exports"), 303)

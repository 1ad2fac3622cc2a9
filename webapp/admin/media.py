"""The library: what is in it, one picture with its facts, uploading, and the trash."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import selectinload

from webapp.admin import asked, picture, uploads
from webapp.admin.library import find_media
from webapp.admin.library_filters import TYPES, LibraryFilter
from webapp.admin.library_parts import galleries_to_choose_from, just_trashed_many, names_of_trashers
from webapp.counters import count_storage_error
from webapp.extensions import db
from webapp.models import progress
from webapp.models.batch_results import results_of
from webapp.models.library import count, known_tags, library, uploaders
from webapp.models.many_media import MOST
from webapp.models.media import Media, live_media, restore_media, trash_media
from webapp.security import EDITOR, access, wants_json
from webapp.storage import StorageError, storage
from webapp.uploads import within_quota

blueprint = Blueprint("media", __name__, url_prefix="/admin/media")
asked.refuse_impossible_ids(blueprint)

PARTS = {
    "progress": "media/_progress.html",
    "card": "media/_card.html",
    "row": "media/_row.html",
    "picture": "media/_picture.html",
    "thumb": "media/_upload_thumb.html",
}


@blueprint.get("")
def index() -> str:
    filters = LibraryFilter.asked()
    rows = library(filters.wanted, filters.sort).options(selectinload(Media.tag_rows))
    found = asked.paged(rows, count=lambda: count(filters.wanted))
    people = {user.id: user.name for user in uploaders()}
    return render_template(
        "media/index.html",
        found=found,
        lines=progress.of_many_media(found.items),
        trashers=names_of_trashers(found.items),
        filters=filters,
        most=MOST,
        types=TYPES,
        people=people,
        tags=known_tags(),
        galleries=galleries_to_choose_from() if current_user.may_edit and not filters.trash else [],
        just_trashed=undone_media(),
        just_trashed_many=just_trashed_many(),
        ticked=request.args.getlist("ticked"),
    )


def undone_media() -> Media | None:
    media_id = asked.id_in_address("undo")
    media = db.session.get(Media, media_id) if media_id else None
    return media if media and media.deleted_at else None


@blueprint.post("")
@within_quota
def upload() -> ResponseReturnValue:
    outcomes, gallery, batch = uploads.take_all()
    status = uploads.status_of(outcomes)
    if wants_json():
        address = url_for("batches.status", batch_id=batch.id) if batch else None
        return jsonify(results=[outcome.as_json() for outcome in outcomes], batchStatusUrl=address), status
    media = [outcome.media for outcome in outcomes if outcome.media]
    return render_template(
        "media/uploaded.html",
        outcomes=outcomes,
        gallery=gallery,
        batch=batch,
        results=results_of(batch) if batch else None,
        lines=progress.of_many_media(media),
    ), status


@blueprint.get("/<int:media_id>")
def show(media_id: int) -> str:
    return picture.page(find_media(media_id))


@blueprint.post("/<int:media_id>")
def update(media_id: int) -> ResponseReturnValue:
    words = picture.typed(live_media(media_id))
    if words.errors:
        return picture.page(live_media(media_id), words), 422
    media = picture.save(live_media(media_id), words)
    flash("Saved. It still needs alt text." if media.needs_alt else "Saved.", "success")
    return redirect(url_for("media.show", media_id=media_id), 303)


@blueprint.get("/<int:media_id>/status")
def status(media_id: int) -> str:
    """The lines alone, or `?part=` of a page that shows the picture too as soon as it is ready."""
    part = PARTS.get(request.args.get("part", "progress"))
    if part is None:
        abort(404)
    media = find_media(media_id)
    return render_template(part, media=media, lines=progress.of_media(media), trashers=names_of_trashers([media]))


@blueprint.post("/<int:media_id>/trash")
def trash(media_id: int) -> ResponseReturnValue:
    if find_media(media_id).deleted_at is None:
        trash_media(media_id)
    return redirect(url_for("media.index", undo=media_id), 303)


@blueprint.post("/<int:media_id>/restore")
def restore(media_id: int) -> ResponseReturnValue:
    media = restore_media(media_id)
    flash(f"“{media.title}” is back in the library and in its galleries.", "success")
    return redirect(url_for("media.show", media_id=media_id), 303)


@blueprint.get("/<int:media_id>/original")
@access(EDITOR)
def original(media_id: int) -> Response:
    """The file as it was uploaded, only ever as a download: nobody has looked at what hides in it."""
    media = find_media(media_id)
    try:
        file = storage().open(media.storage_key)
    except FileNotFoundError:
        abort(404, f"The file of {media.filename} is missing. Upload it again.")
    except StorageError as error:
        count_storage_error()
        abort(503, str(error))
    answer = send_file(file, media.mime_type, as_attachment=True, download_name=media.filename, etag=False)
    answer.content_length = media.filesize
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer

"""The library: what is in it, one picture with its facts, uploading, and the trash."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from webapp.admin import asked, uploads
from webapp.admin.library import count_uses, find_media, known_tags, library
from webapp.extensions import db
from webapp.models import progress
from webapp.models.batch_results import results_of
from webapp.models.gallery import Gallery, galleries_showing
from webapp.models.media import Media, change_media, restore_media, trash_media
from webapp.models.picture import PictureBlock, picture_blocks_showing
from webapp.models.user import User
from webapp.security import wants_json
from webapp.storage import StorageError, storage

blueprint = Blueprint("media", __name__, url_prefix="/admin/media")
asked.refuse_impossible_ids(blueprint)

USES_SHOWN = 50
PARTS = {"progress": "media/_progress.html", "card": "media/_card.html", "picture": "media/_picture.html"}


@blueprint.get("")
def index() -> str:
    q, tag, trash = asked.search("q"), asked.search("tag"), request.args.get("trash") == "1"
    found = asked.paged(library(q=q, tag=tag, trash=trash))
    return render_template(
        "media/index.html",
        found=found,
        lines=progress.of_many_media(found.items),
        tags=known_tags(),
        q=q,
        tag=tag,
        trash=trash,
        just_trashed=undone_media(),
    )


def undone_media() -> Media | None:
    media_id = asked.id_in_address("undo")
    media = db.session.get(Media, media_id) if media_id else None
    return media if media and media.deleted_at else None


@blueprint.post("")
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
    media = find_media(media_id)
    pages, galleries = count_uses(media_id)
    return render_template(
        "media/show.html",
        media=media,
        lines=progress.of_media(media),
        uploader=db.session.get(User, media.created_by) if media.created_by else None,
        pages=pages,
        galleries=galleries,
        alone=db.session.scalars(
            picture_blocks_showing(media_id).options(joinedload(PictureBlock.page)).limit(USES_SHOWN)
        ).all(),
        uses=db.session.scalars(galleries_showing(media_id).options(joinedload(Gallery.page)).limit(USES_SHOWN)).all(),
    )


@blueprint.post("/<int:media_id>")
def update(media_id: int) -> ResponseReturnValue:
    tags = asked.text("tags").split(",") if "tags" in request.form else None
    change_media(media_id, alt=asked.text_if_sent("alt"), caption=asked.text_if_sent("caption"), tags=tags)
    flash("Saved.", "success")
    return redirect(url_for("media.show", media_id=media_id), 303)


@blueprint.get("/<int:media_id>/status")
def status(media_id: int) -> str:
    """The lines alone, or `?part=` of a page that shows the picture too as soon as it is ready."""
    part = PARTS.get(request.args.get("part", "progress"))
    if part is None:
        abort(404)
    media = find_media(media_id)
    return render_template(part, media=media, lines=progress.of_media(media))


@blueprint.post("/<int:media_id>/trash")
def trash(media_id: int) -> ResponseReturnValue:
    if find_media(media_id).deleted_at is None:
        trash_media(media_id)
    return redirect(url_for("media.index", undo=media_id), 303)


@blueprint.post("/<int:media_id>/restore")
def restore(media_id: int) -> ResponseReturnValue:
    media = restore_media(media_id)
    flash(f"{media.title} is back in the library and in its galleries.", "success")
    return redirect(url_for("media.show", media_id=media_id), 303)


@blueprint.get("/<int:media_id>/original")
def original(media_id: int) -> Response:
    """The file as it was uploaded, only ever as a download: nobody has looked at what hides in it."""
    media = find_media(media_id)
    try:
        file = storage().open(media.storage_key)
    except FileNotFoundError:
        abort(404, f"The file of {media.filename} is missing. Upload it again.")
    except StorageError as error:
        abort(503, str(error))
    answer = send_file(file, media.mime_type, as_attachment=True, download_name=media.filename, etag=False)
    answer.content_length = media.filesize
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer

"""Replacing the file of a picture."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.admin import asked, picture
from webapp.models.former_file import former_files
from webapp.models.media import live_media
from webapp.models.replacing import SameBytes, put_back
from webapp.replacements import take_replacement
from webapp.uploads import Refused, within_quota

blueprint = Blueprint("replacing", __name__, url_prefix="/admin/media")
asked.refuse_impossible_ids(blueprint)


@blueprint.post("/<int:media_id>/file")
@within_quota
def replace(media_id: int) -> ResponseReturnValue:
    live_media(media_id)
    try:
        file = request.files.get("file")
        if file is None or not file.filename:
            raise Refused("Choose the new file first.", 400)
        take_replacement(media_id, file, by=current_user.id)
    except Refused as refused:
        media = live_media(media_id)
        words = picture.saved(media)
        words.errors["file"] = str(refused)
        return picture.page(media, words), refused.status_code
    return show_with_undo(media_id)


@blueprint.post("/<int:media_id>/file/<int:former_id>")
def restore(media_id: int, former_id: int) -> ResponseReturnValue:
    """Pressed twice, the second finds that it is not a file of before any more."""
    try:
        put_back(media_id, former_id, by=current_user.id)
    except SameBytes as found:
        where = "in the trash" if found.media.deleted_at else "in the library"
        flash(f"That file is {where} as another picture by now: {found.media.title}. Nothing was changed.", "warning")
        return redirect(url_for("media.show", media_id=media_id), 303)
    return show_with_undo(media_id)


def show_with_undo(media_id: int) -> ResponseReturnValue:
    return redirect(url_for("media.show", media_id=media_id, replaced=former_files(media_id)[0].id), 303)

"""Replacing the file of a picture."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.admin import asked, picture
from webapp.models.media import live_media
from webapp.replacements import take_replacement
from webapp.uploads import Refused

blueprint = Blueprint("replacing", __name__, url_prefix="/admin/media")
asked.refuse_impossible_ids(blueprint)


@blueprint.post("/<int:media_id>/file")
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
    flash("The new file is stored. It is shown as soon as it is ready.", "success")
    return redirect(url_for("media.show", media_id=media_id), 303)

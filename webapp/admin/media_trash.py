"""Deleting a picture for good, after a question."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.admin import asked
from webapp.admin.library import words_for_uses
from webapp.database import db
from webapp.models.deleting import delete_media, trashed_media
from webapp.models.media import Media
from webapp.security import EDITOR, access

blueprint = Blueprint("media_trash", __name__, url_prefix="/admin/media/<int:media_id>/delete")
asked.refuse_impossible_ids(blueprint)


@blueprint.get("")
@access(EDITOR)
def ask(media_id: int) -> str:
    media = trashed_media(media_id)
    return render_template("media/delete.html", media=media, uses=words_for_uses([media_id]))


@blueprint.post("")
def delete(media_id: int) -> ResponseReturnValue:
    if db.session.get(Media, media_id) is not None:
        flash(f"“{delete_media(media_id)}” is deleted for good.", "success")
    return redirect(url_for("media.index", trash=1), 303)

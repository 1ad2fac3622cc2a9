"""Adding pictures of the library to a gallery by hand."""

from __future__ import annotations

from flask import abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.admin import asked
from webapp.admin.galleries import blueprint, edit_page, edit_url
from webapp.admin.gallery_views import ADD, ticks
from webapp.database import transaction
from webapp.models.gallery import add_item, find_gallery
from webapp.models.progress import counted
from webapp.security import wants_json

NOTHING_TICKED = "Tick one or more pictures first."


@blueprint.get("/<int:gallery_id>/add")
def choose(gallery_id: int) -> ResponseReturnValue:
    """Whoever loads the address of an answer again, or follows a link in it, comes to the chooser."""
    find_gallery(gallery_id)
    return redirect(edit_url(gallery_id, view=ADD, q=asked.search("q") or None, page=asked.page_number()))


@blueprint.post("/<int:gallery_id>/add")
def add(gallery_id: int) -> ResponseReturnValue:
    gallery = find_gallery(gallery_id)
    wanted = [asked.number(one, "There is no such picture.") for one in ticks(request.form)]
    if not wanted and wants_json():
        abort(400, NOTHING_TICKED)
    if not wanted:
        flash(NOTHING_TICKED, "warning")
        return edit_page(gallery, ADD), 400
    with transaction():
        missing = [media_id for media_id in wanted if not added(gallery_id, media_id)]
    if len(missing) == len(wanted):
        raise LookupError(f"There is no picture {missing[0]}.")
    words = f"{counted(len(wanted) - len(missing), 'picture', 'pictures')} added."
    if missing:
        words += f" {counted(len(missing), 'picture is', 'pictures are')} no longer in the library."
    if wants_json():
        return jsonify(success=True, words=words, missing=missing)
    flash(words, "success")
    return redirect(edit_url(gallery_id), 303)


def added(gallery_id: int, media_id: int) -> bool:
    try:
        add_item(gallery_id, media_id, by=current_user.id)
    except LookupError:  # somebody put it into the trash since the picker was opened; the others are added
        return False
    return True

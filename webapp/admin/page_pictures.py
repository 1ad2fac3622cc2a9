"""Choosing the picture of a picture block: from the library, or uploaded right there."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.admin import asked
from webapp.admin.page_form import NOT_OUR_FORM
from webapp.admin.saved_words import words_for_picture
from webapp.admin.uploads import chosen_files, take
from webapp.models.library import Wanted, library
from webapp.models.page import Page, PageConflict, UnfitPage, live_page
from webapp.models.picture import PictureBlock, choose_picture

blueprint = Blueprint("page_pictures", __name__, url_prefix="/admin/pages/<int:page_id>/blocks/<int:block_id>")
asked.refuse_impossible_ids(blueprint)


@blueprint.get("/picture")
def choose(page_id: int, block_id: int) -> str:
    if not current_user.may_edit:
        abort(403, "Your account may look but not change pages. Ask an admin for the role of editor.")
    page = live_page(page_id)
    q = asked.search("q")
    return render_template(
        "pages/choose.html",
        version=page.version,
        chosen_id=picture_block(page, block_id).media_id,
        place="On the page now",
        back=url_for("pages.edit", page_id=page_id, _anchor=f"block-{block_id}"),
        back_label=page.title,
        url=url_for("page_pictures.choose", page_id=page_id, block_id=block_id),
        found=asked.paged(library(Wanted(words=q))),
        q=q,
    )


def picture_block(page: Page, block_id: int) -> PictureBlock:
    """Raises LookupError."""
    for block in page.blocks:
        if block.id == block_id and isinstance(block, PictureBlock):
            return block
    raise LookupError(f"There is no picture block {block_id} on this page.")


@blueprint.post("/picture")
def chosen(page_id: int, block_id: int) -> ResponseReturnValue:
    picture_block(live_page(page_id), block_id)
    version = asked.number(request.form.get("version"), NOT_OUR_FORM)
    media_id = uploaded_or_ticked()
    again = redirect(url_for("page_pictures.choose", page_id=page_id, block_id=block_id), 303)
    if media_id is None:
        return again
    try:
        page = choose_picture(page_id, version, block_id, media_id, by=current_user.id)
    except PageConflict:
        flash("Somebody else saved this page meanwhile, so nothing is changed yet. Choose once more.", "warning")
        return again
    except UnfitPage:
        flash("This picture is no longer in the library. Choose another.", "warning")
        return again
    flash(words_for_picture(page), "success")
    return redirect(url_for("pages.edit", page_id=page_id, _anchor=f"block-{block_id}"), 303)


def uploaded_or_ticked() -> int | None:
    """None after saying what is wrong."""
    if "media_id" in request.form:
        return asked.number(request.form["media_id"], "There is no such picture.")
    files = chosen_files()
    if not files:
        flash("No picture was chosen. Press one, or choose a file and upload it.", "warning")
        return None
    outcome = take(files[0], None)
    if outcome.media is None:
        flash(outcome.words, "danger")
        return None
    return outcome.media.id

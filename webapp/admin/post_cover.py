"""Choosing the cover of a post: from the library, or uploaded right there."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.admin import asked
from webapp.admin.page_pictures import uploaded_or_ticked
from webapp.admin.post_form import NOT_OUR_FORM
from webapp.admin.saved_words import words_for_picture
from webapp.models.library import Wanted, library
from webapp.models.post import PostConflict, UnfitPost, live_post, save_post
from webapp.security import EDITOR, access

blueprint = Blueprint("post_cover", __name__, url_prefix="/admin/posts/<int:post_id>/cover")
asked.refuse_impossible_ids(blueprint)


@blueprint.get("")
@access(EDITOR)
def choose(post_id: int) -> str:
    post, q = live_post(post_id), asked.search("q")
    return render_template(
        "pages/choose.html",
        version=post.version,
        chosen_id=post.cover_id,
        place="The cover now",
        back=url_for("posts.edit", post_id=post_id, _anchor="cover"),
        back_label=post.title,
        url=url_for("post_cover.choose", post_id=post_id),
        found=asked.paged(library(Wanted(words=q))),
        q=q,
    )


@blueprint.post("")
def chosen(post_id: int) -> ResponseReturnValue:
    live_post(post_id)
    version = asked.number(request.form.get("version"), NOT_OUR_FORM)
    media_id = uploaded_or_ticked()
    again = redirect(url_for("post_cover.choose", post_id=post_id), 303)
    if media_id is None:
        return again
    try:
        post = save_post(post_id, version, {"cover_id": media_id}, by=current_user.id)
    except PostConflict:
        flash("Somebody else saved this post meanwhile, so nothing is changed yet. Choose once more.", "warning")
        return again
    except UnfitPost:
        flash("This picture is no longer in the library. Choose another.", "warning")
        return again
    flash(words_for_picture(post), "success")
    return redirect(url_for("posts.edit", post_id=post_id, _anchor="cover"), 303)

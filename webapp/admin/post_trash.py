"""Deleting a post for good, after a question."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.admin import asked
from webapp.database import db
from webapp.models.deleting import delete_post, trashed_post
from webapp.models.post import Post
from webapp.security import EDITOR, access

blueprint = Blueprint("post_trash", __name__, url_prefix="/admin/posts/<int:post_id>/delete")
asked.refuse_impossible_ids(blueprint)


@blueprint.get("")
@access(EDITOR)
def ask(post_id: int) -> str:
    return render_template("posts/delete.html", post=trashed_post(post_id))


@blueprint.post("")
def delete(post_id: int) -> ResponseReturnValue:
    if db.session.get(Post, post_id) is not None:
        flash(f"“{delete_post(post_id)}” is deleted for good.", "success")
    return redirect(url_for("posts.index", trash=1), 303)

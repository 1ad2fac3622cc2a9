"""Deleting a page for good, after a question."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.admin import asked
from webapp.admin.page_list import held_by
from webapp.database import db
from webapp.models.deleting import delete_page, trashed_page
from webapp.models.page import Page
from webapp.security import EDITOR, access

blueprint = Blueprint("page_trash", __name__, url_prefix="/admin/pages/<int:page_id>/delete")
asked.refuse_impossible_ids(blueprint)


@blueprint.get("")
@access(EDITOR)
def ask(page_id: int) -> str:
    page = trashed_page(page_id)
    return render_template("pages/delete.html", page=page, holds=held_by([page])[page_id])


@blueprint.post("")
def delete(page_id: int) -> ResponseReturnValue:
    if db.session.get(Page, page_id) is not None:
        flash(f"“{delete_page(page_id)}” is deleted for good.", "success")
    return redirect(url_for("pages.index", trash=1), 303)

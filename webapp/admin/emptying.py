"""Emptying the trash, after a question that says how much is lost."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from webapp.admin import asked
from webapp.admin.library import words_for_uses
from webapp.admin.library_parts import moment_of, stamp_of
from webapp.database import db, utcnow
from webapp.models.deleting import empty_trash
from webapp.models.library import in_trash
from webapp.models.media import Media
from webapp.models.progress import counted
from webapp.security import EDITOR, access

blueprint = Blueprint("emptying", __name__, url_prefix="/admin/media/trash/empty")


@blueprint.get("")
@access(EDITOR)
def ask() -> ResponseReturnValue:
    """The form says until when: what is moved to the trash after the question stays there."""
    until = utcnow()
    count = db.session.scalar(select(func.count(Media.id)).where(in_trash())) or 0
    if not count:
        return back("The trash is empty already.")
    return render_template(
        "media/delete_many.html",
        all=True,
        count=count,
        fields=[("until", stamp_of(until))],
        uses=words_for_uses(select(Media.id).where(in_trash())),
        action=url_for("emptying.empty"),
        back=url_for("media.index", trash=1),
    )


@blueprint.post("")
def empty() -> ResponseReturnValue:
    until = moment_of(asked.number(request.form.get("until"), "Say until when."))
    count = empty_trash(min(until, utcnow()))
    if not count:
        return back("The trash is empty already.")
    return back(f"{counted(count, 'picture is', 'pictures are')} deleted for good.")


def back(words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("media.index", trash=1), 303)

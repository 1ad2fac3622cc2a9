"""Doing one thing to many pictures of the library: where, and what is said after."""

from __future__ import annotations

from sqlalchemy import select

from webapp.database import db
from webapp.models.media import Media

VERBS = ("tag", "untag", "hang", "trash", "restore", "delete")


def url(verb: str, query: str = "") -> str:
    return f"/admin/media/many/{verb}{query}"


def after(editor, answer) -> str:
    assert answer.status_code == 303, answer.text
    return " ".join(editor.get(answer.location).text.split())


def in_trash() -> set[int]:
    db.session.rollback()
    return set(db.session.scalars(select(Media.id).where(Media.deleted_at.is_not(None))))

"""The address of a page or a post that is in the trash, as after going back in the browser."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from webapp.extensions import db
from webapp.models.page import Page
from webapp.models.post import DRAFT, PUBLISHED, SCHEDULED, Post
from webapp.models.user import User

BACK = {
    DRAFT: ", as a draft",
    SCHEDULED: ", to be published as it was planned",
    PUBLISHED: ", where everybody can read it",
}  # by its status


def in_trash(row: Page | Post) -> str:
    """Who moved it there and when, with a way back."""
    thing = "page" if isinstance(row, Page) else "post"
    row_id: dict[str, Any] = {f"{thing}_id": row.id}
    return render_template(
        "pages/in_trash.html",
        thing=thing,
        title=row.title,
        deleted_at=row.deleted_at,
        trashed_by=db.session.get(User, row.deleted_by) if row.deleted_by else None,
        trash_url=url_for(f"{thing}s.index", trash=1),
        restore_url=url_for(f"{thing}s.restore", **row_id),
        delete_url=url_for(f"{thing}_trash.ask", **row_id),
    )


def words_for_back(row: Page | Post) -> str:
    """After it came back from there."""
    return f"“{row.title}” is back{BACK[row.status]}."

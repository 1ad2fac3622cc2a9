"""The Atom feed of all posts: the newest, each with all of its words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response, render_template
from sqlalchemy import Row, func, select

from webapp.database import db
from webapp.models.user import User
from webapp.site.blueprint import blueprint
from webapp.site.feed import name_of, whole
from webapp.site.post_rows import feed_rows
from webapp.site.shown_post import ShownPost
from webapp.site.unchanged import unless_unchanged

MOST = 20
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # before anybody could write


@blueprint.get("/posts.atom")
def posts_feed() -> Response:
    rows = feed_rows(MOST)
    began_at = db.session.scalar(select(func.min(User.created_at))) or LONG_AGO
    return unless_unchanged((began_at, *rows), lambda: render_feed(rows, began_at))


def render_feed(rows: Sequence[Row[Any]], began_at: datetime) -> Response:
    """`began_at` tells this site from any other."""
    entries = [(name_of((f"post:{row.post_id}", row.made_at)), ShownPost.of(row)) for row in rows]
    xml = render_template(
        "site/posts.xml",
        entries=entries,
        updated=max([began_at, *(post.updated_at for _, post in entries)]),
        feed_id=name_of(("posts", began_at)),
        whole=whole,
    )
    return Response(xml, mimetype="application/atom+xml")

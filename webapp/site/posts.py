"""Posts as everybody reads them: their list, the newest first, and each at its address."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from flask import Response, abort, make_response, render_template, request, url_for
from sqlalchemy import Row

from webapp.models.finding_related import related
from webapp.site.addresses import asked_number, in_full, url_of_media
from webapp.site.blueprint import blueprint
from webapp.site.data import post_as_data
from webapp.site.post_rows import PAGE_SIZE, count_listed, is_public, listed_rows, post_row, rows_titled
from webapp.site.shown_post import ShownPost
from webapp.site.text import excerpt
from webapp.site.unchanged import unless_unchanged

LONGEST_TAG = 80  # characters
RELATED = 3  # posts, at most


@blueprint.get("/posts")
def posts() -> Response:
    number, tag = asked_number(), asked_tag()
    rows, last_number = listed_rows(number, tag), ceil(count_listed(tag) / PAGE_SIZE)
    if not rows and (number > 1 or tag):
        abort(404)
    return unless_unchanged(
        (number, tag, last_number, *rows),
        lambda: render_template(
            "site/posts.html",
            posts=ShownPost.all_of(rows),
            tag=tag,
            number=number,
            last_number=last_number,
            canonical=in_full(url_for("site.posts", page=number if number > 1 else None, tag=tag or None)),
            url_of_media=url_of_media(),
        ),
    )


def asked_tag() -> str:
    """As tags are kept; "" for all posts."""
    return request.args.get("tag", "").replace("\0", "").strip().lower()[:LONGEST_TAG]


@blueprint.get("/posts/<post_slug:slug>")
def post(slug: str) -> Response:
    row = post_row(slug=slug)
    if row is None or not is_public(row):
        abort(404)
    near = rows_titled(related("posts", row.post_id, RELATED, to_everybody=True))
    return unless_unchanged((row, *near), lambda: render(ShownPost.of(row), near=near))


def show_post_preview(shown: ShownPost) -> Response:
    """It is never kept."""
    response = make_response(render(shown, preview=True))
    response.headers["Cache-Control"] = "no-store"
    return response


def render(shown: ShownPost, *, near: Sequence[Row[Any]] = (), preview: bool = False) -> str:
    cover = shown.cover
    return render_template(
        "site/post.html",
        shown=shown,
        description=excerpt(shown.summary) or shown.title,
        canonical=in_full(url_for("site.post", slug=shown.slug)),
        cover_url=in_full(url_for("site.rendition", name=cover.files.medium.name)) if cover else None,
        cover_alt=cover.alt if cover else "",
        post_as_data=None if preview else post_as_data(shown),
        near=near,
        preview=preview,
        edit_url=url_for("posts.edit", post_id=shown.id) if preview else None,
        url_of_media=url_of_media(),
    )

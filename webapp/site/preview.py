"""A draft as its public page will look, for whoever is signed in."""

from __future__ import annotations

from flask import abort, redirect, url_for
from werkzeug.wrappers import Response

from webapp.security import VIEWER, access
from webapp.site.addresses import asked_number
from webapp.site.blueprint import blueprint
from webapp.site.pages import show_preview
from webapp.site.post_rows import is_public, post_row
from webapp.site.posts import show_post_preview
from webapp.site.shown import find
from webapp.site.shown_post import ShownPost

BIGGEST = 2**63 - 1  # an id that a row can have


@blueprint.get(f"/admin/pages/<int(max={BIGGEST}):page_id>/preview")
@access(VIEWER)
def preview(page_id: int) -> Response:
    found = find(asked_number(), id=page_id)
    if found is None or found.is_in_trash:
        abort(404, f"There is no page {page_id}.")
    if not found.is_public:
        return show_preview(found)
    return lead_to(url_for("site.page", slug=found.page[0].slug))


@blueprint.get(f"/admin/posts/<int(max={BIGGEST}):post_id>/preview")
@access(VIEWER)
def post_preview(post_id: int) -> Response:
    row = post_row(id=post_id)
    if row is None or row.deleted_at is not None:
        abort(404, f"There is no post {post_id}.")
    if not is_public(row):
        return show_post_preview(ShownPost.of(row))
    return lead_to(url_for("site.post", slug=row.slug))


def lead_to(public: str) -> Response:
    """It is published: nothing is left to preview."""
    answer = redirect(public, 303)
    answer.headers["Cache-Control"] = "no-store"
    return answer

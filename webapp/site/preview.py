"""A draft as its public page will look, for whoever is signed in."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from webapp.models.page import live_page
from webapp.security import VIEWER, access
from webapp.site.blueprint import blueprint
from webapp.site.pages import show

BIGGEST = 2**63 - 1  # an id that a row can have


@blueprint.get(f"/admin/pages/<int(max={BIGGEST}):page_id>/preview")
@access(VIEWER)
def preview(page_id: int) -> Response:
    page = live_page(page_id)
    if not page.is_public:
        return show(page, preview=True)
    answer = redirect(url_for("site.page", slug=page.slug), 303)
    answer.headers["Cache-Control"] = "no-store"
    return answer

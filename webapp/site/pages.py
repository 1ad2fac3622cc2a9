"""The home page, and each published page at its slug."""

from __future__ import annotations

from flask import abort, make_response, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.database import db
from webapp.models.page import Page
from webapp.site.addresses import asked_number, in_full
from webapp.site.blueprint import blueprint
from webapp.site.cards import cards, last_number_of_cards
from webapp.site.data import as_data
from webapp.site.shown import ShownPage, shown_page


@blueprint.get("/")
def home() -> Response:
    number = asked_number()
    shown = cards(number)
    if number > 1 and not shown:
        abort(404)
    return answer(
        "site/home.html",
        cards=shown,
        number=number,
        last_number=last_number_of_cards(),
        canonical=in_full(url_for("site.home", page=number if number > 1 else None)),
    )


@blueprint.get("/<slug:slug>")
def page(slug: str) -> Response:
    return show(find_page(slug))


def find_page(slug: str) -> Page:
    """A published page; 404 for any other."""
    found = db.session.scalar(select(Page).where(Page.slug == slug))
    if found is None or not found.is_public:
        abort(404)
    return found


def show(page: Page, *, preview: bool = False) -> Response:
    number = asked_number()
    shown = shown_page(page, number)
    if number > 1 and not shown.galleries:
        abort(404)
    return answer(
        "site/page.html",
        page=page,
        shown=shown,
        anchors=shown.anchors(),
        canonical=in_full(url_for("site.page", slug=page.slug, page=number if number > 1 else None)),
        cover_url=url_of_cover(shown),
        pictures_as_data=None if preview else as_data(shown),
        preview=preview,
    )


def url_of_cover(shown: ShownPage) -> str | None:
    """Of the first picture on the page, for those who show a link to it."""
    first = next(shown.pictures(), None)
    return in_full(url_for("site.rendition", name=first[1].medium.name)) if first else None


def answer(template: str, *, preview: bool = False, **context: object) -> Response:
    """An HTML page that need not be sent again while it is the same; a preview is never kept."""
    response = make_response(render_template(template, preview=preview, **context))
    if preview:
        response.headers["Cache-Control"] = "no-store"
        return response
    response.add_etag()
    return response.make_conditional(request)

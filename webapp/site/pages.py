"""The home page, and each published page at its slug."""

from __future__ import annotations

from flask import Response, abort, make_response, render_template, url_for
from sqlalchemy import select

from webapp.database import db
from webapp.models.page import Page
from webapp.site.addresses import asked_number, in_full, url_of_media
from webapp.site.blueprint import blueprint
from webapp.site.cards import card_rows, cards_of, count_all
from webapp.site.data import as_data
from webapp.site.shown import Found, ShownPage, find
from webapp.site.unchanged import unless_nothing_changed, unless_unchanged


@blueprint.get("/")
def home() -> Response:
    number = asked_number()
    rows, (last_number, has_posts) = card_rows(number), count_all()
    if number > 1 and not rows:
        abort(404)
    return unless_unchanged(
        (number, last_number, has_posts, *rows),
        lambda: render_template(
            "site/home.html",
            cards=cards_of(rows),
            number=number,
            last_number=last_number,
            has_posts=has_posts,
            canonical=in_full(url_for("site.home", page=number if number > 1 else None)),
            url_of_media=url_of_media(),
        ),
    )


@blueprint.get("/<slug:slug>")
@unless_nothing_changed
def page(slug: str) -> Response:
    found = find(asked_number(), slug=slug)
    if found is None or not found.is_public or not found.has_content:
        abort(404)
    return unless_unchanged((found.number, *found.page, *found.pictures), lambda: render(found.shown()))


def find_page(slug: str) -> Page:
    """A published page; 404 for any other."""
    found = db.session.scalar(select(Page).where(Page.slug == slug))
    if found is None or not found.is_public:
        abort(404)
    return found


def show_preview(found: Found) -> Response:
    """It is never kept."""
    if not found.has_content:
        abort(404)
    response = make_response(render(found.shown(), preview=True))
    response.headers["Cache-Control"] = "no-store"
    return response


def render(shown: ShownPage, *, preview: bool = False) -> str:
    number = shown.number
    return render_template(
        "site/page.html",
        shown=shown,
        anchors=shown.anchors,
        canonical=in_full(url_for("site.page", slug=shown.slug, page=number if number > 1 else None)),
        cover_url=url_of_cover(shown),
        cover_alt=next((picture.alt for _, picture in shown.pictures()), ""),
        pictures_as_data=None if preview else as_data(shown),
        has_posts=shown.has_posts,
        preview=preview,
        edit_url=url_for("pages.edit", page_id=shown.id) if preview else None,
        url_of_media=url_of_media(),
    )


def url_of_cover(shown: ShownPage) -> str | None:
    """Of the first picture on the page, for those who show a link to it."""
    first = next(shown.pictures(), None)
    return in_full(url_for("site.rendition", name=first[1].files.medium.name)) if first else None

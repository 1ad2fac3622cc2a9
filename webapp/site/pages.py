"""The home page, and each published page at its slug."""

from __future__ import annotations

from math import ceil

from flask import abort, make_response, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.database import db
from webapp.models.page import TEXT, Page
from webapp.site.addresses import asked_number, in_full
from webapp.site.blueprint import blueprint
from webapp.site.cards import cards, last_number_of_cards
from webapp.site.galleries import PAGE_SIZE, ShownGallery, shown_galleries
from webapp.site.text import excerpt


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
    number = asked_number()
    found = find_page(slug)
    galleries = shown_galleries(found, number)
    if number > 1 and not galleries:
        abort(404)
    return answer(
        "site/page.html",
        page=found,
        galleries=galleries,
        number=number,
        last_number=max((ceil(gallery.total / PAGE_SIZE) for gallery in galleries.values()), default=1),
        description=describe(found, galleries),
        canonical=in_full(url_for("site.page", slug=slug, page=number if number > 1 else None)),
        cover_url=url_of_cover(found, galleries),
        preview=not found.is_public,
    )


def find_page(slug: str) -> Page:
    """A published page; or, for whoever is signed in and asks for a preview, a draft. 404 otherwise."""
    found = db.session.scalar(select(Page).where(Page.slug == slug, Page.deleted_at.is_(None)))
    if found is None or not (found.is_public or (wants_preview() and current_user.is_authenticated)):
        abort(404)
    return found


def wants_preview() -> bool:
    return request.args.get("preview") == "1"


def describe(found: Page, galleries: dict[int, ShownGallery]) -> str:
    text = next((block.body for block in found.blocks if block.type == TEXT and block.body.strip()), "")
    count = sum(gallery.total for gallery in galleries.values())
    return excerpt(text) or f"{found.title}: {count:,} {'picture' if count == 1 else 'pictures'}"


def url_of_cover(found: Page, galleries: dict[int, ShownGallery]) -> str | None:
    """Of the first picture on the page, for those who show a link to it."""
    pictures = [picture for block in found.blocks if block.id in galleries for picture in galleries[block.id].pictures]
    return in_full(url_for("site.rendition", name=pictures[0].medium.name)) if pictures else None


def answer(template: str, *, preview: bool = False, **context: object) -> Response:
    """An HTML page that need not be sent again while it is the same; a preview is never kept."""
    response = make_response(render_template(template, preview=preview, **context))
    if preview:
        response.headers["Cache-Control"] = "no-store"
        return response
    response.add_etag()
    return response.make_conditional(request)

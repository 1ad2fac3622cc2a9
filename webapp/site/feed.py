"""An Atom feed for each published page: the pictures that came last, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from flask import make_response, render_template, request
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from webapp.database import db
from webapp.models.gallery import Item
from webapp.models.page import Block, Page
from webapp.site.addresses import in_full
from webapp.site.blueprint import blueprint
from webapp.site.pages import find_page
from webapp.site.pictures import COLUMNS, MEDIA, SHOWN, Picture

MOST = 40


@dataclass(frozen=True)
class Entry:
    id: str
    picture: Picture
    added_at: datetime


@blueprint.get("/<slug:slug>.atom")
def feed(slug: str) -> Response:
    page = find_page(slug)
    entries = newest(page)
    answer = make_response(
        render_template(
            "site/feed.xml",
            page=page,
            entries=entries,
            updated=max([page.updated_at, *(entry.added_at for entry in entries)]),
            feed_id=name_of((page.subject, page.created_at)),
            whole=whole,
        )
    )
    answer.mimetype = "application/atom+xml"
    answer.add_etag()
    return answer.make_conditional(request)


def newest(page: Page) -> list[Entry]:
    """Each picture of the page's galleries once, since it is in the first of them."""
    added_at = func.min(Item.added_at, type_=Item.added_at.type)
    rows = db.session.execute(
        select(added_at.label("added_at"), MEDIA.c.created_at, *COLUMNS)
        .join_from(MEDIA, Item, Item.media_id == MEDIA.c.id)
        .join(Block, Block.id == Item.gallery_id)
        .where(Block.page_id == page.id, ~Item.hidden, *SHOWN)
        .group_by(MEDIA.c.id)
        .order_by(added_at.desc(), MEDIA.c.id.desc())
        .limit(MOST)
    ).all()
    named = (page.subject, page.created_at)
    return [
        Entry(name_of(named, (f"media:{row.id}", row.created_at)), picture, row.added_at)
        for row in rows
        if (picture := Picture.of(row))
    ]


def name_of(*named: tuple[str, datetime]) -> str:
    """An id that stays when the page is renamed or the site moves, and that no other site has."""
    return uuid5(NAMESPACE_URL, " ".join(f"{subject} of {made_at.isoformat()}" for subject, made_at in named)).urn


def whole(path: str) -> str:
    """Under SERVER_URL; without one a reader finds it from the address of the feed."""
    return in_full(path) or path

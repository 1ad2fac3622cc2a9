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
from webapp.models.media import Media
from webapp.models.page import Block, Page
from webapp.site.addresses import in_full
from webapp.site.blueprint import blueprint
from webapp.site.pages import find_page
from webapp.site.pictures import Picture, with_renditions

MOST = 40


@dataclass(frozen=True)
class Entry:
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
            name_of=name_of,
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
        select(Media, added_at)
        .join(Item, Item.media_id == Media.id)
        .join(Block, Block.id == Item.gallery_id)
        .where(Block.page_id == page.id, ~Item.hidden, Media.deleted_at.is_(None), Media.is_ready)
        .group_by(Media.id)
        .order_by(added_at.desc(), Media.id.desc())
        .limit(MOST)
    ).all()
    pictures = with_renditions(media for media, _ in rows)
    return [Entry(pictures[media.id], since) for media, since in rows if media.id in pictures]


def name_of(*rows: Page | Media) -> str:
    """An id that stays when the page is renamed or the site moves, and that no other site has."""
    return uuid5(NAMESPACE_URL, " ".join(f"{row.subject} of {row.created_at.isoformat()}" for row in rows)).urn


def whole(path: str) -> str:
    """Under SERVER_URL; without one a reader finds it from the address of the feed."""
    return in_full(path) or path

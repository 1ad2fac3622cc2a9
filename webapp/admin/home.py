"""The first page after signing in: what is here, and how the background is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from webapp.admin.alarms import background, held_up_uploads
from webapp.database import db
from webapp.jobs import health
from webapp.models import drift, progress
from webapp.models.gallery import Gallery
from webapp.models.media import Media
from webapp.models.page import Page

blueprint = Blueprint("home", __name__, url_prefix="/admin")

blueprint.add_app_template_global(held_up_uploads)

RECENT = 8


@blueprint.get("/")
def index() -> str:
    pages = recent_pages()
    return render_template(
        "home/index.html",
        **uploads_with_progress(),
        pages=pages,
        galleries=galleries_of(pages),
        total_media=count(Media),
        total_pages=count(Page),
        background=background(),
        jobs=health.counts(),
        drift=drift.last_check(),
    )


@blueprint.get("/recent-uploads")
def recent() -> str:
    """The fragment that the page fetches until every upload is settled."""
    return render_template("home/_uploads.html", **uploads_with_progress())


def uploads_with_progress() -> dict[str, Any]:
    uploads = recent_uploads()
    lines = progress.of_many_media(uploads)
    moving = any(not line.settled for of_one in lines.values() for line in of_one)
    return {"uploads": uploads, "lines": lines, "moving": moving}


def recent_uploads() -> Sequence[Media]:
    found = select(Media).where(Media.deleted_at.is_(None)).options(selectinload(Media.renditions))
    return db.session.scalars(found.order_by(Media.created_at.desc(), Media.id.desc()).limit(RECENT)).all()


def recent_pages() -> Sequence[Page]:
    found = select(Page).where(Page.deleted_at.is_(None))
    return db.session.scalars(found.order_by(Page.updated_at.desc(), Page.id.desc()).limit(RECENT)).all()


def galleries_of(pages: Sequence[Page]) -> dict[int, list[Gallery]]:
    """By page id, in their order on the page."""
    by_page: dict[int, list[Gallery]] = defaultdict(list)
    found = select(Gallery).where(Gallery.page_id.in_([page.id for page in pages]))
    for gallery in db.session.scalars(found.order_by(Gallery.position, Gallery.id)):
        by_page[gallery.page_id].append(gallery)
    return by_page


def count(of: type[Media] | type[Page]) -> int:
    return db.session.scalar(select(func.count()).select_from(of).where(of.deleted_at.is_(None))) or 0

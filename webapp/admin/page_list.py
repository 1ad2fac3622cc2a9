"""Finding pages for their list, and what each of them holds, in words."""

from __future__ import annotations

from collections.abc import Collection

from flask import request
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import selectinload

from webapp.admin import asked
from webapp.extensions import db
from webapp.models.gallery import Item, live_media_ids
from webapp.models.page import GALLERY, PAGE_STATUSES, Block, Page
from webapp.models.progress import counted
from webapp.models.user import User

SORTS = {
    "saved": ("Last saved", (Page.updated_at.desc(), Page.id.desc())),
    "title": ("Title", (func.lower(Page.title), Page.id)),
    "newest": ("Newest", (Page.created_at.desc(), Page.id.desc())),
    "oldest": ("Oldest", (Page.created_at, Page.id)),
}
TRASH_ORDER = (Page.deleted_at.desc(), Page.id.desc())


def asked_filters() -> dict[str, str]:
    """From the address; what is none of ours counts as not asked for."""
    status, sort = request.args.get("status", ""), request.args.get("sort", "saved")
    return {
        "q": asked.search("q"),
        "status": status if status in PAGE_STATUSES else "",
        "sort": sort if sort in SORTS else "saved",
    }


def find_pages(*, trash: bool, q: str, status: str, sort: str) -> Select[Page]:
    in_trash = Page.deleted_at.is_not(None) if trash else Page.deleted_at.is_(None)
    found = select(Page).where(in_trash).options(selectinload(Page.blocks))
    if q:
        found = found.where(or_(*(place.icontains(q, autoescape=True) for place in (Page.title, Page.slug))))
    if status and not trash:  # what lies in the trash comes back as a draft, whatever it was
        found = found.where(Page.status == status)
    return found.order_by(*(TRASH_ORDER if trash else SORTS[sort][1]))


def held_by(pages: Collection[Page]) -> dict[int, str]:
    """For each page id "2 galleries with 140 pictures", or "no gallery"; one query for all of them."""
    ids = [page.id for page in pages]
    shown = (~Item.hidden, Item.media_id.in_(live_media_ids()))
    hung = select(Block.page_id, func.count()).join(Item, Item.gallery_id == Block.id)
    pictures = dict(db.session.execute(hung.where(Block.page_id.in_(ids), *shown).group_by(Block.page_id)).all())
    return {page.id: _words(page, pictures.get(page.id, 0)) for page in pages}


def _words(page: Page, pictures: int) -> str:
    galleries = sum(block.type == GALLERY for block in page.blocks)
    if not galleries:
        return "no gallery"
    return f"{counted(galleries, 'gallery', 'galleries')} with {counted(pictures, 'picture', 'pictures')}"


def names_of_deleters(pages: Collection[Page]) -> dict[int, str]:
    """By the id of the person, if known."""
    ids = {page.deleted_by for page in pages} - {None}
    if not ids:
        return {}
    return {user.id: user.name for user in db.session.scalars(select(User).where(User.id.in_(ids)))}

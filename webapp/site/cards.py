"""What the home page lists: every published page, with a cover."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from webapp.database import db
from webapp.models.gallery import Item
from webapp.models.media import Media
from webapp.models.page import GALLERY, PICTURE, PUBLISHED, Block, Page
from webapp.site.pictures import Picture, with_renditions

PAGE_SIZE = 60


@dataclass(frozen=True)
class Card:
    """A published page on the home page; `cover` is None while it has no picture to show."""

    page: Page
    cover: Picture | None


def cards(number: int) -> list[Card]:
    """The number-th published pages, newest first, each with the picture that it shows first."""
    pages = _published().limit(PAGE_SIZE).offset(PAGE_SIZE * (number - 1)).subquery()
    page = aliased(Page, pages)
    rows = db.session.execute(
        select(page, Media)
        .outerjoin(Media, Media.id == _cover_id(page).scalar_subquery())
        .order_by(page.created_at.desc(), page.id.desc())
    ).all()
    pictures = with_renditions(media for _, media in rows if media)
    return [Card(each, pictures.get(media.id) if media else None) for each, media in rows]


def _published() -> Select[Page]:
    published = select(Page).where(Page.status == PUBLISHED, Page.deleted_at.is_(None))
    return published.order_by(Page.created_at.desc(), Page.id.desc())


def _cover_id(page: type[Page]) -> Select[int]:
    """The picture of the page's first block that shows one: itself, or the first of a gallery.

    Found block by block, because the index knows the first of each gallery; sorting all items of a page would not do.
    """
    media, lone = aliased(Media), aliased(Media)
    shown = (~Item.hidden, media.deleted_at.is_(None), media.is_ready)
    has_one = select(Item.media_id).join(media, media.id == Item.media_id).where(Item.gallery_id == Block.id, *shown)
    is_one = select(lone.id).where(lone.id == Block.media_id, lone.deleted_at.is_(None), lone.is_ready)
    first_hung = has_one.order_by(Item.position, Item.media_id).limit(1).correlate(Block).scalar_subquery()
    return (
        select(func.coalesce(Block.media_id, first_hung))
        .where(Block.page_id == page.id, Block.type.in_((GALLERY, PICTURE)))
        .where(or_(has_one.correlate(Block).exists(), is_one.correlate(Block).exists()))
        .order_by(Block.position, Block.id)
        .limit(1)
        .correlate(page)
    )


def last_number_of_cards() -> int:
    count = db.session.scalar(select(func.count()).select_from(_published().order_by(None).subquery())) or 0
    return ceil(count / PAGE_SIZE)

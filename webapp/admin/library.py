"""Finding pictures in the library: for its own page and for the picker of a gallery."""

from __future__ import annotations

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import selectinload

from webapp.extensions import db
from webapp.models.gallery import Item
from webapp.models.media import Media, MediaTag
from webapp.models.page import Block, Page

TAGS_TO_CHOOSE_FROM = 200


def library(*, q: str = "", tag: str = "", trash: bool = False) -> Select[Media]:
    """Newest first, with what a card shows."""
    in_trash = Media.deleted_at.is_not(None) if trash else Media.deleted_at.is_(None)
    found = select(Media).where(in_trash).options(selectinload(Media.renditions))
    if q:
        places = (Media.filename, Media.alt, Media.caption)
        found = found.where(or_(*(place.icontains(q, autoescape=True) for place in places)))
    if tag:
        found = found.where(Media.id.in_(select(MediaTag.media_id).where(MediaTag.tag == tag.lower())))
    return found.order_by(Media.created_at.desc(), Media.id.desc())


def known_tags() -> list[str]:
    """The tags of pictures in the library, most used first."""
    counted = (
        select(MediaTag.tag)
        .join(Media, Media.id == MediaTag.media_id)
        .where(Media.deleted_at.is_(None))
        .group_by(MediaTag.tag)
        .order_by(func.count().desc(), MediaTag.tag)
    )
    return list(db.session.scalars(counted.limit(TAGS_TO_CHOOSE_FROM)))


def find_media(media_id: int) -> Media:
    """In the library or in the trash. Raises LookupError."""
    media = db.session.get(Media, media_id)
    if media is None:
        raise LookupError(f"There is no picture {media_id}.")
    return media


def count_uses(media_id: int) -> tuple[int, int]:
    """On how many pages it is shown, hung or alone, and in how many galleries."""
    hung = select(Item.gallery_id).where(Item.media_id == media_id, ~Item.hidden)
    used = (
        select(func.count(Block.page_id.distinct()), func.count(case((Block.media_id.is_(None), Block.id))))
        .join(Page, Page.id == Block.page_id)
        .where(or_(Block.id.in_(hung), Block.media_id == media_id), Page.deleted_at.is_(None))
    )
    pages, galleries = db.session.execute(used).one()
    return pages, galleries

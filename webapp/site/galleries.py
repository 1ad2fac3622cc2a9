"""The galleries of a page as a visitor sees them: the right sixty of each, in two queries however many there are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Subquery, func, select

from webapp.database import db
from webapp.models.gallery import Item
from webapp.models.media import Media
from webapp.models.page import Block, Page
from webapp.site.pictures import Picture, with_renditions

PAGE_SIZE = 60


@dataclass(frozen=True)
class ShownGallery:
    pictures: list[Picture]
    first: int  # the place of the first of them in the gallery, from 1
    total: int

    @property
    def last(self) -> int:
        return self.first + len(self.pictures) - 1


def shown_galleries(page: Page, number: int) -> dict[int, ShownGallery]:
    """By gallery id, the number-th pictures of each gallery that has so many."""
    place = PAGE_SIZE * (number - 1) + 1
    ranked = _ranked(page.id)
    rows = db.session.execute(
        select(ranked.c.gallery_id, ranked.c.total, Media)
        .join(ranked, ranked.c.media_id == Media.id)
        .where(ranked.c.place.between(place, place + PAGE_SIZE - 1))
        .order_by(ranked.c.gallery_id, ranked.c.place)
    ).all()
    pictures = with_renditions({media.id: media for _, _, media in rows}.values())
    shown: dict[int, ShownGallery] = {}
    for gallery_id, total, media in rows:
        gallery = shown.setdefault(gallery_id, ShownGallery([], place, total))
        if media.id in pictures:
            gallery.pictures.append(pictures[media.id])
    return shown


def _ranked(page_id: int) -> Subquery:
    """Every shown item of a page's galleries that has its renditions, with its place and their total."""
    in_order = (Item.position, Item.media_id)
    return (
        select(
            Item.gallery_id,
            Item.media_id,
            func.row_number().over(partition_by=Item.gallery_id, order_by=in_order).label("place"),
            func.count().over(partition_by=Item.gallery_id).label("total"),
        )
        .join(Block, Block.id == Item.gallery_id)
        .join(Media, Media.id == Item.media_id)
        .where(Block.page_id == page_id, ~Item.hidden, Media.deleted_at.is_(None), Media.is_ready)
        .subquery()
    )

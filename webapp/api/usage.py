"""Where pictures hang, for many of them or for many galleries at once: always one query for ids, one for totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, Select, String, Subquery, case, func, null, select, union_all

from webapp.database import db
from webapp.models.gallery import AUTO, Item, live_media_ids
from webapp.models.page import Block, Page

MOST = 1000  # ids of one kind that one media or gallery names
MOST_TOGETHER = 100_000  # ids of one kind in an answer


@dataclass
class Hanging:
    """The pictures of one gallery."""

    total: int = 0
    media_ids: list[int] = field(default_factory=list)


@dataclass
class Usage:
    """The pages and galleries of one media: `galleries` maps a page to those that show it.

    A page where it only stands alone, as a picture block, has none.
    """

    total_pages: int = 0
    total_synced: int = 0
    synced: list[int] = field(default_factory=list)
    pages: dict[int, tuple[str, str]] = field(default_factory=dict)  # title and slug
    galleries: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))


def share(count: int) -> int:
    """How many ids each may name when so many are asked for at once."""
    return max(1, min(MOST, MOST_TOGETHER // max(1, count)))


def pictures_in(gallery_ids: Collection[int]) -> dict[int, Hanging]:
    found = {gallery_id: Hanging() for gallery_id in gallery_ids}
    if not found:
        return found
    shown = (Item.gallery_id.in_(found), ~Item.hidden, Item.media_id.in_(live_media_ids()))
    totals = select(Item.gallery_id, func.count()).where(*shown).group_by(Item.gallery_id)
    for gallery_id, total in db.session.execute(totals):
        found[gallery_id].total = total
    in_order = func.row_number().over(partition_by=Item.gallery_id, order_by=(Item.position, Item.media_id))
    placed = select(Item.gallery_id, Item.media_id, in_order.label("place")).where(*shown).subquery()
    first = select(placed).where(placed.c.place <= share(len(found))).order_by(placed.c.gallery_id, placed.c.place)
    for gallery_id, media_id, _place in db.session.execute(first):
        found[gallery_id].media_ids.append(media_id)
    return found


def uses_of(media_ids: Collection[int]) -> dict[int, Usage]:
    found = {media_id: Usage() for media_id in media_ids}
    if not found:
        return found
    for media_id, pages, synced in db.session.execute(_counted_uses(found)):
        found[media_id].total_pages, found[media_id].total_synced = pages, synced
    for row in db.session.execute(_first_uses(found)):
        usage = found[row.media_id]
        usage.pages[row.page_id] = (row.title, row.slug)
        if row.gallery_id is not None:
            usage.galleries[row.page_id].append(row.gallery_id)
        if row.source == AUTO:
            usage.synced.append(row.gallery_id)
    return found


def _counted_uses(media_ids: Collection[int]) -> Select[int, int, int]:
    uses = _uses(media_ids)
    synced = func.sum(case((uses.c.source == AUTO, 1), else_=0))
    return select(uses.c.media_id, func.count(uses.c.page_id.distinct()), synced).group_by(uses.c.media_id)


def _first_uses(media_ids: Collection[int]) -> Select[int, int | None, str | None, int, str, str, int]:
    uses = _uses(media_ids)
    in_order = func.row_number().over(
        partition_by=uses.c.media_id, order_by=(uses.c.title, uses.c.page_id, uses.c.position)
    )
    placed = select(uses, in_order.label("place")).subquery()
    return select(placed).where(placed.c.place <= share(len(media_ids))).order_by(placed.c.media_id, placed.c.place)


def _uses(media_ids: Collection[int]) -> Subquery:
    """Shown items and picture blocks, on pages that are not in the trash; a picture block has no gallery."""
    page = (Page.id.label("page_id"), Page.title, Page.slug, Block.position)
    hung = (
        select(Item.media_id, Item.gallery_id, Item.source, *page)
        .join(Block, Block.id == Item.gallery_id)
        .join(Page, Page.id == Block.page_id)
        .where(Item.media_id.in_(media_ids), ~Item.hidden, Page.deleted_at.is_(None))
    )
    no_gallery = (null().cast(BigInteger).label("gallery_id"), null().cast(String).label("source"))
    alone = (
        select(Block.media_id, *no_gallery, *page)
        .join(Page, Page.id == Block.page_id)
        .where(Block.media_id.in_(media_ids), Page.deleted_at.is_(None))
    )
    return union_all(hung, alone).subquery()

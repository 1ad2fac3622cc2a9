"""What the home page lists: every published page, with a cover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import Any

from sqlalchemy import FromClause, Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from webapp.database import db
from webapp.models.gallery import Item
from webapp.models.media import Media
from webapp.models.page import GALLERY, PICTURE, PUBLISHED, Block
from webapp.site.galleries import PAGES
from webapp.site.pictures import COLUMNS, MEDIA, Picture
from webapp.site.post_rows import any_posts

PAGE_SIZE = 60
PUBLIC = (PAGES.c.status == PUBLISHED, PAGES.c.deleted_at.is_(None))


@dataclass(frozen=True)
class Card:
    """A published page on the home page; `cover` is None while it has no picture to show."""

    title: str
    slug: str
    cover: Picture | None


def card_rows(number: int) -> Sequence[Row[Any]]:
    """The number-th published pages, newest first, each with the picture that it shows first."""
    return db.session.connection().execute(_cards(), {"offset": PAGE_SIZE * (number - 1)}).all()


def cards_of(rows: Iterable[Row[Any]]) -> list[Card]:
    return [Card(row.title, row.slug, Picture.of(row)) for row in rows]


@cache
def _cards() -> Select[Any]:
    page = (
        select(PAGES)
        .where(*PUBLIC)
        .order_by(PAGES.c.created_at.desc(), PAGES.c.id.desc())
        .limit(PAGE_SIZE)
        .offset(bindparam("offset"))
        .subquery()
    )
    return (
        select(page.c.title, page.c.slug, *COLUMNS)
        .outerjoin_from(page, MEDIA, MEDIA.c.id == _cover_id(page).scalar_subquery())
        .order_by(page.c.created_at.desc(), page.c.id.desc())
    )


def _cover_id(page: FromClause) -> Select[int]:
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
        .where(Block.page_id == page.c.id, Block.type.in_((GALLERY, PICTURE)))
        .where(or_(has_one.correlate(Block).exists(), is_one.correlate(Block).exists()))
        .order_by(Block.position, Block.id)
        .limit(1)
        .correlate(page)
    )


def count_all() -> tuple[int, bool]:
    """The number of the last page of cards, and whether there are posts besides."""
    count = select(func.count()).select_from(PAGES).where(*PUBLIC).scalar_subquery()
    pages, has_posts = db.session.execute(select(count, any_posts())).one()
    return ceil(pages / PAGE_SIZE), bool(has_posts)

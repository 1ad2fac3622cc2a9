"""The rows behind a page: its blocks, and which pictures they show. Two statements, however many galleries there are.

Each statement is put together once, which takes as long as to run it, and reads tables instead of models.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Table,
    bindparam,
    case,
    func,
    literal,
    select,
    text,
    union_all,
)
from sqlalchemy.sql.selectable import SelectBase

from webapp.database import db
from webapp.models.gallery import Item
from webapp.models.media import UNSEEN
from webapp.models.page import GALLERY, Block, Page
from webapp.site.pictures import COLUMNS, MEDIA, SHOWN
from webapp.site.post_rows import any_posts

PAGE_SIZE = 60
AT_ONCE = 200  # galleries, as a statement of SQLite has 500 parts at most; hardly a page has more than ten
PAGES, BLOCKS, ITEMS = (cast(Table, model.__table__) for model in (Page, Block, Item))
HANGS = (ITEMS.c.gallery_id == BLOCKS.c.id, ~ITEMS.c.hidden)


def page_rows(**found_by: Any) -> Sequence[Row[Any]]:
    """The page with this `slug` or `id`, once for each of its blocks in order; of a gallery with its total."""
    ((name, value),) = found_by.items()
    return db.session.connection().execute(_page(name), {"found_by": value}).all()


@cache
def _page(name: str) -> Select[Any]:
    page = (PAGES.c.id, PAGES.c.title, PAGES.c.slug, PAGES.c.status, PAGES.c.deleted_at, any_posts().label("has_posts"))
    block = (BLOCKS.c.id.label("block_id"), BLOCKS.c.type, BLOCKS.c.title.label("block_title"), BLOCKS.c.body)
    return (
        select(*page, *block, BLOCKS.c.style, case((BLOCKS.c.type == GALLERY, _total()), else_=0).label("total"))
        .outerjoin_from(PAGES, BLOCKS, BLOCKS.c.page_id == PAGES.c.id)
        .where(PAGES.c[name] == bindparam("found_by"))
        .order_by(BLOCKS.c.position, BLOCKS.c.id)
    )


def _total() -> ColumnElement[int]:
    """All that hang there, which an index counts, without the few that nobody sees."""
    hanging = select(func.count()).select_from(ITEMS).where(*HANGS).correlate(BLOCKS)
    hangs = select(ITEMS.c.media_id).where(ITEMS.c.media_id == MEDIA.c.id, *HANGS).correlate(BLOCKS, MEDIA).exists()
    unseen = select(func.count()).select_from(MEDIA).where(text(UNSEEN), hangs).correlate(BLOCKS)
    return hanging.scalar_subquery() - unseen.scalar_subquery()


def picture_rows(page_id: int, galleries: Sequence[int], number: int) -> list[Row[Any]]:
    """Block id and COLUMNS of the number-th pictures of each gallery; on the first page also of lone pictures."""
    found: list[Row[Any]] = []
    for start in range(0, max(1, len(galleries)), AT_ONCE):
        some = galleries[start : start + AT_ONCE]
        lone_of = page_id if number == 1 and start == 0 else None
        asked = {"lone_of": lone_of, "offset": PAGE_SIZE * (number - 1)} | {f"g{n}": i for n, i in enumerate(some)}
        found += db.session.connection().execute(_pictures(len(some)), asked).all()
    return found


@cache
def _pictures(galleries: int) -> Select[Any]:
    picked = union_all(_lone(), *(_of_gallery(f"g{number}") for number in range(galleries))).subquery()
    return (
        select(picked.c.block_id, *COLUMNS)
        .join_from(picked, MEDIA, MEDIA.c.id == picked.c.media_id)
        .order_by(picked.c.block_id, picked.c.position, picked.c.media_id)
    )


def _lone() -> SelectBase:
    place = literal(0, BigInteger).label("position")
    return (
        select(BLOCKS.c.id.label("block_id"), place, BLOCKS.c.media_id)
        .join(MEDIA, MEDIA.c.id == BLOCKS.c.media_id)
        .where(BLOCKS.c.page_id == bindparam("lone_of", type_=BigInteger), *SHOWN)
    )


def _of_gallery(name: str) -> SelectBase:
    """In the order of the index ix_items_shown, so that it need not look at more than it returns."""
    return (
        select(ITEMS.c.gallery_id, ITEMS.c.position, ITEMS.c.media_id)
        .join(MEDIA, MEDIA.c.id == ITEMS.c.media_id)
        .where(ITEMS.c.gallery_id == bindparam(name), ~ITEMS.c.hidden, *SHOWN)
        .order_by(ITEMS.c.position, ITEMS.c.media_id)
        .limit(PAGE_SIZE)
        .offset(bindparam("offset", type_=BigInteger))
        .subquery()
        .select()
    )

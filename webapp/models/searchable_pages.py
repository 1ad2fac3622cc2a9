"""Pages as they are searched: by their title, and by the titles and texts of their blocks."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from webapp.models.page import PUBLISHED, Block, Page
from webapp.models.searchable import Collection, declare


def texts() -> Select[int, str, str]:
    return select(Page.id, Page.title, func.coalesce(_blocks().scalar_subquery(), ""))


def _blocks() -> Select[str]:
    """In their order; the title of each is a heading above its text."""
    heading = case((Block.title != "", literal("## ").concat(Block.title).concat("\n\n")), else_="")
    parts = select(heading.concat(Block.body).label("part")).where(Block.page_id == Page.id)
    parts = parts.where(or_(Block.title != "", Block.body != "")).order_by(Block.position, Block.id)
    in_order = parts.correlate(Page).subquery()
    return select(func.aggregate_strings(in_order.c.part, "\n\n"))


def is_public() -> ColumnElement[bool]:
    return and_(Page.status == PUBLISHED, Page.deleted_at.is_(None))


PAGES = declare(Collection("pages", 2, Page, texts, is_public))

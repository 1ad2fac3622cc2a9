"""Where in public a picture is shown first: its page, and which part of a long gallery; or the post it is cover of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text
from sqlalchemy.orm import aliased

from webapp.database import db
from webapp.models.cover import PUBLIC as PUBLIC_POST
from webapp.models.gallery import Item
from webapp.models.media import UNSEEN, Media
from webapp.models.page import PUBLISHED, Block, Page
from webapp.models.post import Post
from webapp.site.galleries import PAGE_SIZE
from webapp.site.pictures import COLUMNS, MEDIA, SHOWN, Picture

PUBLIC = (Page.status == PUBLISHED, Page.deleted_at.is_(None))


def pictures_of(media_ids: Sequence[int]) -> dict[int, Picture]:
    rows = db.session.execute(select(*COLUMNS).where(MEDIA.c.id.in_(media_ids), *SHOWN)).all() if media_ids else []
    return {picture.id: picture for row in rows if (picture := Picture.of(row))}


def places_of(media_ids: Sequence[int]) -> dict[int, str]:
    """The address at which each can be seen: where it hangs, or else stands alone, or else is a cover."""
    if not media_ids:
        return {}
    alone = select(Block.media_id, Page.slug).join(Page, Page.id == Block.page_id).where(*PUBLIC)
    alone = alone.where(Block.media_id.in_(media_ids)).order_by(Block.id.desc())
    found: dict[int, str] = {row[0]: _address(row[0], row[1], 0) for row in db.session.execute(alone)}  # type: ignore[misc, arg-type]
    hung = db.session.execute(_hung(media_ids))
    return (
        covers_of(media_ids)
        | found
        | {media_id: _address(media_id, slug, before - unseen) for media_id, slug, before, unseen in hung}
    )


def covers_of(media_ids: Sequence[int]) -> dict[int, str]:
    """The newest post of each."""
    posts = select(Post.cover_id, Post.slug).where(Post.cover_id.in_(media_ids), PUBLIC_POST, Post.deleted_at.is_(None))
    rows = db.session.execute(posts.order_by(Post.published_at, Post.id))
    return {media_id: url_for("site.post", slug=slug) for media_id, slug in rows if media_id}


def _address(media_id: int, slug: str, before: int) -> str:
    number = before // PAGE_SIZE + 1
    page = {"page": number} if number > 1 else {}
    return url_for("site.page", slug=slug, _anchor=f"picture-{media_id}", **page)  # type: ignore[arg-type]


def _hung(media_ids: Sequence[int]) -> Select[Any]:
    """Of each the slug of a page in one of whose galleries it hangs, and how many hang before it there."""
    first = select(Item.gallery_id).join(Block, Block.id == Item.gallery_id).join(Page, Page.id == Block.page_id)
    first = first.where(Item.media_id == Media.id, ~Item.hidden, *PUBLIC).order_by(Item.gallery_id).limit(1)
    chosen = select(Media.id, first.correlate(Media).scalar_subquery().label("gallery_id"))
    gallery = chosen.where(Media.id.in_(media_ids)).subquery()
    here, other = aliased(Item), aliased(Item)
    before = select(func.count()).select_from(other).where(*_before(other, here)).correlate(here)
    unseen = select(func.count()).select_from(Media).join(other, other.media_id == Media.id)
    unseen = unseen.where(text(UNSEEN), *_before(other, here)).correlate(here)
    return (
        select(here.media_id, Page.slug, before.scalar_subquery(), unseen.scalar_subquery())
        .join_from(gallery, here, and_(here.media_id == gallery.c.id, here.gallery_id == gallery.c.gallery_id))
        .join(Block, Block.id == here.gallery_id)
        .join(Page, Page.id == Block.page_id)
    )


def _before(other: type[Item], here: type[Item]) -> tuple[ColumnElement[bool], ...]:
    same = and_(other.position == here.position, other.media_id < here.media_id)
    return other.gallery_id == here.gallery_id, ~other.hidden, or_(other.position < here.position, same)

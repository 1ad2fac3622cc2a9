"""The rows behind posts: one statement for a post or a list of them, each with its cover and its tags.

Each statement is put together once, and reads tables instead of models.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, Table, bindparam, func, select

from webapp.database import db
from webapp.markdown import READ_FOR_EXCERPT
from webapp.models.post import PUBLISHED, Post, PostTag
from webapp.site.pictures import COLUMNS, MEDIA, SHOWN

PAGE_SIZE = 20
POSTS, TAGS = (cast(Table, model.__table__) for model in (Post, PostTag))
PUBLIC = (POSTS.c.status == PUBLISHED, POSTS.c.deleted_at.is_(None))
NEWEST_FIRST = (POSTS.c.published_at.desc(), POSTS.c.id.desc())
BETWEEN_TAGS = "\x1f"  # the separator of units, which nobody types


def any_posts() -> ColumnElement[bool]:
    """Whether there are any for everybody to read."""
    return select(POSTS.c.id).where(*PUBLIC).exists()


def post_row(**found_by: Any) -> Row[Any] | None:
    """The post with this `slug` or `id`, whether or not it is public."""
    ((name, value),) = found_by.items()
    return db.session.connection().execute(_post(name), {"found_by": value}).one_or_none()


def is_public(row: Row[Any]) -> bool:
    return row.status == PUBLISHED and row.deleted_at is None


@cache
def _post(name: str) -> Select[Any]:
    return _with_cover(POSTS.c.body).where(POSTS.c[name] == bindparam("found_by"))


def listed_rows(number: int, tag: str = "", size: int = PAGE_SIZE) -> Sequence[Row[Any]]:
    """The number-th public ones, newest first; of their bodies what an excerpt may be made of."""
    asked = {"tag": tag, "size": size, "offset": size * (number - 1)}
    return db.session.connection().execute(_listed(bool(tag), whole=False), asked).all()


def rows_titled(ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Title and slug of the public ones, in this order."""
    found = select(POSTS.c.id, POSTS.c.title, POSTS.c.slug).where(POSTS.c.id.in_(ids), *PUBLIC)
    rows: list[Row[Any]] = list(db.session.execute(found)) if ids else []
    return sorted(rows, key=lambda row: ids.index(row.id))


def feed_rows(size: int) -> Sequence[Row[Any]]:
    """The newest, with all of their bodies."""
    return db.session.connection().execute(_listed(False, whole=True), {"size": size, "offset": 0}).all()


@cache
def _listed(tagged: bool, *, whole: bool) -> Select[Any]:
    body = POSTS.c.body if whole else func.substr(POSTS.c.body, 1, READ_FOR_EXCERPT).label("body")
    found = _with_cover(body).where(*PUBLIC, *([_has_tag()] if tagged else []))
    return found.order_by(*NEWEST_FIRST).limit(bindparam("size")).offset(bindparam("offset"))


def count_listed(tag: str = "") -> int:
    counted = select(func.count()).select_from(POSTS).where(*PUBLIC, *([_has_tag()] if tag else []))
    return db.session.connection().execute(counted, {"tag": tag} if tag else {}).scalar_one()


def _has_tag() -> ColumnElement[bool]:
    return POSTS.c.id.in_(select(TAGS.c.post_id).where(TAGS.c.tag == bindparam("tag")))


def _with_cover(body: ColumnElement[str]) -> Select[Any]:
    own = (POSTS.c.title, POSTS.c.slug, POSTS.c.status, POSTS.c.excerpt, body, _tags().label("tags"))
    moments = (POSTS.c.published_at, POSTS.c.updated_at, POSTS.c.deleted_at, POSTS.c.created_at.label("made_at"))
    cover = (MEDIA.c.id == POSTS.c.cover_id) & SHOWN[0] & SHOWN[1]
    return select(POSTS.c.id.label("post_id"), *own, *moments, *COLUMNS).outerjoin_from(POSTS, MEDIA, cover)


def _tags() -> ColumnElement[str]:
    of_post = select(TAGS.c.tag).where(TAGS.c.post_id == POSTS.c.id).order_by(TAGS.c.tag).correlate(POSTS).subquery()
    return func.coalesce(select(func.aggregate_strings(of_post.c.tag, BETWEEN_TAGS)).scalar_subquery(), "")

"""Which pictures are covers of posts that are not in the trash."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from webapp.database import db
from webapp.models.post import PUBLISHED, Post

MOST = 10_000  # posts that one answer names
PUBLIC = Post.status == PUBLISHED


def is_cover(media_id: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of a post that these hold for; `media_id` is a column of a model that is asked for."""
    covered = select(Post.id).where(Post.cover_id == media_id, Post.deleted_at.is_(None), *conditions)
    return covered.correlate(media_id.class_).exists()


def count_covered_by(media_ids: Collection[int] | Select[int]) -> int:
    """How many posts have any of them as cover."""
    return db.session.scalar(select(func.count()).select_from(covered_by(media_ids).subquery())) or 0


def covered_by(media_ids: Collection[int] | Select[int]) -> Select[Post]:
    """By title."""
    covered = select(Post).where(Post.cover_id.in_(media_ids), Post.deleted_at.is_(None))
    return covered.order_by(Post.title, Post.id).limit(MOST)

"""Posts as they are searched: by title, by the body in Markdown, and by excerpt and tags."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, func, select

from webapp.markdown import to_text
from webapp.models.post import PUBLISHED, Post, PostTag
from webapp.models.searchable import Collection, declare


def texts() -> Select[int, str, str]:
    tags = func.coalesce(_tags().scalar_subquery(), "")
    return select(Post.id, Post.title, Post.body.concat("\n\n").concat(Post.excerpt).concat("\n\n").concat(tags))


def _tags() -> Select[str]:
    """One a line, since a word of a question is within a line."""
    of_post = select(PostTag.tag).where(PostTag.post_id == Post.id).order_by(PostTag.tag)
    tags = of_post.correlate(Post).subquery()
    return select(func.aggregate_strings(tags.c.tag, "\n"))


def is_public() -> ColumnElement[bool]:
    return and_(Post.status == PUBLISHED, Post.deleted_at.is_(None))


POSTS = declare(Collection("posts", 3, Post, texts, is_public, as_read=to_text))

"""Posts for the tests of the public pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from webapp.database import transaction
from webapp.models.post import PUBLISHED, Post, create_post, save_post


def publish(title: str, **fields: Any) -> Post:
    return create_post(title, status=PUBLISHED, **fields)


def change(post: Post, **changes: Any) -> Post:
    """Whatever was saved of it meanwhile."""
    return save_post(post.id, post.version, changes)


def published_at(post: Post, moment: datetime) -> None:
    with transaction() as session:
        session.execute(update(Post).where(Post.id == post.id).values(published_at=moment))

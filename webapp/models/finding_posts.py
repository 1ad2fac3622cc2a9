"""Finding posts: by words, status and tag, for the admin and the API alike."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import selectinload

from webapp.database import db
from webapp.models.post import Post, PostTag

MOST_WORDS = 20  # of one search; each looks into every post
TAGS_TO_CHOOSE_FROM = 200


@dataclass(frozen=True)
class WantedPosts:
    """What the posts must be like, in all of these ways."""

    words: str = ""
    tag: str = ""
    status: str = ""
    trash: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [is_in_trash() if self.trash else ~is_in_trash()]
        found += [_holds(word) for word in dict.fromkeys(self.words.split()[:MOST_WORDS])]
        found += [Post.id.in_(_tagged(PostTag.tag == self.tag.strip().lower()))] if self.tag else []
        found += [Post.status == self.status] if self.status else []
        return found

    def select(self) -> Select[Post]:
        """In no order yet, with their tags."""
        return select(Post).where(*self.conditions()).options(selectinload(Post.tag_rows))


def is_in_trash() -> ColumnElement[bool]:
    return Post.deleted_at.is_not(None)


def _holds(word: str) -> ColumnElement[bool]:
    """Somewhere in title, address, excerpt, body or a tag."""
    places = (Post.title, Post.slug, Post.excerpt, Post.body)
    tagged = Post.id.in_(_tagged(PostTag.tag.icontains(word, autoescape=True)))
    return or_(*(place.icontains(word, autoescape=True) for place in places), tagged)


def _tagged(condition: ColumnElement[bool]) -> Select[int]:
    return select(PostTag.post_id).where(condition)


def known_post_tags() -> list[str]:
    """Most used first."""
    live = select(Post.id).where(Post.deleted_at.is_(None))
    counted = select(PostTag.tag).where(PostTag.post_id.in_(live)).group_by(PostTag.tag)
    return list(db.session.scalars(counted.order_by(func.count().desc(), PostTag.tag).limit(TAGS_TO_CHOOSE_FROM)))

"""Finding pictures: by words, by their facts, and by what became of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, and_, func, select
from sqlalchemy.orm import selectinload

from webapp.database import db
from webapp.models.batch_results import has_failed
from webapp.models.belonging import SHAPES
from webapp.models.cover import is_cover
from webapp.models.gallery import Item
from webapp.models.media import Media, MediaTag
from webapp.models.page import Block, Page
from webapp.models.parts import forms, holding, is_holding
from webapp.models.searchable_media import MEDIA
from webapp.models.user import User

TAGS_TO_CHOOSE_FROM = 200
MANY_USES = 10_000
TAGS_KEPT = 60  # seconds
KNOWN_TAGS = "gallerist_known_tags"
MOST_WORDS = 20  # of one search
SORTS: dict[str, tuple[SQLColumnExpression[Any], ...]] = {
    "newest": (Media.created_at.desc(), Media.id.desc()),
    "oldest": (Media.created_at, Media.id),
    "name": (func.lower(Media.filename), Media.id),
    "size": (Media.filesize.desc(), Media.id.desc()),
}


@dataclass(frozen=True)
class KnownTags:
    tags: list[str]
    until: float  # of time.monotonic()


@dataclass(frozen=True)
class Wanted:
    """What the pictures must be like, in all of these ways."""

    words: str = ""
    tag: str = ""
    mime_type: str = ""
    shape: str = ""
    since: datetime | None = None  # uploaded then or later
    before: datetime | None = None
    by: int | None = None
    no_alt: bool = False
    unused: bool = False
    failed: bool = False
    trash: bool = False

    def conditions(self, *, in_order: bool = False) -> list[ColumnElement[bool]]:
        found = [in_trash() if self.trash else ~in_trash(), *holds_all(self.words, in_order=in_order)]
        found += [has_tag(self.tag)] if self.tag else []
        found += [Media.mime_type == self.mime_type] if self.mime_type else []
        found += [has_shape(self.shape)] if self.shape else []
        found += [Media.created_at >= self.since] if self.since else []
        found += [Media.created_at < self.before] if self.before else []
        found += [Media.created_by == self.by] if self.by is not None else []
        found += [lacks_alt()] if self.no_alt else []
        found += [is_unused()] if self.unused else []
        found += [has_failed(or_was_cancelled=True)] if self.failed else []
        return found


def in_trash() -> ColumnElement[bool]:
    return Media.deleted_at.is_not(None)


def holds_all(words: str, *, in_order: bool = False) -> list[ColumnElement[bool]]:
    """Each of the words is somewhere in the file name, the alt text, the caption or a tag.

    `in_order`: as of webapp/models/parts.py.
    """
    wanted = split(words)
    return [is_holding(MEDIA, wanted, in_order=in_order)] if wanted else []


def split(words: str) -> list[str]:
    return list(dict.fromkeys(words.split()[:MOST_WORDS]))


def has_tag(tag: str) -> ColumnElement[bool]:
    """Exactly this one, whatever its case."""
    return Media.id.in_(select(MediaTag.media_id).where(MediaTag.tag.in_(forms(tag.strip().lower()))))


def has_shape(shape: str) -> ColumnElement[bool]:
    return SHAPES[shape]


def lacks_alt() -> ColumnElement[bool]:
    """Somebody has yet to say what it shows."""
    return and_(func.trim(Media.alt) == "", ~Media.decorative)


def count_without_alt(page_id: int) -> int:
    """How many pictures the page shows, hung or alone, of which nobody has said what they show."""
    hung = select(Item.media_id).join(Block, Block.id == Item.gallery_id).where(Block.page_id == page_id, ~Item.hidden)
    alone = select(Block.media_id).where(Block.page_id == page_id, Block.media_id.is_not(None))
    found = select(func.count(Media.id)).where(Media.id.in_(hung.union(alone)), ~in_trash(), lacks_alt())
    return db.session.scalar(found) or 0


def is_unused() -> ColumnElement[bool]:
    """It is shown in no gallery of a page that is not in the trash, nor alone on one, and is the cover of no post."""
    live = (Page.id == Block.page_id) & Page.deleted_at.is_(None)
    hung = select(Item.media_id).join(Block, Block.id == Item.gallery_id).join(Page, live)
    hung = hung.where(Item.media_id == Media.id, ~Item.hidden)
    alone = select(Block.id).join(Page, live).where(Block.media_id == Media.id)
    return and_(~hung.correlate(Media).exists(), ~alone.correlate(Media).exists(), ~is_cover(Media.id))


def library(wanted: Wanted, sort: str = "newest") -> Select[Media]:
    """With what a card shows."""
    conditions = wanted.conditions(in_order=sort in ("newest", "oldest"))
    return select(Media).where(*conditions).options(selectinload(Media.renditions)).order_by(*SORTS[sort])


def count(wanted: Wanted) -> int:
    """How many pictures there are of that kind."""
    if wanted == Wanted():  # SQLite counts a whole table by its pages; to look at each row would take ten times as long
        all_there_are = select(func.count()).select_from(Media).scalar_subquery()
        in_the_trash = select(func.count(Media.id)).where(in_trash()).scalar_subquery()
        return db.session.scalar(select(all_there_are - in_the_trash)) or 0
    if wanted != Wanted(words=wanted.words) or not split(wanted.words):
        return db.session.scalar(select(func.count(Media.id)).where(*wanted.conditions())) or 0
    # An index counts what has the words, the few in the trash too; to look at each picture would take far longer.
    every = select(func.count()).select_from(holding(MEDIA, split(wanted.words)).subquery()).scalar_subquery()
    trashed = select(func.count(Media.id)).where(in_trash(), is_holding(MEDIA, split(wanted.words), of_few=True))
    return db.session.scalar(select(every - trashed.scalar_subquery())) or 0


def known_tags() -> list[str]:
    """The tags of pictures in the library, most used first.

    In a large library they may be those of a minute ago, as counting them takes longer than the rest of the page.
    """
    kept: KnownTags | None = current_app.extensions.get(KNOWN_TAGS)
    if kept and kept.until > time.monotonic():
        return kept.tags
    counted = _count_tags()
    tags = [tag for tag, _ in counted]
    if sum(uses for _, uses in counted) > MANY_USES:
        current_app.extensions[KNOWN_TAGS] = KnownTags(tags, time.monotonic() + TAGS_KEPT)
    return tags


def _count_tags() -> Sequence[Row[str, int]]:
    trashed = select(Media.id).where(in_trash())  # these are few, so the tags are counted from their index alone
    counted = select(MediaTag.tag, func.count()).where(MediaTag.media_id.not_in(trashed)).group_by(MediaTag.tag)
    counted = counted.order_by(func.count().desc(), MediaTag.tag)
    return db.session.execute(counted.limit(TAGS_TO_CHOOSE_FROM)).all()


def uploaders() -> Sequence[User]:
    """Whoever uploaded a picture, by name."""
    theirs = select(Media.id).where(Media.created_by == User.id).limit(1)  # the limit: one look a person, not all rows
    return db.session.scalars(select(User).where(theirs.scalar_subquery().is_not(None)).order_by(User.email)).all()

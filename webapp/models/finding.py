"""Finding pictures and pages by words: each must be somewhere, and one in the title counts more than one below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, or_, select
from sqlalchemy.orm import selectinload

from webapp.database import db
from webapp.models.media import Media, MediaTag
from webapp.models.page import Block, Page

MEDIA, PAGES = COLLECTIONS = ("media", "pages")
MOST_WORDS = 8  # of a question; further ones are not looked at
IN_TITLE, IN_TEXT = 2, 1
EXCERPT = 160  # characters

Places = tuple[ColumnElement[bool], ColumnElement[bool]]  # that a word is in the title, and that it is in the text


@dataclass(frozen=True)
class Found:
    collection: str
    row: Any
    title: str
    score: float  # 1 when every word is in the title and in the text
    excerpt: str


def find(q: str, collections: tuple[str, ...] = COLLECTIONS, limit: int = 20) -> list[Found]:
    """The best first. Drafts are among them, and what lies in the trash is not. A fixed number of queries."""
    words = q.split()[:MOST_WORDS]
    if not words:
        return []
    found = [one for name in collections for one in FINDERS[name](words, limit)]
    return sorted(found, key=lambda one: -one.score)[:limit]


def _media(words: list[str], limit: int) -> list[Found]:
    title = case((Media.alt != "", Media.alt), else_=Media.filename)

    def places(word: str) -> Places:
        tagged = select(MediaTag.media_id).where(_holds(MediaTag.tag, word))
        text = or_(_holds(Media.filename, word), _holds(Media.caption, word), Media.id.in_(tagged))
        return _holds(title, word), text

    rows = _best(Media, places, words, limit, selectinload(Media.tag_rows))
    return [
        Found(MEDIA, media, media.title, score, excerpt([media.caption, ", ".join(media.tags), media.filename], words))
        for media, score in rows
    ]


def _pages(words: list[str], limit: int) -> list[Found]:
    def places(word: str) -> Places:
        blocks = select(Block.page_id).where(or_(_holds(Block.title, word), _holds(Block.body, word)))
        return _holds(Page.title, word), Page.id.in_(blocks)

    rows = _best(Page, places, words, limit, selectinload(Page.blocks))
    return [
        Found(PAGES, page, page.title, score, excerpt([b.body or b.title for b in page.blocks], words))
        for page, score in rows
    ]


FINDERS: dict[str, Callable[[list[str], int], list[Found]]] = {MEDIA: _media, PAGES: _pages}


def _holds(place: SQLColumnExpression[str], word: str) -> ColumnElement[bool]:
    return place.icontains(word, autoescape=True)


def _best(model: Any, places: Callable[[str], Places], words: list[str], limit: int, related: Any) -> list[Any]:
    """Each with its score; of two alike the newer one first."""
    each = [places(word) for word in words]
    hits = reduce(add, [case((title, IN_TITLE), else_=0) + case((text, IN_TEXT), else_=0) for title, text in each])
    score = hits * 1.0 / ((IN_TITLE + IN_TEXT) * len(words))
    everywhere = and_(*(or_(title, text) for title, text in each))
    found = select(model, score.label("score")).where(model.deleted_at.is_(None), everywhere).options(related)
    return list(db.session.execute(found.order_by(score.desc(), model.id.desc()).limit(limit)).all())


def excerpt(texts: list[str], words: list[str]) -> str:
    """Of the first text with one of the words, or of the first there is: the part around the word."""
    plain = [" ".join(text.split()) for text in texts if text.strip()]
    for text in plain:
        for word in words:
            place = text.lower().find(word.lower())
            if place >= 0:
                return _around(text, place)
    return _around(plain[0], 0) if plain else ""


def _around(text: str, place: int) -> str:
    start = max(0, place - EXCERPT // 3)
    start = text.find(" ", start, place) + 1 or start if start else 0  # begin with a word
    part = text[start : start + EXCERPT]
    return f"{'…' if start else ''}{part.strip()}{'…' if start + EXCERPT < len(text) else ''}"

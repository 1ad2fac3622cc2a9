"""Finding documents of all collections by words: each must be there, and one in the title counts more than one below.

Who may see a document is asked of the document itself, in the same statement that finds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, func, literal, select, union_all

from webapp.database import db, is_postgresql
from webapp.models import excerpts
from webapp.models.search_text import SPACE, TEXTS
from webapp.models.searchable import SEARCHABLE, Collection, visible_ids
from webapp.models.spelling import with_others
from webapp.models.words import ANYWHERE, FTS, PLACES, TEXT, TITLE, Word, has_words, words_of

EVERYBODY, SIGNED_IN = "everybody", "signed in"  # who asks
BONUS = {TITLE: 1.0, TEXT: 0.1, ANYWHERE: 0.0}  # of all words in this place
MOST_RANKED = 500  # of a collection: the newest that have the words in the title, in the text, or in both together


class Ranked(NamedTuple):
    collection: Collection
    doc_id: int
    score: float


@dataclass(frozen=True)
class Found:
    """One document; `words` are those that were asked for, or others that may be meant by them."""

    collection: str
    id: int
    row: Any
    title: str
    text: str
    score: float  # 1 for the best of those that are found together
    words: Sequence[Word]
    passage: str = ""  # the part of the text that it was found by, where only its meaning was near

    @property
    def is_close(self) -> bool:
        """It has not the words that were typed, but some that are nearly spelt like them."""
        return not self.passage and any(word.others for word in self.words)

    @property
    def excerpt(self) -> str:
        as_read = SEARCHABLE[self.collection].as_read
        if self.passage:
            return excerpts.beginning(self.passage, as_read)
        return excerpts.excerpt(self.text, self.words, as_read)

    @property
    def marked_title(self) -> Markup:
        return excerpts.marked(self.title, self.words)

    @property
    def marked_excerpt(self) -> Markup:
        return excerpts.marked(self.excerpt, self.words)


def find(
    q: str,
    collections: Sequence[str] = (),
    limit: int = 20,
    who: str = SIGNED_IN,
    *,
    offset: int = 0,
    forgiving: bool = False,
) -> list[Found]:
    """The best first, of all collections unless some are named. Drafts are among them for those who are signed in.

    `forgiving`: when nothing has these words, those that are nearly spelt like them are looked for. The number of
    queries depends on the collections and on whether something is found, not on how much.
    """
    ranked, words = rank(q, collections, offset + limit, who, forgiving=forgiving)
    return load(ranked, words, who)[offset:]


def rank(
    q: str, collections: Sequence[str], limit: int, who: str, *, forgiving: bool = False
) -> tuple[list[Ranked], list[Word]]:
    """The best first, and the words they have."""
    words = words_of(q)
    wanted = [SEARCHABLE[name] for name in collections or SEARCHABLE]
    ranked = _ranked(words, wanted, limit, who) if words else []
    if words and not ranked and forgiving:
        words = with_others(words)
        ranked = _ranked(words, wanted, limit, who) if any(word.others for word in words) else []
    return ranked, words


def _ranked(words: list[Word], wanted: Sequence[Collection], limit: int, who: str) -> list[Ranked]:
    ranked = [
        Ranked(collection, doc_id, score)
        for collection in wanted
        for doc_id, score in _rank(collection, words, limit, who)
    ]
    return sorted(ranked, key=lambda one: -one.score)[:limit]


def load(ranked: Sequence[Ranked], words: Sequence[Word], who: str) -> list[Found]:
    """What is shown of each; not those that have gone or been hidden meanwhile."""
    texts = _texts([one.collection.number * SPACE + one.doc_id for one in ranked])
    collections = {one.collection.name: one.collection for one in ranked}
    rows = {
        (name, row.id): row
        for name, collection in collections.items()
        for row in _rows(collection, [one.doc_id for one in ranked if one.collection is collection], who)
    }
    return [
        Found(collection.name, doc_id, rows[collection.name, doc_id], *text, score / ranked[0].score, words)
        for collection, doc_id, score in ranked
        if (text := texts.get(collection.number * SPACE + doc_id)) and (collection.name, doc_id) in rows
    ]


def _rank(collection: Collection, words: Sequence[Word], limit: int, who: str) -> list[tuple[int, float]]:
    """The ids of the best, and how well each fits: what has all words in both its title and its text counts most."""
    may_see = collection.is_public() if who == EVERYBODY else collection.for_signed_in()
    hits = [_newest(collection, *has_words(words, place), may_see).subquery() for place in PLACES]
    every = union_all(
        *(select(hit, literal(BONUS[place]).label("bonus")) for place, hit in zip(PLACES, hits, strict=True))
    ).subquery()
    # Below 1 however well it fits: a long text must not weigh more than a title.
    fits = func.max(every.c.fits / (1 + every.c.fits))
    doc_id, score = every.c.doc_id, func.sum(every.c.bonus) + fits
    best = select(doc_id, score).group_by(doc_id).order_by(score.desc(), doc_id.desc()).limit(limit)
    return [(int(found), float(fits)) for found, fits in db.session.execute(best)]


def _newest(
    collection: Collection, matches: ColumnElement[bool], fits: ColumnElement[float], may_see: ColumnElement[bool]
) -> Select[int, float]:
    """Those with the words that somebody may see. How well each fits is worked out of these alone."""
    first = collection.number * SPACE
    place: ColumnElement[int] = TEXTS.c.id if is_postgresql() else FTS.c.rowid
    model = collection.model
    seen = select(model.id).where(model.id == place - first, may_see).exists()
    found = select((place - first).label("doc_id"), fits.label("fits")).where(matches, seen)
    return found.where(place.between(first, first + SPACE - 1)).order_by(place.desc()).limit(MOST_RANKED)


def _texts(ids: list[int]) -> dict[int, tuple[str, str]]:
    found = select(TEXTS.c.id, TEXTS.c.title, TEXTS.c.text).where(TEXTS.c.id.in_(ids))
    return {text_id: (title, text) for text_id, title, text in db.session.execute(found)}


def _rows(collection: Collection, ids: list[int], who: str) -> list[Any]:
    visible = visible_ids(collection, to_everybody=who == EVERYBODY)
    model = collection.model
    return list(db.session.scalars(select(model).where(model.id.in_(ids), model.id.in_(visible))))

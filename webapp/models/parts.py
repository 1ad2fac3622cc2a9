"""Finding parts of words, as the library's filter does: `arbo` finds a harbour. By trigrams on both databases."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Integer, Select, Text, column, literal_column, or_, select, table

from webapp.database import is_postgresql
from webapp.models.search_text import SPACE, TEXTS
from webapp.models.searchable import Collection

SHORTEST = 3  # letters that SQLite's index can find; for fewer it reads all texts
FTS = table("search_parts", column("rowid", Integer))


def holding(collection: Collection, words: Sequence[str]) -> Select[int]:
    """The ids of its documents, in the trash or not, whose title or text holds each of these somewhere."""
    found = select(TEXTS.c.doc_id).where(TEXTS.c.collection == collection.name)
    if is_postgresql():
        lower: ColumnElement[str] = literal_column("search_texts.parts", Text)
        return found.where(*(lower.contains(_lower(word), autoescape=True) for word in words))
    long = [word for word in words if len(word) >= SHORTEST]
    short = [word for word in words if len(word) < SHORTEST]
    if not short:
        return _by_trigrams(collection, long)
    if long:
        found = found.where(TEXTS.c.doc_id.in_(_by_trigrams(collection, long)))
    return found.where(*_read(short))


def _read(words: Sequence[str]) -> list[ColumnElement[bool]]:
    """Without an index, from each text. SQLite's LIKE takes small and capital letters of ASCII for the same."""
    places = (TEXTS.c.title, TEXTS.c.text)
    return [or_(*(place.contains(word, autoescape=True) for place in places)) for word in words]


def _lower(word: str) -> str:
    """Letter by letter, as PostgreSQL does; Python would see that a Greek one is the last."""
    return "".join(each.lower() for each in word)


def _by_trigrams(collection: Collection, words: Sequence[str]) -> Select[int]:
    asked = " AND ".join('"{}"'.format(word.replace('"', '""')) for word in words)
    first = collection.number * SPACE
    matches = literal_column("search_parts").op("MATCH", is_comparison=True)(asked)
    return select((FTS.c.rowid - first).label("doc_id")).where(matches, FTS.c.rowid.between(first, first + SPACE - 1))


def is_holding(
    collection: Collection, words: Sequence[str], *, in_order: bool = False, of_few: bool = False
) -> ColumnElement[bool]:
    """The same as a condition on the collection's model.

    `in_order`: the first few are read by an index of that order. `of_few`: other conditions leave only few to look at.
    SQLite must be told, as it would fetch and sort all that are found; PostgreSQL sees it for itself.
    """
    doc_id = collection.model.id
    if is_postgresql():
        return holding(collection, words).where(TEXTS.c.doc_id == doc_id).correlate(collection.model).exists()
    if of_few and all(map(str.isascii, words)):  # LIKE would tell é from É
        own = select(TEXTS.c.id).where(TEXTS.c.id == doc_id + collection.number * SPACE, *_read(words))
        return own.correlate(collection.model).exists()
    held: ColumnElement[bool] = (doc_id + 0 if in_order else doc_id).in_(holding(collection, words))
    return held

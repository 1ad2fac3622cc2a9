"""Finding parts of words, as the library's filter does: `arbo` finds a harbour. By trigrams on both databases."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    Text,
    column,
    literal_column,
    or_,
    select,
    table,
)

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
        asked = [[lower.contains(_lower(form), autoescape=True) for form in forms(word)] for word in words]
        return found.where(*(or_(*either) for either in asked))
    long = [word for word in words if len(composed(word)) >= SHORTEST]
    short = [word for word in words if len(composed(word)) < SHORTEST]
    if not short:
        return _by_trigrams(collection, long)
    if long:
        found = found.where(TEXTS.c.doc_id.in_(_by_trigrams(collection, long)))
    return found.where(*_read(short))


def _read(words: Sequence[str]) -> list[ColumnElement[bool]]:
    """Without an index, from each text."""
    return [contains_either((TEXTS.c.title, TEXTS.c.text), word) for word in words]


def contains_either(places: Sequence[SQLColumnExpression[str]], text: str) -> ColumnElement[bool]:
    """It stands in one of them, in small or capital letters."""
    return or_(*(_contains(place, form) for place in places for form in forms(text)))


def _contains(place: SQLColumnExpression[str], text: str) -> ColumnElement[bool]:
    """SQLite's LIKE takes small and capital letters of ASCII for the same, and no others."""
    if is_postgresql():
        return place.icontains(text, autoescape=True)
    if text.isascii():
        return place.contains(text, autoescape=True)
    return place.op("GLOB", is_comparison=True)(f"*{''.join(map(_in_either_case, text))}*")


def _in_either_case(letter: str) -> str:
    """As GLOB asks for it. Only a letter that is as small as this one: PostgreSQL compares small letters."""
    small = letter.lower() if len(letter.lower()) == 1 else letter
    capital = small.upper()
    if len(capital) == 1 and capital != small and capital.lower() == small:
        return f"[{small}{capital}]"
    return f"[{small}]" if small in "*?[" else small


def forms(text: str) -> list[str]:
    """How it may be written: programs give "é" as one character, some Macs as two in the names of files."""
    return list(dict.fromkeys((composed(text), unicodedata.normalize("NFD", text))))


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _lower(word: str) -> str:
    """Letter by letter, as PostgreSQL does; Python would see that a Greek one is the last."""
    return "".join(each.lower() for each in word)


def _by_trigrams(collection: Collection, words: Sequence[str]) -> Select[int]:
    asked = " AND ".join(f"({' OR '.join(map(_quoted, forms(word)))})" for word in words)
    first = collection.number * SPACE
    matches = literal_column("search_parts").op("MATCH", is_comparison=True)(asked)
    return select((FTS.c.rowid - first).label("doc_id")).where(matches, FTS.c.rowid.between(first, first + SPACE - 1))


def _quoted(word: str) -> str:
    return '"{}"'.format(word.replace('"', '""'))


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

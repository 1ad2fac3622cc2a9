"""What else may be meant by a word that somebody mistyped: words that are in some text and nearly the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import cache

from sqlalchemy import Select, Text, bindparam, column, select, table, union_all

from webapp.database import db, is_postgresql
from webapp.models.search_text import VOCABULARY
from webapp.models.words import Word, plain

SHORTEST = 4  # letters; nearly everything is close to a shorter word
LONG = 6  # letters of which two may be wrong; of fewer one
MOST_OTHERS = 4
MOST_CANDIDATES = 20_000
SURROGATES = range(0xD800, 0xE000)  # no letters
FTS_VOCABULARY = table("search_vocabulary", column("term", Text))  # of SQLite, which reads it from the index


def with_others(words: Sequence[Word]) -> list[Word]:
    return [replace(word, others=tuple(others_of(word))) for word in words]


def others_of(word: Word) -> list[str]:
    """The nearest first; none of a word that is in some text as it is.

    Only words whose first letter is the first or second of this one are looked at.
    """
    typed = plain(word.typed)
    if len(typed) < SHORTEST or typed.isdecimal():
        return []
    first, second = typed[0], typed[1]
    asked = {"first": first, "before": _next(first), "second": second, "before_second": _next(second)}
    known = db.session.scalars(_beginning_with(is_postgresql()), asked)
    # What may go on is compared with the beginnings of words.
    near = {each[: len(typed)] if word.goes_on else each for each in known}
    if typed in near:
        return []
    wrong = 2 if len(typed) >= LONG else 1
    near = {each for each in near if abs(len(each) - len(typed)) <= wrong}
    return get_close_matches(typed, near, MOST_OTHERS, cutoff=1 - (wrong + 0.01) / len(typed))


def _next(letter: str) -> str:
    """The one before which everything stands that begins with this letter."""
    following = ord(letter) + 1
    return chr(following if following not in SURROGATES else SURROGATES.stop)


@cache
def _beginning_with(on_postgresql: bool) -> Select[str]:
    word = VOCABULARY.c.word if on_postgresql else FTS_VOCABULARY.c.term
    ranges = (("first", "before"), ("second", "before_second"))
    each = [select(word).where(word >= bindparam(start), word < bindparam(end)) for start, end in ranges]
    every = union_all(*each).subquery()
    return select(every.c[0]).limit(MOST_CANDIDATES)

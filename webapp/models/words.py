"""A question in words: which they are, and how each database is asked for whole words and for their beginnings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, column, func, literal_column, table

from webapp.database import is_postgresql

MOST_WORDS = 8  # of a question; further ones are not looked at
LONGEST_WORD = 60  # letters that are looked at
WITHIN_WORDS = ("L", "N", "M", "Co")  # categories of Unicode; anything else stands between two words
FTS = table("search_words", column("rowid", Integer))
ACCENTS = re.compile("[\u0300-\u036f]+")
TITLE_WEIGHT, TEXT_WEIGHT = 4.0, 1.0
TITLE, TEXT, ANYWHERE = PLACES = ("title", "text", "anywhere")
WEIGHTS = {TITLE: "a", TEXT: "b", ANYWHERE: ""}  # as PostgreSQL's index calls them


@dataclass(frozen=True)
class Word:
    """One word of a question, and others that may be meant by it."""

    typed: str
    goes_on: bool = False  # it may be the beginning of a word
    others: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        return self.typed, *self.others


def words_of(q: str) -> list[Word]:
    """Each once. The last may be the beginning of a word."""
    parted = "".join(each if unicodedata.category(each).startswith(WITHIN_WORDS) else " " for each in q.lower())
    found = [each[:LONGEST_WORD] for each in parted.split() if any(map(str.isalnum, each))]
    chosen = list(dict.fromkeys(found))[:MOST_WORDS]
    return [Word(each, goes_on=each == found[-1]) for each in chosen]


def plain(text: str) -> str:
    """As words are compared: in small letters, without accents, as the index of PostgreSQL has them."""
    return ACCENTS.sub("", unicodedata.normalize("NFKD", text.lower()))


def has_words(words: Sequence[Word], place: str) -> tuple[ColumnElement[bool], ColumnElement[float]]:
    """That each is in this place, one of PLACES; and how well that fits: more is better.

    On FTS, or on search_texts of PostgreSQL.
    """
    if is_postgresql():
        every = " & ".join(_either(word, "'{}':{}", " | ", WEIGHTS[place]) for word in words)
        asked = func.to_tsquery("simple", plain(every))
        kept: ColumnElement[str] = literal_column("search_texts.words")
        return kept.op("@@", is_comparison=True)(asked), func.ts_rank(kept, asked)
    every = " AND ".join(_either(word, '"{}"{}', " OR ") for word in words)
    matches = literal_column("search_words").op("MATCH", is_comparison=True)
    fits = -func.bm25(literal_column("search_words"), TITLE_WEIGHT, TEXT_WEIGHT)
    return matches(every if place == ANYWHERE else f"{{{place}}} : ({every})"), fits


def _either(word: Word, form: str, between: str, weights: str = "") -> str:
    star = "*" if word.goes_on else ""
    each = (form.format(spelling, star + weights).rstrip(":") for spelling in word.spellings)
    return f"({between.join(each)})"

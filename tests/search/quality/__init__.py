"""200 short documents of a museum and its town, and what people ask for: written for this, and kept as they were.

Each question in other words shares no word with its answer. `asked` is as short as people type; `told` says more.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
COLLECTIONS = ("posts", "pages", "media")
WORD = re.compile(r"[^\W_]+")
ENDINGS = ("ations", "ation", "ingly", "ings", "ing", "ers", "ies", "ied", "ed", "er", "es", "ly", "s", "y", "e")
SAME_BEGINNING = 5  # letters of two words that count as one
WITHOUT_CONTENT = frozenset(
    """
    a about above after again all also am an and another any are as at be because been before being below between
    both but by can could did do does doing done down during each every few for from get go got had has have having
    he her hers him his how i if in into is it its just many may me might more most much must my no nor not now of
    off on one ones only or other our ours out over own s same shall she should so some such t than that the their
    theirs them then there these they this those through to too under until up us very was we were what when where
    which while who whom whose why will with without would you your
    """.split()  # noqa: SIM905  # a list of so many would be hard to read
)


@dataclass(frozen=True)
class Document:
    collection: str
    title: str
    text: str
    words: str  # some of its own
    asked: str = ""
    told: str = ""


@cache
def documents() -> tuple[Document, ...]:
    return tuple(Document(name, **each) for name in COLLECTIONS for each in _read(name)["document"])


@cache
def nonsense() -> tuple[str, ...]:
    return tuple(question for questions in _read("nonsense").values() for question in questions)


def _read(name: str) -> dict:
    return tomllib.loads((HERE / f"{name}.toml").read_text())


def in_common(question: str, answer: str) -> set[str]:
    """The words of a question that the answer has too, perhaps in another form."""
    there = content_words(answer)
    return {word for word in content_words(question) if any(are_forms_of_one(word, other) for other in there)}


def content_words(text: str) -> set[str]:
    return set(WORD.findall(text.lower())) - WITHOUT_CONTENT


def are_forms_of_one(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    return _stem(one) == _stem(other) or (shorter >= SAME_BEGINNING and one[:SAME_BEGINNING] == other[:SAME_BEGINNING])


def _stem(word: str) -> str:
    ending = next((each for each in ENDINGS if word.endswith(each) and len(word) - len(each) >= 3), "")
    return word.removesuffix(ending)

"""How often the right document is first, and among the first five: by words, by meaning and by both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flask import Flask

from tests.search.index import run_dry
from tests.search.quality import Document, documents, nonsense
from tests.support.batches import add_picture
from webapp.jobs import queue
from webapp.models import meaning
from webapp.models.finding import find
from webapp.models.finding_hybrid import find_hybrid
from webapp.models.finding_meaning import find_by_meaning
from webapp.models.page import create_page
from webapp.models.post import create_post

SHOWN = 5
Key = tuple[str, int]
Way = Callable[[str], list[Key]]


def by_words(q: str) -> list[Key]:
    return [(one.collection, one.id) for one in find(q, limit=SHOWN, forgiving=True)]


def by_meaning(q: str) -> list[Key]:
    return [(one.collection, one.doc_id) for one in find_by_meaning(q, limit=SHOWN, to_everybody=False)]


def by_both(q: str) -> list[Key]:
    return [(one.collection, one.id) for one in find_hybrid(q, limit=SHOWN, forgiving=True)]


WAYS: dict[str, Way] = {"words": by_words, "meaning": by_meaning, "both": by_both}


@dataclass
class Share:
    """Of questions, as a part of 1; and what a question took."""

    asked: int
    first: float
    among_five: float
    seconds: float


@dataclass
class Quality:
    shares: dict[tuple[str, str], Share] = field(default_factory=dict)  # by kind of question and way
    found_by_nonsense: list[str] = field(default_factory=list)  # questions that found something by meaning


def measure(app: Flask, *, each: int = 1) -> Quality:
    """On the local embedder, in the database of this app; of the questions by words only each so manieth."""
    ids = fill(app)
    quality = Quality(found_by_nonsense=[q for q in nonsense() if by_meaning(q)])
    for kind in ("words", "told", "asked"):
        questions = [(getattr(one, kind), ids[one]) for one in documents() if getattr(one, kind)]
        questions = questions[:: each if kind == "words" else 1]
        for name, way in WAYS.items():
            quality.shares[kind, name] = _share(way, questions)
    return quality


def fill(app: Flask) -> dict[Document, Key]:
    """All documents, in the index of meaning too. Its jobs would be more work than all of it at once."""
    settings = app.config["SETTINGS"]
    settings.embedder = "off"
    ids = {each: (each.collection, _create(each, number)) for number, each in enumerate(documents())}
    settings.embedder = "local"
    queue(meaning.REINDEX)
    run_dry()
    by_meaning("the first question loads the weights")
    return ids


def _create(document: Document, number: int) -> int:
    if document.collection == "posts":
        return create_post(document.title, body=document.text, status="published").id
    if document.collection == "pages":
        layout = [{"blockType": "text", "body": document.text}]
        return create_page(document.title, status="published", layout=layout).id
    return add_picture(None, number, alt=document.title, caption=document.text).id


def _share(way: Way, questions: Sequence[tuple[str, Key]]) -> Share:
    first, among, times = 0, 0, []
    for question, answer in questions:
        begun = time.perf_counter()
        found = way(question)
        times.append(time.perf_counter() - begun)
        first += found[:1] == [answer]
        among += answer in found
    return Share(len(questions), first / len(questions), among / len(questions), statistics.median(times))

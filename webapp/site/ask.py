"""/ask: an answer from what everybody may read here, with where it stands. Only where a chat model is set."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from flask import Response, abort, current_app, make_response, render_template, request
from markupsafe import Markup, escape
from sqlalchemy import select

from webapp.database import db
from webapp.extensions import limiter
from webapp.models.passages import passages
from webapp.search.chat import CITATION, Answer, Chat, ChatError, chat_of
from webapp.site.blueprint import blueprint
from webapp.site.post_rows import any_posts
from webapp.site.search import LONGEST, hits_of

log = structlog.get_logger(__name__)

MOST_TOKENS = 2000  # of the passages that an answer is made from
AT_ONCE = 2  # questions that wait for an answer; the other threads of the process serve everybody else
TOO_MANY = "You have asked very often just now. Wait a minute, then try again, or search."
UNKNOWN = "I do not know. Nothing here says so."
AWAY = "No answer can be made just now. Try again in a minute, or search."

_waiting = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Source:
    number: int
    title: str
    url: str


@dataclass(frozen=True)
class Said:
    """What is shown for a question."""

    text: Markup
    sources: tuple[Source, ...] = ()
    status: int = 200


@blueprint.get("/ask")
@limiter.limit("10 per minute", error_message=TOO_MANY, exempt_when=lambda: not request.args.get("q"))
def ask() -> Response:
    chat = chat_of(current_app.config["SETTINGS"])
    if chat is None:
        abort(404)
    q = request.args.get("q", "").replace("\0", " ").strip()[:LONGEST]
    said = answered(chat, q) if q else None
    has_posts = db.session.scalar(select(any_posts()))
    page = render_template("site/ask.html", q=q, said=said, has_posts=has_posts)
    response = make_response(page, said.status if said else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def answered(chat: Chat, q: str) -> Said:
    texts, sources = read(q)
    db.session.rollback()  # nothing of the database is held while a service elsewhere thinks
    try:
        with _one_of_few():
            answer = chat.answer(q, texts)
    except ChatError as error:
        log.warning("ask.without_answer", reason=str(error))
        return Said(escape(AWAY), status=503)
    if answer is None:
        return Said(escape(UNKNOWN))
    return Said(with_links(answer, sources), tuple(sources[number - 1] for number in answer.cited))


def read(q: str) -> tuple[list[str], list[Source]]:
    """The passages, and where each can be read."""
    fitting = passages(q, max_tokens=MOST_TOKENS)
    urls = {(hit.found.collection, hit.found.id): hit.url for hit in hits_of([each.found for each in fitting])}
    there = [each for each in fitting if (each.found.collection, each.found.id) in urls]
    sources = [
        Source(number, each.found.title, urls[each.found.collection, each.found.id])
        for number, each in enumerate(there, start=1)
    ]
    return [f"{each.found.title}\n{each.text}" for each in there], sources


@contextmanager
def _one_of_few() -> Iterator[None]:
    if not _waiting.acquire(blocking=False):
        raise ChatError("Others are being answered.")
    try:
        yield
    finally:
        _waiting.release()


def with_links(answer: Answer, sources: list[Source]) -> Markup:
    """Each number that is a source leads to it; all else is words."""
    parts, done = [], 0
    for found in CITATION.finditer(answer.text):
        number = int(found[1])
        parts.append(escape(answer.text[done : found.start()]))
        if number in answer.cited:
            parts.append(Markup('<a href="{}">[{}]</a>').format(sources[number - 1].url, number))
        done = found.end()
    return Markup("").join([*parts, escape(answer.text[done:])])

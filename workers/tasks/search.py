"""Background work on the index of meaning."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from webapp.database import db
from webapp.jobs import queue
from webapp.models import meaning, meaning_drift, meaning_index
from webapp.models.meaning import Content
from webapp.models.searchable import SEARCHABLE, Collection
from webapp.search.embedders import Embedder, EmbedderError, TryAgainLater
from webapp.search.embedders.base import Vectors
from webapp.search.stores import Away, StoreError
from workers.handlers import handles
from workers.running import FailedForGood, NothingToDo, Running
from workers.stepping import RunningJob, Step

CHANGED = "changed meanwhile"  # and so it has another job


@handles(meaning.UPSERT)
def upsert(job: Running) -> dict[str, Any]:
    """Read the document afresh, embed what is new of it, and put that into the index; or take it out."""
    collection, doc_id = _collection(job), job.input["docId"]
    embedder = _embedder()
    found = meaning.contents(collection, [doc_id])
    content = found.get(doc_id)
    if content is None:
        return _take_out(job, collection, "no content" if doc_id in found else "not published")
    generations = meaning_index.live()
    if not generations:
        job.begin_effect()
        if not meaning.is_being_built():
            queue(meaning.REINDEX, queue=meaning.queue_name())
        return _said(job, "there is no index yet; it is built")
    with _in_words():
        lacking = meaning_index.lacking(meaning_index.fitting(generations, embedder), content)
    if not lacking:
        return _said(job, "unchanged")
    vectors = _embed(embedder, content)
    with _in_words():
        sent = meaning_index.send(lacking, content, embedder.model, vectors)
    job.begin_effect()
    if not meaning_index.put(embedder, content, vectors, sent):
        return _said(job, CHANGED)
    return _said(job, "indexed") | {"chunks": len(vectors)}


@handles(meaning.DELETE)
def delete(job: Running) -> dict[str, Any]:
    return _take_out(job, _collection(job), "removed")


def _take_out(job: Running, collection: Collection, words: str) -> dict[str, Any]:
    doc_id = job.input["docId"]
    with _in_words():
        withdrawn = meaning_index.withdraw(collection, doc_id)
    job.begin_effect()
    gone = meaning_index.take_out(collection, doc_id, withdrawn)
    return _said(job, words if gone else CHANGED)


def _said(job: Running, message: str) -> dict[str, Any]:
    return {"docId": job.input["docId"], "collection": job.input["collection"], "message": message}


def _collection(job: Running) -> Collection:
    return SEARCHABLE[job.input["collection"]]


def _embedder() -> Embedder:
    embedder = meaning.embedder()
    if embedder is None:
        raise NothingToDo("Search by meaning is switched off (EMBEDDER).")
    return embedder


def _embed(embedder: Embedder, content: Content) -> Vectors:
    """Without a transaction: an embedder elsewhere may take its time."""
    db.session.rollback()
    with _in_words():
        return embedder.embed(content.texts)


@contextmanager
def _in_words() -> Iterator[None]:
    """What is busy or away is tried again; what refuses is not."""
    try:
        yield
    except (TryAgainLater, Away):
        raise
    except (EmbedderError, StoreError) as error:
        raise FailedForGood(str(error)) from None


@handles(meaning.CHECK)
def check(job: Running) -> dict[str, int]:
    """Ask for what is missing in the index, and for what is too much in it; nothing while it is switched off."""
    if meaning.embedder() is None:
        return {}
    with _in_words():
        drift = meaning_drift.look(job.input["deep"])
    job.begin_effect()
    return drift.counts() | {"mended": meaning_drift.mend(drift)}


@handles(meaning.REINDEX)
def reindex(job: RunningJob) -> dict[str, int]:
    """Build a generation beside the one that is searched, portion by portion, and then switch."""
    generation_id = job.inline("begin", _begin)["generation"]
    indexed = sum(_fill(job, generation_id, collection) for collection in SEARCHABLE.values())
    job.inline("switch", partial(_switch, generation_id))
    job.inline("clear", _clear)
    return {"generation": generation_id, "documents": indexed}


def _begin(step: Step) -> dict[str, int]:
    embedder = _embedder()
    with _in_words():
        meaning_index.check_room(embedder)
    step.begin_effect()
    return {"generation": meaning_index.begin_building(embedder)}


def _fill(job: RunningJob, generation_id: int, collection: Collection) -> int:
    indexed, after = 0, 0
    while True:
        job.give_way()
        done = job.inline(f"{collection.name}-after-{after}", partial(_put, generation_id, collection, after))
        indexed += done["indexed"]
        if done["last"] is None:
            return indexed
        after = done["last"]


def _put(generation_id: int, collection: Collection, after: int, step: Step) -> dict[str, int | None]:
    embedder = _embedder()
    ids = meaning_index.portion(collection, after)
    missing = meaning_index.missing_in(generation_id, meaning.contents(collection, ids))
    embedded = [(content, _embed(embedder, content)) for content in missing]
    with _in_words():
        meaning_index.send_all(generation_id, embedded)
    step.begin_effect()
    return {
        "indexed": meaning_index.put_all(generation_id, collection, embedded),
        "last": ids[-1] if ids else None,
    }


def _switch(generation_id: int, step: Step) -> dict[str, int]:
    step.begin_effect()
    meaning_index.switch_to(generation_id)
    return {"generation": generation_id}


def _clear(_step: Step) -> None:
    with _in_words():
        meaning_index.clear()

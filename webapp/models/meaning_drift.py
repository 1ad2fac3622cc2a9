"""Drift of the index: what should be in it and is not, or the other way round, with no job at it; found and mended.

It comes about with what was published while search by meaning was off, with jobs that failed for good, and with what
somebody else did to a store elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, String, cast, literal, select

from webapp.database import db, utcnow
from webapp.jobs import Job, queue
from webapp.jobs.states import FAILED, QUEUED, RUNNING
from webapp.models import meaning, meaning_index
from webapp.models.progress import subject_of
from webapp.models.searchable import SEARCHABLE, Collection
from webapp.search.rows import ACTIVE, Generation, IndexedDocument
from webapp.search.stores import store_of
from webapp.search.stores.base import Sent

AT_ONCE = 1000  # documents of one collection to mend; the next check goes on
PORTION = 200  # documents that are read at once
PATIENCE = timedelta(days=1)  # what failed in it is tried by itself no more


@dataclass
class Drift:
    """Ids of documents by collection."""

    no_index: bool = False  # and there is something for it
    missing: dict[str, set[int]] = field(default_factory=dict)
    surplus: dict[str, set[int]] = field(default_factory=dict)
    stale: dict[str, set[int]] = field(default_factory=dict)  # of other words than they have now
    elsewhere: dict[str, set[int]] = field(default_factory=dict)  # where the store has not what is noted

    def counts(self) -> dict[str, int]:
        kinds = ("missing", "surplus", "stale", "elsewhere")
        return {kind: sum(map(len, getattr(self, kind).values())) for kind in kinds}


def look(deep: bool) -> Drift:
    """`deep` reads every document and everything in the store; otherwise a few queries tell. Raises StoreError."""
    generation = db.session.scalar(select(Generation).where(Generation.state == ACTIVE))
    if generation is None:
        return Drift(no_index=any(_some(each.model.id, each.by_meaning()) for each in SEARCHABLE.values()))
    drift = Drift()
    for name, collection in SEARCHABLE.items():
        patient = () if deep else (~_failed_lately(collection),)
        drift.missing[name] = _some(collection.model.id, *is_missing(collection, generation.id), *patient)
        drift.surplus[name] = _some(IndexedDocument.doc_id, *is_surplus(collection, generation.id))
        if deep:
            drift.stale[name] = set(_stale(collection, generation.id))
    if deep and store_of(generation).elsewhere:
        drift.elsewhere = _not_as_noted(generation)
    return drift


def _some(column: SQLColumnExpression[int], *which: ColumnElement[bool]) -> set[int]:
    return set(db.session.scalars(select(column).where(*which).order_by(column).limit(AT_ONCE)))


def is_missing(collection: Collection, generation_id: int) -> tuple[ColumnElement[bool], ...]:
    """Of a row of its model: it shall be found, is not in the index, and nobody is at it."""
    doc_id = collection.model.id
    indexed = select(IndexedDocument.doc_id).where(*in_generation(collection, generation_id))
    return collection.by_meaning(), doc_id.not_in(indexed), ~is_under_way(collection, doc_id)


def is_surplus(collection: Collection, generation_id: int) -> tuple[ColumnElement[bool], ...]:
    """Of an indexed document: it shall not be found, and nobody is at it."""
    wanted = select(collection.model.id).where(collection.by_meaning())
    doc_id = IndexedDocument.doc_id
    return *in_generation(collection, generation_id), doc_id.not_in(wanted), ~is_under_way(collection, doc_id)


def in_generation(collection: Collection, generation_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        IndexedDocument.generation_id == generation_id,
        IndexedDocument.collection == collection.name,
        IndexedDocument.content_hash != "",
    )


def is_under_way(collection: Collection, doc_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """One condition for each state, as each has an index of its own."""
    key = literal(f"vector:{collection.name}:") + cast(doc_id, String)
    queued, running = (
        select(Job.id).where(Job.concurrency_key == key, Job.status == status).exists() for status in (QUEUED, RUNNING)
    )
    return queued | running


def _failed_lately(collection: Collection) -> ColumnElement[bool]:
    subject = subject_of(meaning.kind(collection), collection.model.id)
    lately = (Job.status == FAILED, Job.completed_at > utcnow() - PATIENCE, Job.task_slug == meaning.UPSERT)
    return select(Job.id).where(Job.subject == subject, *lately).exists()


def _stale(collection: Collection, generation_id: int) -> Iterator[int]:
    columns = select(IndexedDocument.doc_id, IndexedDocument.content_hash)
    noted = dict(db.session.execute(columns.where(*in_generation(collection, generation_id))).all())
    under_way = select(IndexedDocument.doc_id).where(
        *in_generation(collection, generation_id), is_under_way(collection, IndexedDocument.doc_id)
    )
    left = sorted(set(noted) - set(db.session.scalars(under_way)))
    for at in range(0, len(left), PORTION):
        for doc_id, content in meaning.contents(collection, left[at : at + PORTION]).items():
            if (content.document.content_hash if content else meaning_index.WITHOUT_WORDS) != noted[doc_id]:
                yield doc_id


def _not_as_noted(generation: Generation) -> dict[str, set[int]]:
    columns = (IndexedDocument.collection, IndexedDocument.doc_id, IndexedDocument.content_hash)
    found = select(*columns).where(IndexedDocument.generation_id == generation.id, IndexedDocument.chunks > 0)
    noted = {Sent(*row) for row in db.session.execute(found)}
    wrong: dict[str, set[int]] = {}
    for name, doc_id, _ in noted ^ store_of(generation).sent(generation):
        if name in SEARCHABLE:
            wrong.setdefault(name, set()).add(doc_id)
    return wrong


def mend(drift: Drift) -> int:
    """Ask for a job for each, in the caller's transaction; how many. What is unfit is taken out by the same job."""
    if drift.no_index and not meaning.is_being_built():
        queue(meaning.REINDEX, queue=meaning.queue_name())
    meaning_index.forget(drift.elsewhere)
    asked = 0
    for name, collection in SEARCHABLE.items():
        kinds = (drift.missing, drift.surplus, drift.stale, drift.elsewhere)
        ids = sorted(set().union(*(kind.get(name, set()) for kind in kinds)))[:AT_ONCE]
        meaning.ask_again(collection, ids)
        asked += len(ids)
    return asked

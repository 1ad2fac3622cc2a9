"""How the index of meaning is: what is in it, what is missing, and what is under way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, SQLColumnExpression, func, select

from webapp.database import db, transaction
from webapp.jobs import Job, queue
from webapp.jobs.states import FAILED, QUEUED, RUNNING
from webapp.models import meaning, meaning_index
from webapp.models.audit import Named, note
from webapp.models.meaning_drift import in_generation, is_missing, is_surplus
from webapp.models.searchable import SEARCHABLE, Collection
from webapp.search.rows import ACTIVE, Generation, IndexedDocument
from webapp.search.stores import WrongVectors
from webapp.search.stores.base import REBUILD
from webapp.search.stores.choice import elsewhere

INDEX = Named("search", "Search index")  # in the audit log
is_open = Job.status.in_((QUEUED, RUNNING))


@dataclass(frozen=True)
class Kept:
    """Of one collection, in documents."""

    collection: str
    wanted: int  # that shall be found by meaning
    missing: int  # of them, not in the index
    surplus: int  # in the index, and shall not be found
    lost: int  # missing, with no job at it
    left: int  # surplus, with no job at it
    waiting: int  # jobs that wait or run

    @property
    def label(self) -> str:
        return SEARCHABLE[self.collection].words

    @property
    def there(self) -> int:
        return self.wanted - self.missing


@dataclass(frozen=True)
class State:
    model: str | None  # that is set now; None when search by meaning is off
    generations: list[Generation]  # the one that is searched, and the one that is built
    collections: list[Kept]  # as they are in the one that is searched
    waiting: int  # jobs
    failed: int

    @property
    def warnings(self) -> list[str]:
        return list(self._warnings())

    def _warnings(self) -> Iterator[str]:
        if self.model is None:
            yield "Search by meaning is off (EMBEDDER)."
            return
        embedder = meaning.embedder()
        try:
            if embedder:
                meaning_index.fitting(self.generations, embedder)
        except WrongVectors as error:
            yield str(error)
        if not any(each.state == ACTIVE for each in self.generations):
            yield f"There is no index yet. {REBUILD}"
            return
        yield from filter(None, (elsewhere(each) for each in self.generations if each.state == ACTIVE))
        if not self.waiting and any(kept.missing or kept.surplus for kept in self.collections):
            yield f"The index is not as the documents are, and no job is at it. {REBUILD}"


def state() -> State:
    embedder, generations = meaning.embedder(), meaning_index.live()
    active = next((each for each in generations if each.state == ACTIVE), None)
    return State(
        model=f"{embedder.model} ({embedder.dims})" if embedder else None,
        generations=generations,
        collections=[_kept(collection, active.id if active else 0) for collection in SEARCHABLE.values()],
        waiting=_jobs(is_open),
        failed=_jobs(Job.status == FAILED),
    )


def _kept(collection: Collection, generation_id: int) -> Kept:
    there = in_generation(collection, generation_id)
    wanted = select(collection.model.id).where(collection.by_meaning())
    indexed = select(IndexedDocument.doc_id).where(*there)
    return Kept(
        collection.name,
        wanted=_count(collection.model.id, collection.by_meaning()),
        missing=_count(collection.model.id, collection.by_meaning(), collection.model.id.not_in(indexed)),
        surplus=_count(IndexedDocument.doc_id, *there, IndexedDocument.doc_id.not_in(wanted)),
        lost=_count(collection.model.id, *is_missing(collection, generation_id)),
        left=_count(IndexedDocument.doc_id, *is_surplus(collection, generation_id)),
        waiting=_jobs(is_open, Job.concurrency_key.startswith(f"vector:{collection.name}:")),
    )


def _jobs(*which: ColumnElement[bool]) -> int:
    about_search = Job.task_slug.in_((meaning.UPSERT, meaning.DELETE)) | (Job.workflow_slug == meaning.REINDEX)
    return _count(Job.id, about_search, *which)


def _count(column: SQLColumnExpression[int], *which: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count(column)).where(*which)) or 0


def start_reindex() -> Job:
    """The job that builds the index anew, beside the one that is searched; one that waits for it already, if any."""
    with transaction():
        note("ran", INDEX, "asked to build the search index anew")
        return queue(meaning.REINDEX, queue=meaning.queue_name())


def start_check() -> Job:
    """The job that looks at every document in it, and mends what is not as it should be."""
    with transaction():
        note("ran", INDEX, "asked to mend the search index")
        return queue(meaning.CHECK, {"deep": True})

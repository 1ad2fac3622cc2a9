"""One document in the index of meaning: whether it is there as it is now, in words for an editor."""

from __future__ import annotations

from sqlalchemy import select

from webapp.database import db, transaction
from webapp.jobs import Job
from webapp.jobs.states import FAILED
from webapp.models import meaning
from webapp.models.audit import note
from webapp.models.progress import FAILED_WITHOUT_WORDS, Progress, of_job
from webapp.models.searchable import SEARCHABLE, Collection
from webapp.search.rows import ACTIVE, Generation, IndexedDocument


def in_index(name: str, doc_id: int) -> Progress | None:
    """None for what shall not be found and is not there, and where search by meaning is off."""
    if meaning.embedder() is None:
        return None
    collection = SEARCHABLE[name]
    job = _newest_job(collection, doc_id)
    if job and not job.settled:
        return _under_way(job)
    return _at_rest(collection, doc_id, job)


def _newest_job(collection: Collection, doc_id: int) -> Job | None:
    about_it = (Job.subject == meaning.subject(collection, doc_id), Job.task_slug.in_((meaning.UPSERT, meaning.DELETE)))
    return db.session.scalar(select(Job).where(*about_it).order_by(Job.id.desc()).limit(1))


def _under_way(job: Job) -> Progress:
    if job.slug == meaning.DELETE:
        waiting, working = "Waiting to be taken out of the search index", "Being taken out of the search index"
    else:
        waiting, working = "Waiting for the search index", "Being put into the search index"
    return of_job(job, waiting=waiting, working=working, done="")


def _at_rest(collection: Collection, doc_id: int, job: Job | None) -> Progress | None:
    content = meaning.contents(collection, [doc_id]).get(doc_id)
    row = _row(collection, doc_id)
    there = row.content_hash if row else ""
    if content is None:
        return Progress("cancelled", "Still in the search index, where nobody finds it") if there else None
    if row and there == content.document.content_hash:
        return Progress("done", "In the search index", at=row.indexed_at)
    if job and job.status == FAILED:
        words = f"The search index could not take it. {job.reason or FAILED_WITHOUT_WORDS}"
        return Progress("failed", words, job.id, job.completed_at)
    if meaning.is_being_built():
        return Progress("waiting", "Waiting for the search index")
    return Progress("cancelled", "The search index has its former words" if there else "Not in the search index")


def _row(collection: Collection, doc_id: int) -> IndexedDocument | None:
    active = select(Generation.id).where(Generation.state == ACTIVE).scalar_subquery()
    found = select(IndexedDocument).where(IndexedDocument.generation_id == active)
    return db.session.scalar(found.filter_by(collection=collection.name, doc_id=doc_id))


def try_again(name: str, doc_id: int) -> None:
    """Have it read afresh, whatever is there. Raises LookupError."""
    collection = SEARCHABLE.get(name)
    with transaction() as session:
        found = session.get(collection.model, doc_id) if collection else None
        if collection is None or found is None:
            raise LookupError(f"There is no document {doc_id} in {name}.")
        if meaning.embedder():
            note("retried", found, f"asked to put “{found.title}” into the search index again")
            meaning.ask_again(collection, [doc_id])

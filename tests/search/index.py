"""What is in the index, what should be, and how the jobs about it are run."""

from __future__ import annotations

from sqlalchemy import select, update

from webapp.database import db, transaction
from webapp.jobs import Job, run
from webapp.jobs.states import QUEUED
from webapp.models import meaning
from webapp.models.searchable import SEARCHABLE
from webapp.search.rows import ACTIVE, Generation, SearchChunk
from webapp.search.stores import store_of


def run_dry() -> None:
    """Until no job about the index is left; pauses before a retry are skipped."""
    for _ in range(30):
        with transaction() as session:
            session.execute(update(Job).where(is_about_search(), Job.status == QUEUED).values(wait_until=None))
        if not open_jobs():
            return
        run(None, limit=200)
    raise AssertionError([(job.slug, job.status, job.error) for job in open_jobs()])


def is_about_search():
    return Job.task_slug.in_((meaning.UPSERT, meaning.DELETE)) | (Job.workflow_slug == meaning.REINDEX)


def jobs_about_search() -> list[Job]:
    db.session.rollback()
    found = select(Job).where(is_about_search()).order_by(Job.id)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def open_jobs() -> list[Job]:
    return [job for job in jobs_about_search() if not job.settled]


def indexed() -> set[tuple[str, int, str, str]]:
    """Collection, document, hash and text of each chunk that is searched."""
    db.session.rollback()
    columns = (SearchChunk.collection, SearchChunk.doc_id, SearchChunk.content_hash, SearchChunk.text)
    active = select(Generation.id).where(Generation.state == ACTIVE)
    return {tuple(row) for row in db.session.execute(select(*columns).where(SearchChunk.generation_id.in_(active)))}


def should_be() -> set[tuple[str, int, str, str]]:
    """The same, of all that is there to be found."""
    db.session.rollback()
    found = set()
    for collection in SEARCHABLE.values():
        ids = db.session.scalars(select(collection.model.id)).all()
        for content in filter(None, meaning.contents(collection, ids).values()):
            document = content.document
            found |= {(document.collection, document.doc_id, document.content_hash, c.text) for c in document.chunks}
    return found


def in_the_matrix() -> set[tuple[str, int]]:
    """The documents that a search of this process finds."""
    db.session.rollback()
    generation = db.session.scalar(select(Generation).where(Generation.state == ACTIVE))
    if generation is None:
        return set()
    embedder = meaning.embedder()
    assert embedder is not None
    near = store_of(generation).nearest(generation, embedder.embed(["anything"])[0], 10_000)
    return {(each.collection, each.doc_id) for each in near}

"""The last sync of a gallery: what the job that added something last brought here, and undoing that.

Undoing hides, so that no later sync and no backfill brings these pictures back. What an editor hid is marked as touched
and what an undo hid is not: so all of it, and nothing else, can be shown again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select, update

from webapp.database import db, transaction
from webapp.jobs import Job
from webapp.jobs.states import FAILED, QUEUED, RUNNING
from webapp.models.audit import note
from webapp.models.gallery import AUTO, Gallery, Item, find_gallery
from webapp.models.media import Media
from webapp.models.progress import SYNC_BATCH, counted, has_sync


@dataclass(frozen=True)
class LastSync:
    job_id: int
    at: datetime
    added: int  # pictures
    can_undo: int  # of these, shown and touched by nobody
    undone: int  # hidden by an undo
    failed: int  # of the same upload


def last_sync(gallery: Gallery) -> LastSync | None:
    """None when auto-sync has added nothing so far."""
    by_jobs = select(Item.job_id).where(Item.gallery_id == gallery.id, Item.source == AUTO, Item.job_id.is_not(None))
    job_id = db.session.scalar(by_jobs.order_by(Item.added_at.desc(), Item.job_id.desc()).limit(1))
    if job_id is None:
        return None
    untouched = [func.sum(case((~Item.touched & (Item.hidden == hidden), 1), else_=0)) for hidden in (False, True)]
    counted = select(func.max(Item.added_at), func.count(), *untouched).where(*_brought(gallery.id, job_id))
    at, added, can_undo, undone = db.session.execute(counted).one()
    return LastSync(job_id, at, added, can_undo, undone, _count_failed(job_id))


def _brought(gallery_id: int, job_id: int) -> tuple[ColumnElement[bool], ...]:
    return Item.gallery_id == gallery_id, Item.job_id == job_id, Item.source == AUTO


def _count_failed(job_id: int) -> int:
    """Pictures of the same batch that could not be added; jobs are pruned."""
    job = db.session.get(Job, job_id)
    if job is None or job.slug != SYNC_BATCH:
        return 0
    waits = (Media.batch_id == job.input["batchId"], Media.synced_at.is_(None), Media.deleted_at.is_(None))
    failed = (has_sync(FAILED), ~has_sync(QUEUED, RUNNING))
    return db.session.scalar(select(func.count(Media.id)).where(*waits, *failed)) or 0


def undo_sync(gallery_id: int, job_id: int) -> int:
    """Hide what this job brought here and nobody touched; how many. Raises LookupError."""
    return _set_hidden(gallery_id, job_id, True)


def show_again(gallery_id: int, job_id: int) -> int:
    """Show again what undo_sync() hid and nobody touched since; how many. Raises LookupError."""
    return _set_hidden(gallery_id, job_id, False)


def _set_hidden(gallery_id: int, job_id: int, hidden: bool) -> int:
    with transaction() as session:
        gallery = find_gallery(gallery_id)
        brought = _brought(gallery.id, job_id)
        if session.scalar(select(Item.media_id).where(*brought).limit(1)) is None:
            raise LookupError(f"Job {job_id} has brought nothing to gallery {gallery_id}.")
        changed = update(Item).where(*brought, ~Item.touched, Item.hidden != hidden).values(hidden=hidden)
        done = session.execute(changed.execution_options(synchronize_session=False))
        count = int(done.rowcount)  # type: ignore[attr-defined]  # every UPDATE counts its rows
        named, pictures = gallery.named, counted(count, "picture", "pictures")
        if hidden:
            note("undid", named, f"undid a sync of “{named.title}”: {pictures} hidden")
        else:
            note("showed", named, f"showed {pictures} in “{named.title}” again")
        return count

"""Backfill: adding to a gallery what the library held before its auto-sync was switched on, and undoing that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select

from webapp.database import db, transaction, utcnow
from webapp.jobs import Job, JobLog, WrongState, cancel_by_id, log, queue
from webapp.jobs.states import CANCELLED, FAILED
from webapp.models.audit import note
from webapp.models.belonging import matching
from webapp.models.gallery import AUTO, Gallery, Item, find_gallery
from webapp.models.hanging import hang
from webapp.models.media import Media
from webapp.models.page import Block
from webapp.models.progress import Progress, counted, of_job
from webapp.models.rule import Rule, rule_of

BACKFILL = "backfillGallery"
PLAN = "plan"
CHUNK = 500  # pictures a step


class AutoSyncOff(WrongState):
    """Pictures are added to a gallery only while its auto-sync is on."""


def count_missing(gallery: Gallery) -> int:
    """Pictures from before auto-sync was switched on that have no place here, not even a hidden one."""
    return _count(gallery, gallery.auto_sync_since or utcnow())


def _count(gallery: Gallery, until: datetime) -> int:
    return db.session.scalar(select(func.count(Media.id)).where(*_lacks(gallery, until))) or 0


def _lacks(gallery: Gallery, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return Media.created_at <= until, *lacking(gallery.id, rule_of(gallery.rule))


def lacking(gallery_id: int, rule: Rule) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Media: it belongs there by this rule and has no place, not even a hidden one."""
    has = select(Item.media_id).where(Item.gallery_id == gallery_id, Item.media_id == Media.id).correlate(Media)
    return Media.deleted_at.is_(None), ~has.exists(), *matching(rule)


def start_backfill(gallery_id: int, *, by: int | None = None) -> Job:
    """The job that adds them; the one that is at it already, if there is one. Raises LookupError, AutoSyncOff."""
    with transaction():
        gallery = open_gallery(gallery_id)
        newest = _newest_job(gallery)
        if newest is not None and not newest.settled:
            return newest
        note("backfilled", gallery.named, f"asked to add the pictures of the library to “{gallery.named.title}”")
        return queue(BACKFILL, {"galleryId": gallery_id}, subject=gallery.subject, created_by=by)


def open_gallery(gallery_id: int) -> Gallery:
    """Until the transaction ends nobody switches it off or deletes it. Raises LookupError, AutoSyncOff."""
    db.session.get(Gallery, gallery_id, with_for_update={"read": True}, populate_existing=True)
    gallery = find_gallery(gallery_id)
    if not gallery.auto_sync:
        raise AutoSyncOff("Auto-sync is off in this gallery. Switch it on first.")
    return gallery


def _newest_job(gallery: Gallery) -> Job | None:
    found = select(Job).where(Job.subject == gallery.subject, Job.workflow_slug == BACKFILL)
    return db.session.scalar(found.order_by(Job.id.desc()).limit(1))


def plan(gallery_id: int) -> dict[str, Any]:
    """How many pictures there are, until when, and at which media id each chunk begins.

    Raises LookupError, AutoSyncOff.
    """
    gallery = open_gallery(gallery_id)
    until = gallery.auto_sync_since or utcnow()
    place = func.row_number().over(order_by=Media.id) - 1
    numbered = select(Media.id, place.label("place")).where(*_lacks(gallery, until)).subquery()
    starts = select(numbered.c.id).where(numbered.c.place % CHUNK == 0).order_by(numbered.c.id)
    return {
        "pictures": _count(gallery, until),
        "until": until.isoformat(),
        "starts": list(db.session.scalars(starts)),
    }


def add_chunk(gallery_id: int, job_id: int, planned: dict[str, Any], number: int) -> int:
    """Add the pictures of one chunk, in the caller's transaction; how many. Raises LookupError, AutoSyncOff."""
    gallery = open_gallery(gallery_id)
    starts, until = planned["starts"], datetime.fromisoformat(planned["until"])
    in_chunk = [Media.id >= starts[number]]
    if number + 1 < len(starts):
        in_chunk.append(Media.id < starts[number + 1])
    return hang(job_id, Block.id == gallery_id, *in_chunk, *_lacks(gallery, until))


def undo_backfill(gallery_id: int, job_id: int, reason: str = "Undone.") -> int:
    """Take out what this backfill brought and no editor has touched since; how many. It is stopped first.

    What an editor hid, moved or added once more by hand stays as it is. Raises LookupError.
    """
    with transaction() as session:
        gallery = find_gallery(gallery_id)
        job = _find_job(gallery, job_id)
        if not job.settled:
            cancel_by_id(job_id, reason)
        untouched = (Item.gallery_id == gallery_id, Item.job_id == job_id, Item.source == AUTO, ~Item.touched)
        gone = delete(Item).where(*untouched, ~Item.hidden).execution_options(synchronize_session=False)
        removed = int(session.execute(gone).rowcount)  # type: ignore[attr-defined]  # every DELETE counts its rows
        job.meta = job.meta | {"undone": job.meta.get("undone", 0) + removed}
        words = counted(removed, "picture was", "pictures were")
        log.write(job_id, "noted", job.total_tried, f"{reason} {words} taken out again.")
        note("undid", gallery.named, f"undid that the library was added to “{gallery.named.title}”: {words} taken out")
        return removed


def _find_job(gallery: Gallery, job_id: int) -> Job:
    """Locked: whoever adds a chunk is waited for, and adds none after it. Raises LookupError."""
    job = db.session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None or (job.workflow_slug, job.subject) != (BACKFILL, gallery.subject):
        raise LookupError(f"There is no backfill {job_id} of gallery {gallery.id}.")
    return job


@dataclass(frozen=True)
class Backfill:
    """How far a backfill is, as its rows say."""

    job: Job
    planned: int | None  # pictures; not counted yet while it waits
    added: int
    percent: int  # of the planned steps that are done
    kept: int  # of what it added, those that hang there now

    @property
    def undone(self) -> int | None:
        """How many pictures were taken out again."""
        undone: int | None = self.job.meta.get("undone")
        return undone

    @property
    def can_undo(self) -> bool:
        return self.undone is None and (not self.job.settled or self.kept > 0)

    @property
    def line(self) -> Progress:
        if self.undone is not None:
            return Progress("cancelled", self._words_for_undone(), at=self.job.completed_at)
        planned = self._pictures(self.planned)
        working = "Counting the pictures" if self.planned is None else f"Adding {planned}: {self.percent} %"
        done = f"Added {self._pictures(self.added)}" if self.added else "Every picture of the library was here already"
        line = of_job(self.job, waiting="Waiting to add the pictures of the library", working=working, done=done)
        if self.added and self.job.status in (FAILED, CANCELLED):
            words = f"{line.words} {self.added:,} of {planned} were added."
            return replace(line, words=words)
        return line

    def _words_for_undone(self) -> str:
        words = f"Undone: {counted(self.undone or 0, 'picture was', 'pictures were')} taken out again"
        if not self.kept:
            return words
        return f"{words}. {counted(self.kept, 'stays', 'stay')}, as an editor hid, moved or added them by hand"

    @staticmethod
    def _pictures(count: int | None) -> str:
        return counted(count or 0, "picture", "pictures")


def newest_backfill(gallery: Gallery) -> Backfill | None:
    job = _newest_job(gallery)
    return describe(job) if job else None


def describe(job: Job) -> Backfill:
    """How far this one is."""
    of_steps = (JobLog.job_id == job.id, JobLog.event == "succeeded", JobLog.step.is_not(None))
    outputs: dict[str, Any] = dict(db.session.execute(select(JobLog.step, JobLog.output).where(*of_steps)).all())
    planned = outputs.pop(PLAN, {"pictures": None, "starts": []})
    brought = (Item.gallery_id == job.input["galleryId"], Item.job_id == job.id)
    return Backfill(
        job,
        planned=planned["pictures"],
        added=sum(output["added"] for output in outputs.values()),
        percent=100 * len(outputs) // max(1, len(planned["starts"])),
        kept=db.session.scalar(select(func.count()).select_from(Item).where(*brought)) or 0,
    )

"""What the background did for a media, a page or a gallery, in words for an editor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, String, cast, func, literal, or_, select

from webapp.database import db
from webapp.jobs.job import Job
from webapp.jobs.states import CANCELLED, FAILED, QUEUED, RUNNING, SUCCEEDED
from webapp.models.gallery import AUTO, Gallery, Item
from webapp.models.media import Media
from webapp.models.page import Page

RENDITIONS, SYNC, SYNC_BATCH = "makeRenditions", "syncMediaToGalleries", "syncBatch"
FAILED_WITHOUT_WORDS = "Something went wrong. Try again, or ask whoever looks after this site."


@dataclass(frozen=True)
class Progress:
    """One line about background work. `state` is waiting, working, retrying, done, failed or cancelled."""

    state: str
    words: str
    job_id: int | None = None
    at: datetime | None = None  # when it was done, or will be tried again
    was_stopped: bool = False  # by a person, who may have another mind by now

    @property
    def settled(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    @property
    def can_retry(self) -> bool:
        return self.state in ("failed", "retrying") or self.was_stopped


def of_media(media: Media) -> list[Progress]:
    return of_many_media([media])[media.id]


def of_many_media(many: Iterable[Media]) -> dict[int, list[Progress]]:
    """For each media id the lines about its renditions and its galleries; two queries for all of them."""
    media = list(many)
    jobs = newest_jobs(media)
    auto = (Item.media_id.in_([m.id for m in media]), Item.source == AUTO)
    added = dict(db.session.execute(select(Item.media_id, func.count()).where(*auto).group_by(Item.media_id)).all())
    return {m.id: _media_lines(m, jobs[m.id], added.get(m.id, 0)) for m in media}


def newest_jobs(media: Sequence[Media]) -> dict[int, dict[str, Job]]:
    """For each media id the newest job of each slug that is about it or about its batch; jobs are pruned."""
    subjects = {m.subject for m in media} | {batch_subject(m.batch_id) for m in media if m.batch_id}
    slugs = or_(Job.task_slug.in_((RENDITIONS, SYNC)), Job.workflow_slug == SYNC_BATCH)
    newest = select(func.max(Job.id)).where(Job.subject.in_(subjects), slugs)
    by_subject: dict[str | None, dict[str, Job]] = defaultdict(dict)
    for job in db.session.scalars(
        select(Job).where(Job.id.in_(newest.group_by(Job.subject, Job.task_slug, Job.workflow_slug)))
    ):
        by_subject[job.subject][job.slug] = job
    return {m.id: by_subject[batch_subject(m.batch_id)] | by_subject[m.subject] for m in media}


def batch_subject(batch_id: int | None) -> str:
    return f"batch:{batch_id}"


def sync_of(jobs: dict[str, Job]) -> Job | None:
    """The job that last had to put it into the galleries: its own, or that of its batch."""
    return jobs.get(SYNC) or jobs.get(SYNC_BATCH)


def _media_lines(media: Media, jobs: dict[str, Job], galleries: int) -> list[Progress]:
    renditions, sync = jobs.get(RENDITIONS), sync_of(jobs)
    lines = []
    if renditions is not None and not (media.is_current and renditions.settled):
        lines.append(_renditions_line(renditions))
    elif media.is_current:
        lines.append(Progress("done", "Ready"))
    if sync is not None:
        lines.append(_sync_line(media, sync, _added(galleries)))
    return lines


def _renditions_line(job: Job) -> Progress:
    return of_job(job, waiting="Waiting to be prepared", working="Being prepared", done="Ready")


def _sync_line(media: Media, sync: Job, added: str) -> Progress:
    """A batch is synced in portions and may be at work on others; what is synced by anything is done."""
    newer_job = sync.slug == SYNC and not sync.settled
    if media.synced_at and not newer_job and (sync.slug == SYNC_BATCH or sync.created_at <= media.synced_at):
        return Progress("done", added, sync.id, media.synced_at)
    return of_job(sync, waiting="Waiting for galleries", working="Being added", done=added)


def of_job(job: Job, *, waiting: str, working: str, done: str) -> Progress:
    if job.status == SUCCEEDED:
        return Progress("done", done, job.id, job.completed_at)
    if job.status == RUNNING:
        return Progress("working", working, job.id)
    if job.status == FAILED:
        return Progress("failed", f"Failed: {job.reason or FAILED_WITHOUT_WORDS}", job.id, job.completed_at)
    if job.status == CANCELLED:
        return Progress("cancelled", _words_for_cancelled(job), job.id, job.completed_at, job.was_stopped)
    if job.will_retry:
        return Progress("retrying", "Failed, will be tried again by itself", job.id, job.wait_until)
    return Progress("waiting", waiting, job.id)


def _words_for_cancelled(job: Job) -> str:
    if job.was_stopped:
        return job.reason or ""
    return f"Cancelled: {job.reason}" if job.reason else "Cancelled"


def _added(galleries: int) -> str:
    return (
        f"Added to {counted(galleries, 'gallery', 'galleries')}" if galleries else "No auto-sync gallery to add it to"
    )


def counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def media_status(media: Media, lines: list[Progress]) -> str:
    """processing, ready or failed: whether the picture can be shown."""
    if media.is_current:
        return "ready"
    return "failed" if lines and lines[0].state in ("failed", "cancelled") else "processing"


def why_not_shown(many: Iterable[Media]) -> dict[int, Progress]:
    """For each media id that has nothing to show, and never will by itself, what became of it; one query for all."""
    jobs = newest_jobs([media for media in many if not media.is_ready])
    lines = {
        media_id: _renditions_line(by_slug[RENDITIONS]) for media_id, by_slug in jobs.items() if RENDITIONS in by_slug
    }
    return {media_id: line for media_id, line in lines.items() if line.state in ("failed", "cancelled")}


def of_gallery(gallery: Gallery) -> list[Progress]:
    """Uploads that are still on their way to it, and what auto-sync brought so far."""
    return _gallery_lines([gallery], _Syncs.now(), auto_added([gallery.id]))


def of_page(page: Page) -> list[Progress]:
    return of_many_pages([page])[page.id]


def of_many_pages(pages: Iterable[Page]) -> dict[int, list[Progress]]:
    """For each page id the same about its galleries together; three queries for all of them."""
    galleries = {page.id: [block for block in page.blocks if isinstance(block, Gallery)] for page in pages}
    added = auto_added([gallery.id for some in galleries.values() for gallery in some])
    syncs = _Syncs.now()
    return {page_id: _gallery_lines(some, syncs, added) for page_id, some in galleries.items()}


def auto_added(gallery_ids: list[int]) -> dict[int, tuple[int, datetime]]:
    """For each gallery that auto-sync added to: how many pictures, and when the last one."""
    auto = (Item.gallery_id.in_(gallery_ids), Item.source == AUTO)
    counted_items = select(Item.gallery_id, func.count(), func.max(Item.added_at)).where(*auto)
    rows = db.session.execute(counted_items.group_by(Item.gallery_id))
    return {gallery_id: (count, last) for gallery_id, count, last in rows}


@dataclass(frozen=True)
class _Syncs:
    """Each upload is synced to all galleries at once, so these counts hold for every one."""

    on_their_way: int
    failed: int

    @classmethod
    def now(cls) -> _Syncs:
        is_open = has_sync(QUEUED, RUNNING)
        return cls(_count_unsynced(is_open), _count_unsynced(has_sync(FAILED), ~is_open))


def _count_unsynced(*conditions: ColumnElement[bool]) -> int:
    waits = (Media.synced_at.is_(None), Media.deleted_at.is_(None))
    return db.session.scalar(select(func.count(Media.id)).where(*waits, *conditions)) or 0


def has_sync(*statuses: str) -> ColumnElement[bool]:
    """Of a media: whether a job that syncs it, or its batch, is in one of these states."""
    alone = (Job.task_slug == SYNC, Job.subject == subject_of("media", Media.id))
    in_batch = (Job.workflow_slug == SYNC_BATCH, Job.subject == subject_of("batch", Media.batch_id))
    return or_(
        *(
            select(Job.id).where(*which, Job.status.in_(statuses)).correlate(Media).exists()
            for which in (alone, in_batch)
        )
    )


def subject_of(kind: str, key: SQLColumnExpression[Any]) -> ColumnElement[str]:
    """What jobs about these rows call them, in SQL."""
    return literal(f"{kind}:") + cast(key, String)


def _gallery_lines(galleries: list[Gallery], syncs: _Syncs, added: dict[int, tuple[int, datetime]]) -> list[Progress]:
    lines = []
    automatic = any(gallery.auto_sync for gallery in galleries)
    if automatic and syncs.on_their_way:
        words = counted(syncs.on_their_way, "new upload is", "new uploads are")
        lines.append(Progress("waiting", f"{words} on the way"))
    if automatic and syncs.failed:
        lines.append(Progress("failed", f"{counted(syncs.failed, 'upload', 'uploads')} could not be added"))
    brought = [added[gallery.id] for gallery in galleries if gallery.id in added]
    if brought:
        lines.append(_brought(brought))
    elif automatic and not lines:
        lines.append(Progress("done", "Nothing was uploaded since auto-sync was switched on"))
    return lines


def _brought(brought: list[tuple[int, datetime]]) -> Progress:
    last = max(moment for _, moment in brought)
    if len(brought) == 1:
        return Progress("done", f"Auto-sync added {counted(brought[0][0], 'picture', 'pictures')}, the last", at=last)
    return Progress("done", f"Auto-sync added pictures to {len(brought)} galleries, the last", at=last)

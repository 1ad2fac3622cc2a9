"""What came of a batch so far: one line for all of it, each number counted from rows, and what is in which gallery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, or_, select
from sqlalchemy.orm import selectinload

from webapp.database import db, utcnow
from webapp.jobs import Job, retry, where
from webapp.jobs.states import CANCELLED, FAILED, QUEUED, RUNNING
from webapp.models.batch import DUPLICATE, REJECTED, RESTORED, UPLOADED, Batch, BatchFile
from webapp.models.gallery import Gallery, Item
from webapp.models.media import Media
from webapp.models.page import Page
from webapp.models.progress import RENDITIONS, SYNC, SYNC_BATCH, Progress, counted, has_sync, subject_of

PATIENCE = timedelta(minutes=2)  # after its last file an upload that is not complete is taken for broken off


@dataclass(frozen=True)
class Results:
    planned: int
    fates: dict[str, int]  # how many files had each
    last_at: datetime  # of the last file, or of the beginning
    ready: int
    failed: int  # pictures with something that can be tried again
    moving: int  # pictures with something that waits or runs
    galleries: int

    @property
    def is_arriving(self) -> bool:
        return sum(self.fates.values()) < self.planned and self.last_at > utcnow() - PATIENCE

    @property
    def line(self) -> Progress:
        if self.is_arriving or self.moving:
            return Progress("working", self.words)
        return Progress("failed" if self.failed else "done", self.words, at=self.last_at)

    @property
    def words(self) -> str:
        told = [
            (self.fates.get(DUPLICATE), "already in the library"),
            (self.fates.get(RESTORED), "back from the trash"),
            (self.fates.get(REJECTED), "rejected"),
            (self.ready, "ready"),
        ]
        parts = [f"Uploaded {self.fates.get(UPLOADED, 0):,} of {self.planned:,}"]
        parts += [f"{count:,} {words}" for count, words in told if count]
        if self.galleries:
            parts.append(f"added to {counted(self.galleries, 'gallery', 'galleries')}")
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        return " · ".join(parts)


def results_of(batch: Batch) -> Results:
    """A fixed number of queries, however many files."""
    per_fate = select(BatchFile.fate, func.count(), func.max(BatchFile.at)).where(BatchFile.batch_id == batch.id)
    rows = db.session.execute(per_fate.group_by(BatchFile.fate)).all()
    return Results(
        planned=batch.planned,
        fates={fate: count for fate, count, _ in rows},
        last_at=max((at for _, _, at in rows), default=batch.created_at),
        ready=_count(batch, Media.is_ready),
        failed=_count(batch, has_failed()),
        moving=_count(batch, is_moving()),
        galleries=db.session.scalar(select(func.count()).select_from(galleries_of(batch).subquery())) or 0,
    )


def _count(batch: Batch, condition: SQLColumnExpression[bool]) -> int:
    live = (Media.batch_id == batch.id, Media.deleted_at.is_(None))
    return db.session.scalar(select(func.count(Media.id)).where(*live, condition)) or 0


def has_failed(*, or_was_cancelled: bool = False) -> ColumnElement[bool]:
    """Of a media: something about it failed for good, and nobody tries it again."""
    ends = (FAILED, CANCELLED) if or_was_cancelled else (FAILED,)
    not_ready = and_(~Media.is_ready, _has_renditions_job(*ends), ~_has_renditions_job(QUEUED, RUNNING))
    not_synced = and_(Media.synced_at.is_(None), has_sync(*ends), ~has_sync(QUEUED, RUNNING))
    return or_(not_ready, not_synced)


def is_moving() -> ColumnElement[bool]:
    waits_for_galleries = and_(Media.synced_at.is_(None), has_sync(QUEUED, RUNNING))
    return or_(and_(~Media.is_ready, _has_renditions_job(QUEUED, RUNNING)), waits_for_galleries)


def _has_renditions_job(*statuses: str) -> ColumnElement[bool]:
    of_media = (Job.task_slug == RENDITIONS, Job.subject == subject_of("media", Media.id))
    return select(Job.id).where(*of_media, Job.status.in_(statuses)).correlate(Media).exists()


def galleries_of(batch: Batch) -> Select[Gallery, int]:
    """Where its pictures are shown, and how many in each."""
    return (
        select(Gallery, func.count(Item.media_id).label("pictures"))
        .join(Item, Item.gallery_id == Gallery.id)
        .join(Media, Media.id == Item.media_id)
        .join(Page, Page.id == Gallery.page_id)
        .where(Media.batch_id == batch.id, Media.deleted_at.is_(None), ~Item.hidden, Page.deleted_at.is_(None))
        .group_by(Gallery.id, Page.id)
        .order_by(Page.title, Gallery.position)
        .options(selectinload(Gallery.page))
    )


def files_of(batch: Batch) -> Select[BatchFile, Media]:
    """Each file with its media: what needs somebody first, the others as they were chosen."""
    trouble = or_(BatchFile.fate == REJECTED, has_failed())
    found = select(BatchFile, Media).outerjoin(Media, Media.id == BatchFile.media_id)
    found = found.options(selectinload(Media.renditions))
    return found.where(BatchFile.batch_id == batch.id).order_by(func.coalesce(trouble, False).desc(), BatchFile.number)


def retry_failed(batch: Batch, reason: str) -> int:
    """Try everything again that failed for its pictures, in portions that a filter takes; how many jobs."""
    failed = select(Media.id).where(Media.batch_id == batch.id, Media.deleted_at.is_(None), has_failed())
    media_ids = db.session.scalars(failed).all()
    subjects = [f"media:{media_id}" for media_id in media_ids]
    ids: list[int] = []
    for start in range(0, len(subjects), where.MOST_VALUES):
        some = subjects[start : start + where.MOST_VALUES]
        ids += retry({"status": FAILED, "slug": [RENDITIONS, SYNC], "subject": some}, reason)
    if media_ids:
        ids += retry({"status": FAILED, "slug": SYNC_BATCH, "subject": batch.subject}, reason)
    return len(ids)

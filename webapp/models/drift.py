"""Drift: galleries that should hold a picture and do not. Nothing should cause it; this finds out, and mends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import SQLColumnExpression, func, select, true

from webapp.database import db, utcnow
from webapp.jobs import Job
from webapp.jobs.states import CANCELLED, QUEUED, RUNNING, SUCCEEDED
from webapp.models.belonging import belongs
from webapp.models.gallery import Item
from webapp.models.media import Media
from webapp.models.page import GALLERY, Block
from webapp.models.progress import has_sync
from webapp.models.syncing import hang_by_rule, mark_synced

CHECK = "checkDrift"
GRACE = timedelta(minutes=15)  # younger uploads may be on their way
AT_ONCE = 5000  # pictures to mend; the next check goes on


@dataclass(frozen=True)
class Check:
    at: datetime
    missing: int  # items
    mended: int


def count_missing() -> int:
    """Items that should be there. A hidden one is, and so is one whose sync still waits or runs, or was cancelled."""
    counted = select(func.count()).select_from(Block).join(Media, true()).where(Block.type == GALLERY, *_missing())
    return sum(db.session.scalar(counted.where(*fits)) or 0 for fits in belongs())


def mend(job_id: int) -> int:
    """Add what is missing, in the caller's transaction; how many items."""
    lacking = select(Media.id).select_from(Block).join(Media, true()).where(Block.type == GALLERY, *_missing())
    some = lacking.distinct().order_by(Media.id).limit(AT_ONCE)
    media_ids = {media_id for fits in belongs() for media_id in db.session.scalars(some.where(*fits))}
    first = sorted(media_ids)[:AT_ONCE]
    added = hang_by_rule(job_id, Media.id.in_(first), *_missing())
    mark_synced(first)
    return added


def _missing() -> tuple[SQLColumnExpression[bool], ...]:
    """Conditions on a pair of Block and Media."""
    has = select(Item.media_id).where(Item.gallery_id == Block.id, Item.media_id == Media.id).correlate(Block, Media)
    return (
        Block.auto_sync,
        Media.created_at > Block.auto_sync_since,
        Media.created_at < utcnow() - GRACE,
        Media.deleted_at.is_(None),
        ~has.exists(),
        ~has_sync(QUEUED, RUNNING, CANCELLED),  # what somebody stopped is not done behind their back
    )


def last_check() -> Check | None:
    """The newest check that came to its end, for the dashboard."""
    ended = select(Job).where(Job.task_slug == CHECK, Job.status == SUCCEEDED)
    job = db.session.scalar(ended.order_by(Job.id.desc()).limit(1))
    if job is None or job.completed_at is None or job.output is None:
        return None
    return Check(job.completed_at, job.output["missing"], job.output["mended"])

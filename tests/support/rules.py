"""Pictures with the facts that rules look at, and galleries with rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from webapp.database import db, transaction
from webapp.imaging import Facts
from webapp.jobs.job import Job
from webapp.models.batch import Place
from webapp.models.gallery import shown_items
from webapp.models.media import Media, add_media
from webapp.models.page import create_page
from webapp.storage import StoredFile
from workers.perform import perform_job

WIDE, TALL, SQUARE = (4, 3), (3, 4), (4, 4)


def picture(
    name: str,
    *tags: str,
    size: tuple[int, int] = WIDE,
    on: datetime | None = None,
    place: Place | None = None,
    **facts: Any,
) -> int:
    """Its id. Nobody looks at its file."""
    stored = StoredFile(f"originals/{name}", 1, name)
    shape = Facts(mime_type="image/jpeg", extension="jpg", width=size[0], height=size[1], frames=1)
    media, _job = add_media(stored, shape, filename=f"{name}.jpg", tags=list(tags), place=place, **facts)
    if on:
        with transaction() as session:
            session.execute(update(Media).where(Media.id == media.id).values(created_at=on))
    return media.id


def gallery_with(rule: dict[str, Any] | None = None, *, auto_sync: bool = True) -> int:
    """The id of a new auto-sync gallery."""
    block = {"blockType": "gallery", "autoSync": auto_sync}
    return create_page("Fair", layout=[block | ({"rule": rule} if rule else {})]).blocks[0].id


def work_off() -> None:
    """Do what is queued, but for renditions."""
    db.session.rollback()
    waiting = select(Job.id).where(Job.status == "queued", Job.queue == "default").order_by(Job.id)
    while (job_id := db.session.scalar(waiting)) is not None:
        assert perform_job(job_id) in ("succeeded", "cancelled")
        db.session.rollback()


def shown(gallery_id: int) -> list[int]:
    db.session.rollback()
    return [item.media_id for item in db.session.scalars(shown_items(gallery_id))]


def queued(slug: str) -> int:
    """How many such jobs there are that wait."""
    db.session.rollback()
    waiting = select(Job.id).where(Job.status == "queued")
    return len(db.session.scalars(waiting.where((Job.task_slug == slug) | (Job.workflow_slug == slug))).all())


def in_library(media_ids: list[int]) -> list[int]:
    """Whose syncs found no gallery."""
    work_off()
    return media_ids

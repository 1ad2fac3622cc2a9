"""AVIF renditions of pictures that were here before there were any, or that were made while they were off."""

from __future__ import annotations

from sqlalchemy import select

from webapp.database import db, transaction
from webapp.jobs import queue
from webapp.models.media import Media, Rendition

AT_ONCE = 1000  # jobs in one transaction, so that no upload waits for all of them


def queue_missing_avif() -> int:
    """Ask for those of every picture that has other renditions only; how many pictures."""
    has_avif = select(Rendition.id).where(Rendition.media_id == Media.id, Rendition.mime_type == "image/avif").exists()
    ids = db.session.scalars(select(Media.id).where(Media.is_ready, Media.deleted_at.is_(None), ~has_avif)).all()
    for start in range(0, len(ids), AT_ONCE):
        with transaction():
            for media_id in ids[start : start + AT_ONCE]:
                queue("makeAvifRenditions", {"mediaId": media_id}, subject=f"media:{media_id}")
    return len(ids)

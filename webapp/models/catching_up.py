"""What pictures missed in the trash, where the background does nothing for them: asked for when they come back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import select

from webapp.database import db
from webapp.jobs import Job, queue
from webapp.jobs.states import QUEUED
from webapp.models.ruled import media_came_back

if TYPE_CHECKING:
    from webapp.models.media import Media

SYNC, RENDITIONS, AVIF_RENDITIONS = "syncMediaToGalleries", "makeRenditions", "makeAvifRenditions"


def catch_up(media: Sequence[Media]) -> None:
    """Queue what these lack, in the transaction that restores them."""
    waiting = _waiting(media)
    for each in media:
        if each.synced_at is None:
            queue(SYNC, {"mediaId": each.id}, subject=each.subject)
        slug = _lacking(each)
        if slug and (slug, each.subject) not in waiting:
            queue(slug, {"mediaId": each.id}, subject=each.subject, created_by=each.created_by)
    media_came_back([each.id for each in media])


def _waiting(media: Sequence[Media]) -> set[tuple[str | None, str | None]]:
    """The jobs that will make renditions of them. None of these is taken before its picture is back in the library."""
    found = select(Job.task_slug, Job.subject).where(
        Job.subject.in_([each.subject for each in media]),
        Job.task_slug.in_((RENDITIONS, AVIF_RENDITIONS)),
        Job.status == QUEUED,
    )
    # One that a worker is just taking may find its picture in the trash still, and so counts as none.
    return {(slug, subject) for slug, subject in db.session.execute(found.with_for_update(skip_locked=True))}


def _lacking(media: Media) -> str | None:
    """The job that makes the renditions that it has not."""
    if not media.is_current:
        return RENDITIONS
    wants_avif = current_app.config["SETTINGS"].avif_renditions
    return AVIF_RENDITIONS if wants_avif and not media.renditions_in("image/avif") else None

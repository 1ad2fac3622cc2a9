"""A new file for a picture that stays the same one: its id, words and galleries are kept."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.database import db, transaction
from webapp.imaging import Facts
from webapp.jobs import Job, queue
from webapp.models.audit import note
from webapp.models.deleting import delete_after_commit
from webapp.models.media import Media, live_media
from webapp.models.ruled import media_changed
from webapp.storage import StoredFile


class SameBytes(Exception):
    """A picture has this file already: this one, or another; `media` is it."""

    def __init__(self, media: Media, *, itself: bool) -> None:
        self.media, self.itself = media, itself
        super().__init__(f"Media {media.id} has this file")


def replace_file(
    media_id: int, stored: StoredFile, facts: Facts, *, filename: str, by: int | None = None
) -> tuple[Media, Job]:
    """Its file from now on, and the job that makes its renditions; those of the file before are shown until then.

    Queues no sync. Raises LookupError and SameBytes, and then changes nothing.
    """
    try:
        with transaction() as session:
            media = live_media(media_id)
            session.refresh(media, with_for_update=True)
            refuse_same_bytes(media, stored.sha256)
            leave_file(media)
            media.storage_key, media.filesize, media.sha256 = stored.key, stored.size, stored.sha256
            media.filename, media.mime_type, media.exif = filename, facts.mime_type, facts.exif
            media.width, media.height, media.is_copy = facts.width, facts.height, False
            session.flush()
            media_changed([media.id], "shape")
            note("replaced", media, f"replaced the file of {media.title}")
            job = queue("makeRenditions", {"mediaId": media.id}, subject=media.subject, created_by=by)
            return media, job
    except IntegrityError:  # on PostgreSQL an upload of the same bytes was first by a moment
        refuse_same_bytes(live_media(media_id), stored.sha256)
        raise


def refuse_same_bytes(media: Media, sha256: str) -> None:
    """Raises SameBytes when the library or its trash holds these bytes."""
    if media.sha256 == sha256:
        raise SameBytes(media, itself=True)
    other = db.session.scalar(select(Media).where(Media.sha256 == sha256).order_by(Media.is_copy, Media.id).limit(1))
    if other is not None:
        raise SameBytes(other, itself=False)


def leave_file(media: Media) -> None:
    """Keep the file that its renditions are of until there are new ones; one in between was never shown."""
    if media.is_current:
        media.replaced_key = media.storage_key
    else:
        delete_after_commit(media.storage_key)

"""A new file for a picture that stays the same one: its id, words and galleries are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.database import db, transaction
from webapp.imaging import Facts
from webapp.jobs import Job, queue
from webapp.models.audit import note
from webapp.models.former_file import FACTS, FormerFile, keep_former, take_former
from webapp.models.media import Media, live_media
from webapp.models.ruled import media_changed
from webapp.models.searchable import changed
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
    with transaction_or_same_bytes(media_id, stored.sha256):
        media = locked(media_id)
        refuse_same_bytes(media, stored.sha256)
        leave_file(media)
        media.storage_key, media.filesize, media.sha256 = stored.key, stored.size, stored.sha256
        media.filename, media.mime_type, media.exif = filename, facts.mime_type, facts.exif
        media.width, media.height, media.is_copy = facts.width, facts.height, False
        note("replaced", media, f"replaced the file of “{media.title}”")
        return media, begin_anew(media, by)


def put_back(media_id: int, former_id: int, *, by: int | None = None) -> Media:
    """A file that it had before is its file again; that of now can be put back in turn.

    Raises LookupError and SameBytes, and then changes nothing.
    """
    sha256 = db.session.scalar(select(FormerFile.sha256).where(FormerFile.id == former_id)) or ""
    with transaction_or_same_bytes(media_id, sha256):
        media = locked(media_id)
        former = take_former(media, former_id)
        if not former.is_copy:
            refuse_same_bytes(media, former.sha256)
        leave_file(media)
        for name in FACTS:
            setattr(media, name, getattr(former, name))
        note("replaced", media, f"put the file {former.filename} back")
        begin_anew(media, by)
        return media


@contextmanager
def transaction_or_same_bytes(media_id: int, sha256: str) -> Iterator[None]:
    try:
        with transaction():
            yield
    except IntegrityError:  # on PostgreSQL an upload of the same bytes was first by a moment
        refuse_same_bytes(live_media(media_id), sha256)
        raise


def locked(media_id: int) -> Media:
    media = live_media(media_id)
    db.session.refresh(media, with_for_update=True)
    return media


def begin_anew(media: Media, by: int | None) -> Job:
    db.session.flush()
    media_changed([media.id], "shape", "words")  # its file has another name
    changed("media", [media.id])
    return queue("makeRenditions", {"mediaId": media.id}, subject=media.subject, created_by=by)


def refuse_same_bytes(media: Media, sha256: str) -> None:
    """Raises SameBytes when the library or its trash holds these bytes."""
    if media.sha256 == sha256:
        raise SameBytes(media, itself=True)
    other = db.session.scalar(select(Media).where(Media.sha256 == sha256).order_by(Media.is_copy, Media.id).limit(1))
    if other is not None:
        raise SameBytes(other, itself=False)


def leave_file(media: Media) -> None:
    """Keep it, and say which file its renditions are of until there are new ones; one in between was never shown."""
    keep_former(media)
    if media.is_current:
        media.replaced_key = media.storage_key

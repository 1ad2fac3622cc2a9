"""A picture whose file is gone from the storage: the same bytes, sent again, take its place."""

from __future__ import annotations

import structlog
from sqlalchemy import select, update

from webapp.database import db, is_writing, transaction
from webapp.jobs import queue
from webapp.models.audit import note
from webapp.models.media import Media
from webapp.storage import StorageError, StoredFile, storage

log = structlog.get_logger(__name__)


def lost_key_of(sha256: str) -> str | None:
    """Where a picture with these bytes should have its file, and has none."""
    keys = db.session.scalars(select(Media.storage_key).where(Media.sha256 == sha256)).all()
    db.session.rollback()
    return next((key for key in keys if _is_lost(key)), None)


def bring_back(media: Media, stored: StoredFile, lost_key: str | None = None) -> bool:
    """If it has lost its file, make this the one, and its renditions anew; whether it had.

    Within a transaction the storage is not asked: there `lost_key` is one that is known to be lost.
    """
    if media.storage_key != lost_key and (is_writing() or not _is_lost(media.storage_key)):
        return False
    with transaction() as session:
        as_seen = (Media.id == media.id, Media.storage_key == media.storage_key)  # nobody else was first by a moment
        taken = session.execute(update(Media).where(*as_seen).values(storage_key=stored.key)).rowcount  # type: ignore[attr-defined]
        if taken:
            note("replaced", media, f"brought the lost file of “{media.title}” back")
            queue("makeRenditions", {"mediaId": media.id}, subject=media.subject)
        return bool(taken)


def _is_lost(key: str) -> bool:
    """While a bucket does not answer nobody knows; then it counts as there."""
    try:
        return storage().find(key) is None
    except StorageError as error:
        log.warning("lost_file.not_looked_for", key=key, error=str(error))
        return False

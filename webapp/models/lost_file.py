"""A picture whose file is gone from the storage: the same bytes, sent again, take its place."""

from __future__ import annotations

import structlog
from sqlalchemy import update

from webapp.database import transaction
from webapp.jobs import queue
from webapp.models.audit import note
from webapp.models.media import Media
from webapp.storage import StorageError, StoredFile, storage

log = structlog.get_logger(__name__)


def bring_back(media: Media, stored: StoredFile) -> bool:
    """If it has lost its file, make this the one, and its renditions anew; whether it had."""
    if not _is_lost(media.storage_key):
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

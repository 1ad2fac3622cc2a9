"""Deleting for good what lies in the trash: a page, or a picture and after the commit its files."""

from __future__ import annotations

import structlog

from webapp.database import db, on_commit, transaction
from webapp.models.audit import note
from webapp.models.media import Media
from webapp.models.page import Page
from webapp.storage import StorageError, storage

log = structlog.get_logger(__name__)


def delete_page(page_id: int) -> str:
    """Delete it with its blocks; its title. The pictures stay in the library. Raises LookupError."""
    with transaction() as session:
        page = trashed_page(page_id, lock=True)
        title = page.title
        note("deleted", page, f"deleted the page {title} for good")
        session.delete(page)
        return title


def trashed_page(page_id: int, *, lock: bool = False) -> Page:
    """Raises LookupError when there is none or it is not in the trash."""
    page = db.session.get(Page, page_id, with_for_update=lock or None)
    if page is None or page.deleted_at is None:
        raise LookupError(f"There is no page {page_id} in the trash.")
    return page


def delete_media(media_id: int) -> str:
    """Take it out of every gallery and page, and delete it; its title. Raises LookupError."""
    with transaction() as session:
        media = trashed_media(media_id, lock=True)
        title = media.title
        note("deleted", media, f"deleted {title} for good")
        delete_after_commit(media.storage_key, media.replaced_key, *(each.storage_key for each in media.renditions))
        session.delete(media)
        return title


def trashed_media(media_id: int, *, lock: bool = False) -> Media:
    """Raises LookupError when there is none or it is not in the trash."""
    media = db.session.get(Media, media_id, with_for_update=lock or None)
    if media is None or media.deleted_at is None:
        raise LookupError(f"There is no picture {media_id} in the trash.")
    return media


def delete_after_commit(*keys: str | None) -> None:
    """Files that no row will name once this transaction is committed."""
    on_commit(lambda: delete_files([key for key in keys if key]))


def delete_files(keys: list[str]) -> None:
    """What can't be deleted now, or is never reached, is collected with the orphans."""
    for key in keys:
        try:
            storage().delete(key)
        except (StorageError, OSError) as error:
            log.warning("storage.not_deleted", key=key, error=str(error))

"""Deleting for good what lies in the trash: a page, a post, or a picture and after the commit its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, delete, or_, select, union_all

from webapp.database import db, on_commit, transaction, utcnow
from webapp.jobs import queue
from webapp.models.audit import note, note_pictures
from webapp.models.former_file import FormerFile
from webapp.models.media import Media, Rendition
from webapp.models.page import Page
from webapp.models.post import Post
from webapp.models.progress import counted
from webapp.models.searchable import changed
from webapp.storage import StorageError, storage

PORTION = 1000  # pictures deleted by one statement
JUST_NOW = timedelta(minutes=1)  # in which somebody may trash a picture while others are looked for
FILES_A_JOB = 500  # some seconds of work, however slow the storage

log = structlog.get_logger(__name__)


def delete_page(page_id: int) -> str:
    """Delete it with its blocks; its title. The pictures stay in the library. Raises LookupError."""
    with transaction() as session:
        page = trashed_page(page_id, lock=True)
        title = page.title
        note("deleted", page, f"deleted the page “{title}” for good")
        session.delete(page)
        changed("pages", [page_id])
        return title


def trashed_page(page_id: int, *, lock: bool = False) -> Page:
    """Raises LookupError when there is none or it is not in the trash."""
    page = db.session.get(Page, page_id, with_for_update=lock or None)
    if page is None or page.deleted_at is None:
        raise LookupError(f"There is no page {page_id} in the trash.")
    return page


def delete_post(post_id: int) -> str:
    """Its title. The cover stays in the library. Raises LookupError."""
    with transaction() as session:
        post = trashed_post(post_id, lock=True)
        title = post.title
        note("deleted", post, f"deleted the post “{title}” for good")
        session.delete(post)
        changed("posts", [post_id])
        return title


def trashed_post(post_id: int, *, lock: bool = False) -> Post:
    """Raises LookupError when there is none or it is not in the trash."""
    post = db.session.get(Post, post_id, with_for_update=lock or None)
    if post is None or post.deleted_at is None:
        raise LookupError(f"There is no post {post_id} in the trash.")
    return post


def delete_media(media_id: int) -> str:
    """Take it out of every gallery and page, and delete it; its title. Raises LookupError."""
    with transaction() as session:
        media = trashed_media(media_id, lock=True)
        title = media.title
        note("deleted", media, f"deleted “{title}” for good")
        delete_after_commit(*keys_of([media.id]))
        session.delete(media)
        changed("media", [media_id])
        return title


def trashed_media(media_id: int, *, lock: bool = False) -> Media:
    """Raises LookupError when there is none or it is not in the trash."""
    media = db.session.get(Media, media_id, with_for_update=lock or None)
    if media is None or media.deleted_at is None:
        raise LookupError(f"There is no picture {media_id} in the trash.")
    return media


def delete_many(media_ids: Sequence[int]) -> int:
    """Those of them that are in the trash; how many that were. Their files are deleted in the background."""
    with transaction():
        ids = _trashed(Media.id.in_(media_ids))
        note_pictures("deleted", f"deleted {counted(len(ids), 'picture', 'pictures')} for good", ids)
        _delete(ids)
        return len(ids)


def empty_trash(until: datetime) -> int:
    """All that was in the trash at that moment and still is; how many. Their files are deleted in the background.

    Also what says that it comes there later: it was trashed before, while the clock was ahead.
    """
    with transaction():
        ids = _trashed(or_(Media.deleted_at <= until, Media.deleted_at > utcnow() + JUST_NOW))
        note_pictures("deleted", f"emptied the trash of {counted(len(ids), 'picture', 'pictures')}", ids)
        _delete(ids)
        return len(ids)


def _trashed(which: ColumnElement[bool]) -> Sequence[int]:
    """Locked, so that none is restored meanwhile and none gets new files."""
    found = select(Media.id).where(which, Media.deleted_at.is_not(None)).order_by(Media.id)
    return db.session.scalars(found.with_for_update()).all()


def _delete(ids: Sequence[int]) -> None:
    keys: list[str] = []
    for start in range(0, len(ids), PORTION):
        portion = ids[start : start + PORTION]
        keys += keys_of(portion)
        gone = delete(Media).where(Media.id.in_(portion))
        db.session.execute(gone.execution_options(synchronize_session=False))
    changed("media", ids)
    for start in range(0, len(keys), FILES_A_JOB):
        queue("deleteFiles", {"keys": keys[start : start + FILES_A_JOB]})


def keys_of(media_ids: Sequence[int]) -> list[str]:
    """Of all files that these pictures have."""
    return list(
        db.session.scalars(
            union_all(
                select(Media.storage_key).where(Media.id.in_(media_ids)),
                select(Media.replaced_key).where(Media.id.in_(media_ids), Media.replaced_key.is_not(None)),
                select(Rendition.storage_key).where(Rendition.media_id.in_(media_ids)),
                select(FormerFile.storage_key).where(FormerFile.media_id.in_(media_ids)),
            )
        )
    )


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

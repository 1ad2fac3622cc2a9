"""Taking what a browser has put into the bucket."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from webapp import fates
from webapp.database import db
from webapp.models.audit import on_behalf_of
from webapp.models.deleting import delete_after_commit
from webapp.models.direct_upload import DirectUpload, settle
from webapp.models.lost_file import lost_key_of
from webapp.models.user import User
from webapp.storage import IncomingFile, incoming_file, storage
from webapp.uploads import Refused, Uploaded, add_kept, keep_picture
from workers.handlers import handles
from workers.running import NothingToDo, Running

PORTION = 1024 * 1024  # bytes


@handles("takeDirectUpload")
def take_direct_upload(job: Running) -> dict[str, Any]:
    """Read it, look at what it is, and take it into the library as any upload, or say why not.

    What is kept are the bytes that were looked at: while its form is valid, the browser may replace what lies there.
    """
    upload = _find(job)
    filename = upload.filename
    try:
        with _arrived(upload) as incoming:
            kept = keep_picture(incoming, filename)
    except Refused as refused:
        return _finish(job, Uploaded(filename, error=str(refused)))
    except FileNotFoundError:
        return _finish(job, Uploaded(filename, error=f"{filename} did not arrive. Upload it again."))
    lost_key = lost_key_of(kept[0].sha256)
    job.begin_effect()
    upload = _find(job)
    with on_behalf_of(_uploader(upload)):
        return _settle(upload, add_kept(*kept, filename=filename, lost_key=lost_key, **_words_of(upload)))


def _finish(job: Running, refused: Uploaded) -> dict[str, Any]:
    job.begin_effect()
    return _settle(_find(job), refused)


def _find(job: Running) -> DirectUpload:
    upload = db.session.get(DirectUpload, job.input["uploadId"], populate_existing=True)
    if upload is None:
        raise NothingToDo("The upload was given up.")
    if upload.settled_at:
        raise NothingToDo("The upload was taken already.")
    return upload


@contextmanager
def _arrived(upload: DirectUpload) -> Iterator[IncomingFile]:
    """A copy on this machine, counted and hashed; gone again unless it is kept. Raises FileNotFoundError."""
    with storage().open(upload.storage_key) as sent:
        db.session.rollback()  # the rest takes a while, for which nothing need be held open
        incoming = incoming_file()
        try:
            shutil.copyfileobj(sent, incoming, PORTION)
            yield incoming
        finally:
            incoming.close()


def _uploader(upload: DirectUpload) -> User | None:
    return db.session.get(User, upload.created_by) if upload.created_by else None


def _words_of(upload: DirectUpload) -> dict[str, Any]:
    return {
        "alt": upload.alt,
        "caption": upload.caption,
        "tags": upload.tags,
        "created_by": upload.created_by,
        "is_copy": upload.allow_duplicate,
        "place": upload.place,
    }


def _settle(upload: DirectUpload, uploaded: Uploaded) -> dict[str, Any]:
    """With what a plain upload would have answered; what the browser put there goes after the commit."""
    fate, words = fates.settle(uploaded, place=upload.place, gallery_id=upload.gallery_id, by=upload.created_by)
    settle(upload, fate, words, uploaded.media)
    delete_after_commit(upload.storage_key)
    return {"uploadId": upload.id, "mediaId": upload.media_id, "state": fate}

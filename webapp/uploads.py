"""How a request's files come in: straight to a file in storage, hashed on the way, and gone again unless kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any, cast

from flask import Request, current_app, g, request
from flask_limiter.util import get_remote_address
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from webapp import imaging
from webapp.counters import count_storage_error
from webapp.database import is_writing
from webapp.extensions import limiter
from webapp.form_data import FormReader
from webapp.jobs import Job
from webapp.models.batch import Place
from webapp.models.deleting import delete_after_commit, delete_files
from webapp.models.lost_file import bring_back
from webapp.models.media import AlreadyThere, Media, add_media
from webapp.storage import IncomingFile, StorageError, StoredFile, incoming_file, new_key, storage

MEGABYTE = 1024 * 1024


def sent_today() -> str:
    """Whose bytes are counted."""
    return f"uploads of {current_user.id}" if current_user.is_authenticated else get_remote_address()


def daily_limit() -> int:
    limit: int = current_app.config["SETTINGS"].max_daily_upload_bytes
    return limit


def words_for_quota() -> str:
    return f"This account has sent {daily_limit() // MEGABYTE} MB within a day, which is the limit. Go on tomorrow."


# For each view that takes files: refused before the files are read, and counted for all processes together.
within_quota = limiter.shared_limit(
    lambda: f"{daily_limit()} per day",
    scope="uploads",
    key_func=sent_today,
    cost=lambda: g.get("announced") or request.content_length or 1,
    exempt_when=lambda: not daily_limit(),
    error_message=words_for_quota,
)


def count_announced(size: int) -> None:
    """The bytes of a file that will be sent past us, as if they had come with this request; a 429 when too many."""
    g.announced = size
    _count_with_the_request()


@within_quota
def _count_with_the_request() -> None:
    """Calling it is what counts."""


class StreamingRequest(Request):
    """Writes each uploaded file to storage while it is read from the network."""

    form_data_parser_class = FormReader

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        incoming = incoming_file()
        self.call_on_close_incoming(incoming)
        return cast(IO[bytes], incoming)

    def call_on_close_incoming(self, incoming: IncomingFile) -> None:
        self.__dict__.setdefault("incoming", []).append(incoming)


class Refused(Exception):
    """A file that can't be taken; the message is for an editor."""

    def __init__(self, words: str, status_code: int) -> None:
        self.status_code = status_code
        super().__init__(words)


@dataclass(frozen=True)
class Uploaded:
    """What became of one file of an upload: `media` is set unless it was refused, which `error` then explains."""

    filename: str
    media: Media | None = None
    job: Job | None = None
    duplicate: bool = False
    restored: bool = False  # it was in the trash
    was_lost: bool = False  # the library had the picture, but no longer its file
    error: str | None = None
    status_code: int = 201


def take_upload(
    file: FileStorage,
    *,
    alt: str = "",
    caption: str = "",
    tags: Iterable[str] = (),
    created_by: int | None = None,
    allow_duplicate: bool = False,
    place: Place | None = None,
) -> Uploaded:
    """Check one file of the running request, keep it, and add its media and job rows; `place` is that in a batch."""
    filename = clean_filename(file.filename)
    try:
        stored, facts = check_and_keep(file, filename)
    except Refused as refused:
        return Uploaded(filename, error=str(refused), status_code=refused.status_code)
    return add_kept(
        stored,
        facts,
        filename=filename,
        alt=alt,
        caption=caption,
        tags=list(tags),
        created_by=created_by,
        is_copy=allow_duplicate,
        place=place,
    )


def add_kept(
    stored: StoredFile, facts: imaging.Facts, *, filename: str, lost_key: str | None = None, **words: Any
) -> Uploaded:
    """Make it a picture of the library, with what add_media() takes; the file goes if the library has it.

    Within a transaction `lost_key` is what lost_key_of() said before it.
    """
    try:
        media, job = add_media(stored, facts, filename=filename, **words)
    except AlreadyThere as found:
        was_lost = bring_back(found.media, stored, lost_key)
        if not was_lost:
            discard(stored.key)
        restored = found.restored
        return Uploaded(filename, found.media, duplicate=True, restored=restored, was_lost=was_lost, status_code=200)
    return Uploaded(filename, media, job)


def discard(key: str) -> None:
    """No row names it. Never within a transaction: while a bucket is slow, nobody else could write."""
    if is_writing():
        delete_after_commit(key)
    else:
        delete_files([key])


def check_and_keep(file: FileStorage, filename: str) -> tuple[StoredFile, imaging.Facts]:
    """Look at what came in, and put it where originals lie. Raises Refused, and then nothing of it is kept."""
    try:
        return keep_picture(cast(IncomingFile, file.stream), filename)
    except StorageError as error:
        count_storage_error()
        raise Refused(f"{filename}: {error}", 503) from error


def keep_picture(incoming: IncomingFile, filename: str) -> tuple[StoredFile, imaging.Facts]:
    """The same for any file that came in. Raises Refused and StorageError."""
    if incoming.too_large:
        raise Refused(words_for_size(filename, incoming.size, incoming.limit), 413)
    incoming.flush()
    incoming.seek(0)
    pixels = current_app.config["SETTINGS"].max_pixels
    try:
        facts = imaging.probe(cast(IO[bytes], incoming.file), filename, max_pixels=pixels)
    except imaging.BadImage as error:
        raise Refused(str(error), 415) from error
    return storage().keep(incoming, new_key(facts.extension)), facts


def clean_filename(name: str | None) -> str:
    """The last part of it, as text to show; never used as a path."""
    last = PurePosixPath((name or "").replace("\\", "/")).name
    printable = "".join(c for c in last if c.isprintable()).strip()
    return printable[:255] if printable.strip(".") else "picture"


def words_for_size(filename: str, size: int, limit: int) -> str:
    """Both in bytes."""
    megabytes, most = (max(1, round(n / MEGABYTE)) for n in (size, limit))
    megabytes = max(megabytes, most + 1)
    return f"{filename} is {megabytes} MB. The limit is {most} MB. Export a smaller copy and try again."


def forget_uploads(request: Request) -> None:
    """Remove what came in and was not kept."""
    for incoming in request.__dict__.pop("incoming", []):
        incoming.close()

"""Background work on media."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from flask import current_app

from webapp.database import db
from webapp.imaging import FORMATS, HEAVY_FORMATS, BadImage, Picture, average_colour
from webapp.imaging import make_renditions as draw_renditions
from webapp.jobs import queue
from webapp.models.deleting import delete_after_commit
from webapp.models.direct_upload import forget_direct_uploads
from webapp.models.former_file import forget_former_files
from webapp.models.media import Media, Rendition, live_media
from webapp.models.orphans import collect_orphans, named_keys
from webapp.storage import RENDITIONS, storage
from workers.handlers import handles
from workers.running import FailedForGood, NothingToDo, Running

HEAVY_TYPES = {f"image/{name}" for name in HEAVY_FORMATS}


@handles("makeRenditions")
def make_renditions(job: Running) -> dict[str, Any]:
    """Make, store and record the renditions of one media; those that are there are replaced by the same."""
    media = _find(job)
    original_key = media.storage_key
    try:
        pictures = list(_drawn(media))
    except FailedForGood:
        db.session.rollback()
        db.session.expire_all()
        _refuse_replaced(_find(job), original_key)
        raise
    made = [_store(job, original_key, picture) for picture in pictures]

    media = _begin_effect(job, original_key)
    _record(media, made)
    media.is_ready, media.colour, media.replaced_key = True, average_colour(pictures[0].data), None
    if current_app.config["SETTINGS"].avif_renditions:
        queue("makeAvifRenditions", {"mediaId": media.id}, subject=media.subject, created_by=media.created_by)
    return {"mediaId": media.id, "renditions": len(made)}


@handles("makeAvifRenditions")
def make_avif_renditions(job: Running) -> dict[str, Any]:
    """Add smaller files of the same sizes, once the picture is there to be seen; without them it is shown as well."""
    media = _find(job)
    original_key = media.storage_key
    _refuse_unready(media)
    made = []
    for picture in _drawn(media, HEAVY_FORMATS):
        made.append(_store(job, original_key, picture))
        job.give_way()

    media = _begin_effect(job, original_key)
    _refuse_unready(media)
    _record(media, [*(each for each in media.renditions if each.mime_type not in HEAVY_TYPES), *made])
    return {"mediaId": media.id, "renditions": len(made)}


@handles("collectOrphanFiles")
def collect_orphan_files(_job: Running) -> dict[str, int]:
    """Left behind by an upload that was cut off, by a picture that is gone, or by one with a new file."""
    forget_former_files()
    forget_direct_uploads()
    collected = collect_orphans()
    return {"files": collected.files, "bytes": collected.size}


@handles("deleteFiles")
def delete_files(job: Running) -> dict[str, int]:
    """What is deleted already is no harm, when it is tried again; what a row names is never deleted."""
    gone = set(job.input["keys"]) - named_keys(job.input["keys"])
    for key in sorted(gone):
        storage().delete(key)
    return {"files": len(gone)}


def _find(job: Running) -> Media:
    try:
        return live_media(job.input["mediaId"])
    except LookupError:
        raise NothingToDo("The picture was deleted before its renditions were made.") from None


def _begin_effect(job: Running, original_key: str) -> Media:
    """Its media, locked, with the file that the renditions were made of."""
    job.begin_effect()
    media = _find(job)
    db.session.refresh(media, with_for_update=True)
    _refuse_replaced(media, original_key)
    return media


def _drawn(media: Media, formats: Sequence[str] = FORMATS) -> Iterator[Picture]:
    filename = media.filename
    try:
        with storage().open(media.storage_key) as original:
            yield from draw_renditions(original, filename, formats=formats)
    except FileNotFoundError:
        raise FailedForGood(f"The file of {filename} is missing. Upload it again.") from None
    except BadImage as error:
        raise FailedForGood(str(error)) from None


def _refuse_replaced(media: Media, original_key: str) -> None:
    """Renditions of a file that the picture no longer has must never be shown; another job makes those of the new."""
    if media.storage_key != original_key:
        raise NothingToDo("The file was replaced while its renditions were made.")


def _refuse_unready(media: Media) -> None:
    """These renditions are of the same file as the others; the job that makes those will ask for these again."""
    if not media.is_current:
        raise NothingToDo("The picture has no other renditions yet.")


def _store(job: Running, original_key: str, picture: Picture) -> Rendition:
    """Named by its content, so that its address may be cached for ever.

    Where it lies is named by its original and its job too, so that what is deleted of one file is never of another,
    not even when that file was put back meanwhile.
    """
    media_id = job.input["mediaId"]
    digest = hashlib.sha256(picture.data).hexdigest()[:16]
    extension = picture.mime_type.partition("/")[2]
    name = f"{media_id}-{picture.width}-{digest}.{extension}"
    key = f"{RENDITIONS}/{media_id % 1000:03d}/{PurePosixPath(original_key).stem[:32]}-{job.id}-{name}"
    storage().put(key, picture.data, picture.mime_type)
    return Rendition(
        storage_key=key,
        name=name,
        mime_type=picture.mime_type,
        width=picture.width,
        height=picture.height,
        filesize=len(picture.data),
    )


def _record(media: Media, made: list[Rendition]) -> None:
    """From here on these are shown; what they take the place of goes in the same transaction."""
    gone = [rendition for rendition in media.renditions if rendition not in made]
    media.renditions = [rendition for rendition in media.renditions if rendition in made]
    db.session.flush()  # a width and a name are free only once the old rendition is gone
    media.renditions = made
    delete_after_commit(*{each.storage_key for each in gone} - {each.storage_key for each in made})

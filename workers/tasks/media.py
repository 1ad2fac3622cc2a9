"""Background work on media."""

from __future__ import annotations

import hashlib
from typing import Any

from webapp.imaging import BadImage, Picture, average_colour
from webapp.imaging import make_renditions as draw_renditions
from webapp.models.media import Media, Rendition, live_media
from webapp.models.orphans import collect_orphans
from webapp.storage import storage
from workers.handlers import handles
from workers.running import FailedForGood, NothingToDo, Running


@handles("makeRenditions")
def make_renditions(job: Running) -> dict[str, Any]:
    """Make, store and record the renditions of one media; those that are there are replaced by the same."""
    media = _find(job)
    try:
        with storage().open(media.storage_key) as original:
            pictures = list(draw_renditions(original, media.filename))
    except FileNotFoundError:
        raise FailedForGood(f"The file of {media.filename} is missing. Upload it again.") from None
    except BadImage as error:
        raise FailedForGood(str(error)) from None
    made = [_store(media.id, picture) for picture in pictures]

    job.begin_effect()
    media = _find(job)
    _record(media, made, colour=average_colour(pictures[0].data))
    return {"mediaId": media.id, "renditions": len(made)}


@handles("collectOrphanFiles")
def collect_orphan_files(_job: Running) -> dict[str, int]:
    """Left behind by an upload that was cut off, or by a picture that is gone."""
    collected = collect_orphans()
    return {"files": collected.files, "bytes": collected.size}


def _find(job: Running) -> Media:
    try:
        return live_media(job.input["mediaId"])
    except LookupError:
        raise NothingToDo("The picture was deleted before its renditions were made.") from None


def _store(media_id: int, picture: Picture) -> Rendition:
    """Named by its content, so that its address may be cached for ever."""
    digest = hashlib.sha256(picture.data).hexdigest()[:16]
    extension = picture.mime_type.partition("/")[2]
    name = f"{media_id}-{picture.width}-{digest}.{extension}"
    key = f"renditions/{media_id % 1000:03d}/{name}"
    storage().put(key, picture.data, picture.mime_type)
    return Rendition(
        storage_key=key,
        name=name,
        mime_type=picture.mime_type,
        width=picture.width,
        height=picture.height,
        filesize=len(picture.data),
    )


def _record(media: Media, made: list[Rendition], *, colour: str) -> None:
    there = {rendition.name for rendition in media.renditions}
    wanted = {rendition.name for rendition in made}
    media.renditions = [r for r in media.renditions if r.name in wanted] + [
        rendition for rendition in made if rendition.name not in there
    ]
    media.is_ready, media.colour = True, colour

"""One picture of the library: finding it, and where it is used."""

from __future__ import annotations

from webapp.extensions import db
from webapp.models.many_media import count_uses_of
from webapp.models.media import Media


def find_media(media_id: int) -> Media:
    """In the library or in the trash. Raises LookupError."""
    media = db.session.get(Media, media_id)
    if media is None:
        raise LookupError(f"There is no picture {media_id}.")
    return media


def count_uses(media_id: int) -> tuple[int, int]:
    """On how many pages it is shown, hung or alone, and in how many galleries."""
    return count_uses_of([media_id])

"""What became of an uploaded file, in words, whichever way it came in."""

from __future__ import annotations

from webapp.models.batch import DUPLICATE, NEW, REJECTED, RESTORED, UPLOADED, Place, record, was_uploaded
from webapp.models.gallery import add_item
from webapp.uploads import Uploaded


def settle(
    uploaded: Uploaded, *, place: Place | None = None, gallery_id: int | None = None, by: int | None = None
) -> tuple[str, str]:
    """Hang it into the gallery it was meant for, and keep in its batch what became of it; its fate and words."""
    fate, words = fate_of(uploaded)
    if place and uploaded.media and was_uploaded(place, uploaded.media.id):
        fate, words = UPLOADED, NEW
    if gallery_id is not None and uploaded.media is not None:
        words = f"{words} {add_by_hand(gallery_id, uploaded.media.id, by)}"
    if place and words != NEW:  # that was recorded together with the media
        record(place, uploaded.filename, fate, words, uploaded.media.id if uploaded.media else None)
    return fate, words


def fate_of(uploaded: Uploaded) -> tuple[str, str]:
    if uploaded.media is None:
        return REJECTED, uploaded.error or "The file could not be stored. Try again."
    if uploaded.restored:
        return RESTORED, f"It was in the trash as {uploaded.media.title}. It is back in the library."
    if uploaded.was_lost:
        return DUPLICATE, f"Already in the library as {uploaded.media.title}, whose file was lost. It is back now."
    if uploaded.duplicate:
        return DUPLICATE, f"Already in the library as {uploaded.media.title}."
    return UPLOADED, NEW


def add_by_hand(gallery_id: int, media_id: int, by: int | None) -> str:
    """A gallery removed in this very moment must not lose the upload."""
    try:
        add_item(gallery_id, media_id, by=by)
    except LookupError as error:
        return f"Not added to the gallery: {error}"
    return "Added to this gallery."

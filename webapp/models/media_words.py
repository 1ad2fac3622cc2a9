"""What an editor writes about a picture, and where its middle is."""

from __future__ import annotations

from sqlalchemy import delete

from webapp.database import transaction
from webapp.models.audit import listed, note
from webapp.models.media import Media, MediaTag, live_media
from webapp.models.ruled import media_changed
from webapp.models.searchable import changed
from webapp.models.tags import clean_tags

BOTH = "Write alt text or say that it is decorative, not both."
LOOKED_AT = {"alt text": "words", "caption": "words", "tags": "tags"}  # by rules of galleries


def change_media(
    media_id: int,
    *,
    alt: str | None = None,
    decorative: bool | None = None,
    caption: str | None = None,
    credit: str | None = None,
    tags: list[str] | None = None,
    focal: tuple[int, int] | None = None,
) -> Media:
    """What is None stays as it is. Queues nothing, unless a gallery's rule looks at it.

    Raises LookupError, and ValueError as `settle_alt` does.
    """
    with transaction() as session:
        media = live_media(media_id, lock=True)  # what is written depends on what is there
        before = words_of(media)
        settle_alt(media, alt, decorative)
        media.caption = media.caption if caption is None else caption
        media.credit = media.credit if credit is None else credit
        media.focal_x, media.focal_y = focal or (media.focal_x, media.focal_y)
        if tags is not None:
            session.execute(delete(MediaTag).where(MediaTag.media_id == media.id))
            session.expire(media, ["tag_rows"])
            session.add_all(MediaTag(media_id=media.id, tag=tag) for tag in clean_tags(tags))
        session.flush()
        different = [name for name, value in words_of(media).items() if value != before[name]]
        if different:
            note("edited", media, f"changed the {listed(different)} of “{media.title}”")
            media_changed([media.id], *{LOOKED_AT[name] for name in different if name in LOOKED_AT})
            changed("media", [media.id])
        return media


def words_of(media: Media) -> dict[str, object]:
    return {
        "alt text": (media.alt, media.decorative),
        "caption": media.caption,
        "credit": media.credit,
        "focal point": (media.focal_x, media.focal_y),
        "tags": media.tags,
    }


def settle_alt(media: Media, alt: str | None, decorative: bool | None) -> None:
    """It has alt text or is decorative: each takes the other away. Raises ValueError when both are asked for."""
    if decorative and alt and alt.strip():
        raise ValueError(BOTH)
    if alt is not None:
        media.alt = alt
        media.decorative = media.decorative and not alt.strip()
    if decorative is not None:
        media.decorative = decorative
        media.alt = "" if decorative else media.alt

"""One picture of the library: finding it, and where it is used."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select

from webapp.extensions import db
from webapp.models.cover import count_covered_by
from webapp.models.many_media import count_uses_of
from webapp.models.media import Media
from webapp.models.progress import counted


def find_media(media_id: int) -> Media:
    """In the library or in the trash. Raises LookupError."""
    media = db.session.get(Media, media_id)
    if media is None:
        raise LookupError(f"There is no picture {media_id}.")
    return media


def count_uses(media_id: int) -> tuple[int, int]:
    """On how many pages it is shown, hung or alone, and in how many galleries."""
    return count_uses_of([media_id])


def words_for_uses(media_ids: Sequence[int] | Select[int]) -> str:
    """Such as "on 2 pages, in 1 gallery, as the cover of 1 post"; "" when none of them is used."""
    pages, galleries = count_uses_of(media_ids)
    uses = (
        (pages, "on", ("page", "pages")),
        (galleries, "in", ("gallery", "galleries")),
        (count_covered_by(media_ids), "as the cover of", ("post", "posts")),
    )
    return ", ".join(f"{where} {counted(count, *names)}" for count, where, names in uses if count)

"""Parts of the library's page: the galleries to add to, who trashed what, and the undo of a trashing of many."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, or_, select

from webapp.admin import asked
from webapp.database import db
from webapp.models.audit import Entry
from webapp.models.gallery import Gallery
from webapp.models.many_media import trashed_at
from webapp.models.media import Media
from webapp.models.page import Page

MOST_GALLERIES = 1000  # to choose from
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SOON_NOTED = timedelta(minutes=1)  # after the moment of the deed, in one transaction with it
LAST_STAMP = 10**17  # microseconds, some thousand years away


@dataclass(frozen=True)
class JustTrashed:
    count: int
    stamp: int


def just_trashed_many() -> JustTrashed | None:
    """What the trashing that the address speaks of took, as far as it is still in the trash."""
    stamp = asked.id_in_address("trashed")
    count = len(trashed_at(moment_of(stamp))) if stamp else 0
    return JustTrashed(count, stamp) if stamp and count else None


def moment_of(stamp: int) -> datetime:
    return EPOCH + timedelta(microseconds=min(max(stamp, 0), LAST_STAMP))


def stamp_of(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def names_of_trashers(many: Collection[Media]) -> dict[int, str]:
    """For each picture in the trash who moved it there, if the audit log knows; one query for all of them."""
    trashed = [media for media in many if media.deleted_at]
    if not trashed:
        return {}
    moments = {media.deleted_at for media in trashed if media.deleted_at}
    near = or_(*(and_(Entry.at >= moment, Entry.at < moment + SOON_NOTED) for moment in moments))
    noted = select(Entry).where(Entry.verb == "trashed", near).order_by(Entry.id.desc())  # so that the first one wins
    return {media.id: entry.name for entry in db.session.scalars(noted) for media in trashed if tells_of(entry, media)}


def tells_of(entry: Entry, media: Media) -> bool:
    """Of many that were moved at once only the first are named."""
    if media.deleted_at is None or not media.deleted_at <= entry.at < media.deleted_at + SOON_NOTED:
        return False
    if entry.subject is not None:
        return entry.subject == media.subject
    return entry.words.endswith("and more") or f"#{media.id}" in re.findall(r"#\d+", entry.words)


def galleries_to_choose_from() -> list[tuple[str, list[tuple[int, str]]]]:
    """The title of each page with its galleries, by id and name."""
    found = (
        select(Gallery.id, Gallery.title, Page.id, Page.title)
        .join(Page, Page.id == Gallery.page_id)
        .where(Page.deleted_at.is_(None))
        .order_by(Page.title, Page.id, Gallery.position, Gallery.id)
    )
    by_page: dict[int, tuple[str, list[tuple[int, str]]]] = {}
    for gallery_id, title, page_id, page_title in db.session.execute(found.limit(MOST_GALLERIES)):
        named = by_page.setdefault(page_id, (page_title, []))[1]
        named.append((gallery_id, title or f"Gallery {len(named) + 1}"))
    return list(by_page.values())

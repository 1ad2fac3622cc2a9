"""What an export tells of its pictures, read in portions so that memory stays flat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from webapp.database import db
from webapp.exporting import Picture
from webapp.models.export import pictures_of
from webapp.models.gallery import Gallery, Item
from webapp.models.media import Media, MediaTag
from webapp.models.page import Page
from webapp.models.user import User

PORTION = 200


def pictures_to_export(export_id: int) -> Iterator[Picture]:
    """The oldest first. No transaction stays open while the caller is at work on one."""
    last = 0
    while portion := _next(export_id, last):
        last = portion[-1].id
        yield from portion


def _next(export_id: int, last: int) -> list[Picture]:
    db.session.rollback()
    found = select(Media).where(*pictures_of(export_id), Media.id > last).order_by(Media.id).limit(PORTION)
    media = db.session.scalars(found).all()
    ids = [one.id for one in media]
    tags, galleries, names = _tags(ids), _galleries(ids), _names(media)
    portion = [
        _picture(one, tags[one.id], names.get(one.created_by or 0, ""), galleries.get(one.id, 0)) for one in media
    ]
    db.session.rollback()
    return portion


def _picture(media: Media, tags: list[str], uploaded_by: str, galleries: int) -> Picture:
    return Picture(
        id=media.id,
        filename=media.filename,
        alt=media.alt,
        decorative=media.decorative,
        caption=media.caption,
        credit=media.credit,
        tags=tuple(tags),
        width=media.width,
        height=media.height,
        filesize=media.filesize,
        mime_type=media.mime_type,
        sha256=media.sha256,
        uploaded_at=media.created_at,
        uploaded_by=uploaded_by,
        galleries=galleries,
        storage_key=media.storage_key,
    )


def _tags(ids: list[int]) -> dict[int, list[str]]:
    tags: dict[int, list[str]] = defaultdict(list)
    found = select(MediaTag.media_id, MediaTag.tag).where(MediaTag.media_id.in_(ids)).order_by(MediaTag.tag)
    for media_id, tag in db.session.execute(found):
        tags[media_id].append(tag)
    return tags


def _galleries(ids: list[int]) -> dict[int, int]:
    """In how many galleries each is shown."""
    shown = (
        select(Item.media_id, func.count())
        .join(Gallery, Gallery.id == Item.gallery_id)
        .join(Page, Page.id == Gallery.page_id)
        .where(Item.media_id.in_(ids), ~Item.hidden, Page.deleted_at.is_(None))
    )
    return dict(db.session.execute(shown.group_by(Item.media_id)).all())


def _names(media: Sequence[Media]) -> dict[int, str]:
    ids = {one.created_by for one in media if one.created_by}
    return {user.id: user.name for user in db.session.scalars(select(User).where(User.id.in_(ids)))}

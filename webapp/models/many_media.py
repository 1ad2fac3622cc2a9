"""What is done to many pictures at once: one transaction, and a number of statements that does not grow with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, delete, func, literal, or_, select, update
from sqlalchemy.orm import selectinload

from webapp.database import BigId, Moment, db, insert_into, transaction, utcnow
from webapp.models.audit import note_pictures
from webapp.models.catching_up import catch_up
from webapp.models.gallery import KEY, MANUAL, POSITIONS_A_MICROSECOND, Gallery, Item, end_position, find_gallery
from webapp.models.media import Media, MediaTag
from webapp.models.page import Block, Page
from webapp.models.progress import counted
from webapp.models.ruled import media_changed
from webapp.models.searchable import changed
from webapp.models.tags import clean_tags

MOST = 1000  # pictures at once
MOST_TAGS = 20  # added at once; each is a statement


@dataclass(frozen=True)
class Hung:
    """What came of adding pictures to a gallery by hand."""

    gallery: Gallery
    added: int  # with those that were hidden there
    there: int  # before


def count_uses_of(media_ids: Sequence[int] | Select[int]) -> tuple[int, int]:
    """On how many pages any of them is shown, hung or alone, and in how many galleries."""
    hung = select(Item.gallery_id).where(Item.media_id.in_(media_ids), ~Item.hidden)
    used = (
        select(func.count(Block.page_id.distinct()), func.count(case((Block.media_id.is_(None), Block.id))))
        .join(Page, Page.id == Block.page_id)
        .where(or_(Block.id.in_(hung), Block.media_id.in_(media_ids)), Page.deleted_at.is_(None))
    )
    pages, galleries = db.session.execute(used).one()
    return pages, galleries


def tag_many(media_ids: Sequence[int], tags: list[str]) -> int:
    """Add these tags to the pictures that are in the library; how many pictures that are."""
    with transaction() as session:
        wanted = clean_tags(tags)[:MOST_TAGS]
        for tag in wanted:
            pairs = select(Media.id, literal(tag)).where(*_live(media_ids)).order_by(Media.id)
            added = insert_into(MediaTag).from_select(["media_id", "tag"], pairs)
            session.execute(added.on_conflict_do_nothing())
        live = live_among(media_ids)
        note_pictures("edited", f"tagged {_pictures(live)} with {', '.join(wanted)}", live)
        media_changed(list(live), "tags")
        changed("media", live)
        return len(live)


def untag_many(media_ids: Sequence[int], tag: str) -> int:
    """Take a tag from the pictures in the library that have it; how many had."""
    live = select(Media.id).where(*_live(media_ids))
    gone = delete(MediaTag).where(MediaTag.tag == tag.strip().lower(), MediaTag.media_id.in_(live))
    with transaction() as session:
        taken = gone.returning(MediaTag.media_id).execution_options(synchronize_session=False)
        had = sorted(session.scalars(taken))
        note_pictures("edited", f"took the tag {tag.strip().lower()} from {_pictures(had)}", had)
        media_changed(had, "tags")
        changed("media", had)
        return len(had)


def hang_many(gallery_id: int, media_ids: Sequence[int], *, by: int | None = None) -> Hung:
    """Add by hand, in the order of their uploads, at the gallery's end for new pictures; like add_item() for each.

    Raises LookupError.
    """
    with transaction() as session:
        gallery = find_gallery(gallery_id)
        there = _count_shown(gallery_id, media_ids)
        place = (func.row_number().over(order_by=(Media.created_at, Media.id)) - 1) * POSITIONS_A_MICROSECOND
        end = literal(end_position(gallery), BigId)
        values = {
            "media_id": Media.id,
            "gallery_id": literal(gallery_id, BigId),
            "source": literal(MANUAL),
            "position": end - place if gallery.new_items == "first" else end + place,
            "hidden": literal(False),
            "touched": literal(False),
            "added_by": literal(by, BigId),
            "added_at": literal(utcnow(), Moment),
        }
        rows = select(*values.values()).where(*_live(media_ids)).order_by(Media.id)
        added = insert_into(Item).from_select(list(values), rows)
        session.execute(added.on_conflict_do_update(index_elements=KEY, set_={"hidden": False, "touched": True}))
        live = live_among(media_ids)
        note_pictures("added", f"added {_pictures(live)} to {gallery.named.title}", live)
        return Hung(gallery, len(live) - there, there)


def live_among(media_ids: Sequence[int]) -> Sequence[int]:
    """Those that are in the library."""
    return db.session.scalars(select(Media.id).where(*_live(media_ids)).order_by(Media.id)).all()


def trash_many(media_ids: Sequence[int]) -> datetime:
    """They are shown nowhere from now on; the moment that all of them were trashed at."""
    moment = utcnow()
    gone = update(Media).where(*_live(media_ids)).values(deleted_at=moment)
    with transaction() as session:
        live = live_among(media_ids)
        session.execute(gone.execution_options(synchronize_session=False))
        note_pictures("trashed", f"moved {_pictures(live)} to the trash", live)
        changed("media", live)
    return moment


def trashed_at(moment: datetime) -> Sequence[int]:
    """What one trash_many() took and is still in the trash."""
    return db.session.scalars(select(Media.id).where(Media.deleted_at == moment).order_by(Media.id)).all()


def trashed_among(media_ids: Sequence[int]) -> Sequence[int]:
    trashed = (Media.id.in_(media_ids), Media.deleted_at.is_not(None))
    return db.session.scalars(select(Media.id).where(*trashed).order_by(Media.id)).all()


def restore_many(media_ids: Sequence[int]) -> int:
    """They are back in the library and in their galleries, and get what they lack; how many."""
    trashed = (Media.id.in_(media_ids), Media.deleted_at.is_not(None))
    found = select(Media).where(*trashed).order_by(Media.id).options(selectinload(Media.renditions))
    with transaction() as session:
        media = session.scalars(found.with_for_update()).all()
        ids = [each.id for each in media]
        back = update(Media).where(*trashed).values(deleted_at=None)
        session.execute(back.execution_options(synchronize_session=False))
        note_pictures("restored", f"brought {_pictures(ids)} back from the trash", ids)
        changed("media", ids)
        catch_up(media)
        return len(ids)


def _live(media_ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    return Media.id.in_(media_ids), Media.deleted_at.is_(None)


def _count_shown(gallery_id: int, media_ids: Sequence[int]) -> int:
    shown = select(func.count(Item.media_id)).where(Item.gallery_id == gallery_id, ~Item.hidden)
    return db.session.scalar(shown.join(Media, Media.id == Item.media_id).where(*_live(media_ids))) or 0


def _pictures(some: Sequence[object]) -> str:
    return counted(len(some), "picture", "pictures")

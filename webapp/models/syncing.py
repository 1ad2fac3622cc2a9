"""What the background hangs: set-based inserts over galleries × media, which never change an item that is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, SQLColumnExpression, case, func, literal, select, true, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from webapp.database import Moment, db, insert_into, utcnow
from webapp.models.belonging import belongs
from webapp.models.gallery import AUTO, POSITIONS_A_MICROSECOND, Item
from webapp.models.media import Media
from webapp.models.page import GALLERY, Block
from webapp.models.webhook import MEDIA_SYNCED, announce, wanted

CHUNK = 200  # pictures a statement; with a hundred galleries these are 20,000 items


class microseconds(GenericFunction[int]):  # noqa: N801  # the name of an SQL function
    """Of a moment since 1970; exact, as a position must be the same on both databases."""

    type = BigInteger()
    inherit_cache = True


@compiles(microseconds, "sqlite")
def _on_sqlite(element: microseconds, compiler: Any, **more: Any) -> str:
    moment = compiler.process(element.clauses, **more)
    seconds, fraction = f"strftime('%s', substr({moment}, 1, 19))", f"substr({moment}, 21, 6)"
    return f"(CAST({seconds} AS INTEGER) * 1000000 + CAST({fraction} AS INTEGER))"


@compiles(microseconds, "postgresql")
def _on_postgresql(element: microseconds, compiler: Any, **more: Any) -> str:
    return f"CAST(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **more)}) * 1000000 AS BIGINT)"


def sync_media(media: Media, job_id: int) -> tuple[int, int]:
    """Put this media into every auto-sync gallery that lacks it; how many pages and galleries got it.

    In the caller's transaction; doing it again adds nothing.
    """
    added = hang_by_rule(job_id, Block.auto_sync, Media.id == media.id)
    mark_synced([media.id])
    if added == 0:
        return 0, 0
    counted = (
        select(func.count(Block.page_id.distinct()), func.count())
        .join(Item, Item.gallery_id == Block.id)
        .where(Item.media_id == media.id, Item.job_id == job_id)
    )
    pages, galleries = db.session.execute(counted).one()
    announce_synced([media.id], job_id)
    return pages, galleries


def first_to_sync(batch_id: int) -> int | None:
    """The first picture of a batch that waits for its galleries. Those in the trash don't."""
    return db.session.scalar(select(func.min(Media.id)).where(*_waits(batch_id)))


def sync_some(batch_id: int, job_id: int) -> dict[str, int]:
    """Put the next pictures of a batch into every auto-sync gallery, in the caller's transaction."""
    some = db.session.scalars(select(Media.id).where(*_waits(batch_id)).order_by(Media.id).limit(CHUNK)).all()
    added = hang_by_rule(job_id, Block.auto_sync, Media.id.in_(some))
    mark_synced(some)
    announce_synced(some, job_id)
    return {"pictures": len(some), "added": added}


def brought_to_galleries(batch_id: int, job_id: int) -> dict[str, int]:
    """What this job did for the pictures of the batch, in this try and those before it."""
    counted = (
        select(func.count(Item.media_id.distinct()), func.count(Item.gallery_id.distinct()), func.count())
        .join(Media, Media.id == Item.media_id)
        .where(Media.batch_id == batch_id, Item.job_id == job_id)
    )
    pictures, galleries, items = db.session.execute(counted).one()
    return {"batchId": batch_id, "pictures": pictures, "galleriesUpdated": galleries, "itemsAdded": items}


def _waits(batch_id: int) -> tuple[ColumnElement[bool], ...]:
    return Media.batch_id == batch_id, Media.synced_at.is_(None), Media.deleted_at.is_(None)


def hang_by_rule(job_id: int, *where: SQLColumnExpression[bool]) -> int:
    """Add what belongs to the galleries: one statement for all without a rule, and one more for each different rule."""
    return sum(hang(job_id, *where, *fits) for fits in belongs())


def hang(job_id: int, *where: SQLColumnExpression[bool]) -> int:
    """Add the media to the galleries for which the conditions on Block and Media hold; how many items are new.

    One statement. Each stands at its gallery's end for new pictures, in the order of the uploads.
    """
    position = microseconds(Media.created_at) * POSITIONS_A_MICROSECOND
    values = {
        "gallery_id": Block.id,
        "media_id": Media.id,
        "source": literal(AUTO),
        "position": case((Block.new_items == "first", -position), else_=position),
        "hidden": literal(False),
        "touched": literal(False),
        "job_id": literal(job_id),
        "added_at": literal(utcnow(), Moment),
    }
    pairs = select(*values.values()).select_from(Block).join(Media, true()).where(Block.type == GALLERY, *where)
    in_order = pairs.order_by(Media.id, Block.id)  # two statements that meet wait for each other, never in a circle
    added = insert_into(Item).from_select(list(values), in_order).on_conflict_do_nothing()
    return int(db.session.execute(added.execution_options(preserve_rowcount=True)).rowcount)  # type: ignore[attr-defined]


def mark_synced(media_ids: Sequence[int]) -> None:
    """These hang where they should, in the transaction that hung them."""
    done = update(Media).where(Media.id.in_(media_ids)).values(synced_at=utcnow())
    db.session.execute(done.execution_options(synchronize_session=False))


def announce_synced(media_ids: Sequence[int], job_id: int) -> None:
    """Tell webhooks of each picture that this job brought to a gallery."""
    if not wanted(MEDIA_SYNCED):
        return
    pages, galleries = func.count(Block.page_id.distinct()), func.count()
    brought = select(Item.media_id, pages, galleries).join(Block, Block.id == Item.gallery_id)
    rows = brought.where(Item.media_id.in_(media_ids), Item.job_id == job_id).group_by(Item.media_id)
    for media_id, in_pages, in_galleries in db.session.execute(rows.order_by(Item.media_id)).all():
        data = {"pagesUpdated": in_pages, "galleriesUpdated": in_galleries, "mediaId": media_id}
        announce(MEDIA_SYNCED, data)

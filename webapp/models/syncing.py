"""What the background hangs: the pictures of a batch, in portions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import ColumnElement, SQLColumnExpression, Table, bindparam, func, select, update

from webapp.database import db, utcnow
from webapp.models.belonging import belongs
from webapp.models.gallery import Item
from webapp.models.hanging import hang
from webapp.models.media import Media
from webapp.models.page import Block
from webapp.models.webhook import MEDIA_SYNCED, announce, wanted

CHUNK = 200  # pictures a statement; with a hundred galleries these are 20,000 items

MEDIA = cast(Table, Media.__table__)
SYNCED = update(MEDIA).where(MEDIA.c.id.in_(bindparam("ids", expanding=True))).values(synced_at=bindparam("now"))


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


def mark_synced(media_ids: Sequence[int]) -> None:
    """These hang where they should, in the transaction that hung them."""
    db.session.connection().execute(SYNCED, {"ids": media_ids, "now": utcnow()})


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

"""The sync of one picture: each upload waits for it, so it is done in as few statements as the database allows.

They are put together once, and run past the session's bookkeeping: for a picture each takes as long as to run them.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Executable, bindparam, func, literal, select, true

from webapp.database import BigId, db, is_postgresql, utcnow
from webapp.models.belonging import belongs_by_rule
from webapp.models.gallery import Item, position_of
from webapp.models.hanging import adding, hang, new_items, position_by_upload
from webapp.models.media import Media
from webapp.models.page import GALLERY, Block
from webapp.models.ruled import RULES
from webapp.models.syncing import announce_synced, mark_synced
from webapp.models.webhook import LISTENERS

LIVE = (Media.id == bindparam("media_id", type_=BigId), Media.deleted_at.is_(None))
TAKES_ALL = (Block.type == GALLERY, Block.auto_sync, Block.rule.is_(None))
HAVE = (RULES.exists().label("has_rules"), LISTENERS.exists().label("has_listeners"))
ON_EACH = select(func.count().label("galleries")).where(*TAKES_ALL).group_by(Block.page_id).subquery()  # page
ALL = func.coalesce(func.sum(ON_EACH.c.galleries), 0).label("galleries")
TAKING = select(func.count().label("pages"), ALL).subquery()
UPLOADED = select(Media.created_at, *TAKING.c, *HAVE).join_from(Media, TAKING, true()).where(*LIVE)
BROUGHT = (Item.media_id == bindparam("media_id"), Item.job_id == bindparam("job_id"))
PAGE_IDS = select(Block.page_id).join(Item, Item.gallery_id == Block.id).where(*BROUGHT).distinct()
PAGES = select(func.count()).select_from(PAGE_IDS.subquery())  # half of what count(DISTINCT …) takes on SQLite


class Synced(NamedTuple):
    """To how many galleries without a rule it was added, and what there is."""

    added: int
    pages: int  # with such galleries
    galleries: int
    has_rules: bool  # there are galleries with one
    has_listeners: bool


def sync_media(media_id: int, job_id: int) -> tuple[int, int]:
    """Put this picture into every auto-sync gallery that lacks it; how many pages and galleries got it.

    In the caller's transaction; doing it again adds nothing. Raises LookupError when it is gone or in the trash.
    """
    asked = {"media_id": media_id, "job_id": job_id, "now": utcnow()}
    synced = _sync_at_once(asked) if is_postgresql() else _sync_in_steps(asked)
    if synced is None:
        raise LookupError(f"There is no picture {media_id}.")
    pages, galleries = synced.pages, synced.added
    if synced.has_rules:
        galleries += sum(hang(job_id, Block.auto_sync, Media.id == media_id, *fits) for fits in belongs_by_rule())
    if synced.has_rules or synced.added < synced.galleries:  # else it is new in every gallery that there is
        pages = _count_pages(asked)
    mark_synced([media_id])
    if galleries and synced.has_listeners:
        announce_synced([media_id], job_id)
    return pages, galleries


def _sync_in_steps(asked: dict[str, Any]) -> Synced | None:
    """SQLite looks and adds in two statements; a statement costs no round trip there."""
    connection = db.session.connection()
    found = connection.execute(UPLOADED, asked).one_or_none()
    if found is None:
        return None
    added = connection.execute(_adding_at(), asked | {"position": position_of(found.created_at)}).rowcount
    return Synced(added, *found[1:])


@cache
def _adding_at() -> Executable:
    """The picture :media_id at :position. Without a look at media: that would be one for each gallery."""
    values = new_items(bindparam("media_id", type_=BigId), bindparam("position", type_=BigId))
    return adding(values, select(*values.values()).where(*TAKES_ALL).order_by(Block.id))


def _count_pages(asked: dict[str, Any]) -> int:
    return int(db.session.connection().scalar(PAGES, asked) or 0)


def _sync_at_once(asked: dict[str, Any]) -> Synced | None:
    """All in one statement, as each is a round trip to PostgreSQL."""
    row = db.session.connection().execute(_adding_and_looking(), asked).one()
    return Synced(*row[1:]) if row.live else None


@cache
def _adding_and_looking() -> Executable:
    picture = select(Media.id, position_by_upload().label("position")).where(*LIVE).cte("picture")
    values = new_items(picture.c.id, picture.c.position)
    pairs = select(*values.values()).select_from(Block).join(picture, true()).where(*TAKES_ALL)
    added = adding(values, pairs.order_by(Block.id)).returning(literal(1)).cte("added")
    live = select(picture.c.id).exists().label("live")
    count = select(func.count()).select_from(added).scalar_subquery()
    return select(live, count, *TAKING.c, *HAVE)

"""Hanging media in galleries: set-based inserts over galleries × media, which never change an item that is there."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    Table,
    bindparam,
    case,
    literal,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from webapp.database import BigId, Moment, db, insert_into, utcnow
from webapp.models.gallery import AUTO, POSITIONS_A_MICROSECOND, Item
from webapp.models.media import Media
from webapp.models.page import GALLERY, Block

ITEMS = cast(Table, Item.__table__)  # without the session's bookkeeping: for one picture it takes as long as to add it


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


def hang(job_id: int, *where: SQLColumnExpression[bool]) -> int:
    """Add the media to the galleries for which the conditions on Block and Media hold; how many items are new.

    One statement. Each stands at its gallery's end for new pictures, in the order of the uploads.
    """
    values = new_items(Media.id, position_by_upload())
    pairs = select(*values.values()).select_from(Block).join(Media, true()).where(Block.type == GALLERY, *where)
    added = db.session.execute(adding(values, pairs.order_by(Media.id, Block.id)), {"job_id": job_id, "now": utcnow()})
    return int(added.rowcount)  # type: ignore[attr-defined]


def position_by_upload() -> ColumnElement[int]:
    return microseconds(Media.created_at) * POSITIONS_A_MICROSECOND


def new_items(media_id: SQLColumnExpression[int], position: SQLColumnExpression[int]) -> dict[str, Any]:
    """What is written of the picture in the gallery that a Block is, by the job :job_id at :now."""
    return {
        "gallery_id": Block.id,
        "media_id": media_id,
        "source": literal(AUTO),
        "position": case((Block.new_items == "first", -position), else_=position),
        "hidden": literal(False),
        "touched": literal(False),
        "job_id": bindparam("job_id", type_=BigId),
        "added_at": bindparam("now", type_=Moment),
    }


def adding(values: dict[str, Any], in_order: Select[Any]) -> sqlite.Insert | postgresql.Insert:
    """Ordered by media and gallery: two statements that meet wait for each other, never in a circle."""
    added = insert_into(ITEMS).from_select(list(values), in_order).on_conflict_do_nothing()
    return added.execution_options(preserve_rowcount=True)

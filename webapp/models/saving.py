"""What saving a page and saving a post have in common: what can't be saved, and addresses that are taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.database import db


class Unfit(ValueError):
    """Something can't be saved; `fields` maps each field, as the API calls it, to words."""

    def __init__(self, **fields: str) -> None:
        self.fields = fields
        super().__init__(" ".join(fields.values()))


def slug_is_taken(row: Any) -> bool:
    """By another of the same kind."""
    kind = type(row)
    with db.session.no_autoflush:
        return bool(db.session.scalar(select(kind.id).where(kind.slug == row.slug, kind.id != (row.id or 0))))


def words_for_taken(kind: str, slug: str) -> str:
    return f"Another {kind} has the address “{slug}”. Choose another."


@contextmanager
def refusing_taken_slug(kind: str, slug: str, unfit: type[Unfit]) -> Iterator[None]:
    """When two people save the same address at the same moment, the database refuses the second."""
    try:
        yield
    except IntegrityError as error:
        if "slug" not in str(error.orig):
            raise
        raise unfit(slug=words_for_taken(kind, slug)) from None

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


def taken_slug(row: Any, name: str) -> str | None:
    """Words for a slug that another of the same kind has; None when it is free."""
    kind = type(row)
    others = select(kind.deleted_at).where(kind.slug == row.slug, kind.id != (row.id or 0))
    with db.session.no_autoflush:
        other = db.session.execute(others).first()
    return words_for_taken(name, row.slug, in_trash=other.deleted_at is not None) if other else None


def words_for_taken(name: str, slug: str, *, in_trash: bool = False) -> str:
    if in_trash:
        return f"A {name} in the trash has the address “{slug}”. Choose another, or delete that {name} for good."
    return f"Another {name} has the address “{slug}”. Choose another."


@contextmanager
def refusing_taken_slug(kind: str, slug: str, unfit: type[Unfit]) -> Iterator[None]:
    """When two people save the same address at the same moment, the database refuses the second."""
    try:
        yield
    except IntegrityError as error:
        if "slug" not in str(error.orig):
            raise
        raise unfit(slug=words_for_taken(kind, slug)) from None

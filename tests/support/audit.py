"""What the audit log holds."""

from __future__ import annotations

from sqlalchemy import select

from webapp.database import db
from webapp.models.audit import Entry


def entries(*, whatever: bool = False) -> list[Entry]:
    """Oldest first, without the sign-ins of the fixtures."""
    db.session.rollback()
    db.session.expire_all()
    found = select(Entry).order_by(Entry.id)
    return list(db.session.scalars(found if whatever else found.where(Entry.verb != "signed in")))


def lines() -> list[str]:
    return [entry.words for entry in entries()]

"""The audit log: a row for each change by a person, in the transaction of the change.

Background work writes none, unless it does now what a person asked for before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

import click
from flask import g, has_request_context, request
from flask_login import current_user
from sqlalchemy import Index, String, Table, Text, insert, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, Model, Moment, db, partial_index, transaction, utcnow
from webapp.jobs import Job
from webapp.jobs.catalog import CATALOG

if TYPE_CHECKING:
    from webapp.models.user import User

VERBS = (
    "uploaded", "edited", "replaced", "trashed", "restored", "deleted",
    "made", "saved", "published", "unpublished", "removed",
    "added", "hid", "showed", "moved", "ordered", "switched on", "switched off", "backfilled", "undid",
    "queued", "ran", "cancelled", "retried", "discarded", "paused", "resumed", "tested",
    "invited", "joined", "gave role", "disabled", "enabled", "made link", "made token", "revoked token",
    "changed password", "signed in", "signed out", "failed sign-in",
)  # fmt: skip
COMMAND_LINE, SOMEBODY = "command line", "somebody"
AN_HOUR = timedelta(hours=1)
TIMES = re.compile(r" ([\d,]+) times within an hour$")
MOST_IDS = 20  # of jobs or pictures that one line names

_in_background: ContextVar[bool] = ContextVar("in_background", default=False)
_on_behalf_of: ContextVar[User | None] = ContextVar("on_behalf_of", default=None)


class Entry(Model):
    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_at", "at"),
        Index("ix_audit_log_subject", "subject", "id"),
        Index("ix_audit_log_user_id", "user_id", "id"),
        partial_index("ix_audit_log_item", "item", "id", where="item IS NOT NULL"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    user_id: Mapped[int | None] = mapped_column(BigId)  # refers to nothing: a row outlives whatever it is about
    who: Mapped[str] = mapped_column(String(254))  # the e-mail address at that time
    verb: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str | None] = mapped_column(String(100))  # what was changed, like "gallery:5"
    item: Mapped[str | None] = mapped_column(String(100))  # with which other thing, like the "media:42" that was hidden
    title: Mapped[str] = mapped_column(Text)  # of the subject, at that time
    words: Mapped[str] = mapped_column(Text)  # what the person did, to be read after their name
    address: Mapped[str | None] = mapped_column(String(45))  # that it came from, in the network

    @property
    def name(self) -> str:
        """What other people see: "ann" of ann@example.org."""
        return self.who.partition("@")[0]


WRITTEN = insert(cast(Table, Entry.__table__))


class Thing(Protocol):
    """What a change can be about: a media, page, gallery, webhook or user."""

    @property
    def subject(self) -> str: ...

    @property
    def title(self) -> str: ...


class Named(NamedTuple):
    """A thing that is no row, or not any more."""

    subject: str
    title: str


def note(
    verb: str,
    about: Thing | Named | None = None,
    words: str = "",
    *,
    item: str | None = None,
    by: User | None = None,
) -> None:
    """Keep that whoever asks did this, in the running transaction; the line of words begins with a verb.

    Says nothing when no person asks. `by` is for those who are not signed in yet.
    """
    if verb not in VERBS:
        raise ValueError(f"Add {verb!r} to the verbs of the audit log.")
    who = (by.id, by.email) if by else caller()
    if who is not None:
        write(who, verb, about, words, item)


def caller() -> tuple[int | None, str] | None:
    """Who asks, as id and text; None for the background, unless it does what a person began."""
    if user := _on_behalf_of.get():
        return user.id, user.email
    if _in_background.get():
        return None
    if has_request_context():
        return g.get("caller") or remember_caller()
    return (None, COMMAND_LINE) if click.get_current_context(silent=True) else None


def remember_caller() -> tuple[int, str] | None:
    """Of the running request; later, within a transaction, their row would have to be read anew."""
    g.caller = (current_user.id, current_user.email) if current_user.is_authenticated else None
    found: tuple[int, str] | None = g.caller
    return found


@contextmanager
def in_background() -> Iterator[None]:
    """What is done here is not noted, although a person may have asked to run it here and now."""
    token = _in_background.set(True)
    try:
        yield
    finally:
        _in_background.reset(token)


@contextmanager
def on_behalf_of(user: User | None) -> Iterator[None]:
    """What is done here is noted as theirs, although a job does it: they have sent the file, and it is taken now."""
    token = _on_behalf_of.set(user)
    try:
        yield
    finally:
        _on_behalf_of.reset(token)


def write(
    who: tuple[int | None, str], verb: str, about: Thing | Named | None, words: str, item: str | None = None
) -> None:
    title = about.title if about else ""
    line = {
        "user_id": who[0],
        "who": who[1],
        "verb": verb,
        "subject": about.subject if about else None,
        "item": item,
        "title": title,
        "words": words or f"{verb} {title}".strip(),
        "address": network_address(),
    }
    with transaction() as session:
        session.connection().execute(WRITTEN, line)  # past the session's bookkeeping, for which each upload would wait


def write_counted(who: tuple[int | None, str], verb: str, about: Thing | Named | None, words: str) -> None:
    """For what anybody may do again and again: one line an hour for the same from one address, saying how often."""
    with transaction() as session:
        same = (Entry.verb == verb, Entry.user_id.is_not_distinct_from(who[0]))
        from_there = Entry.address.is_not_distinct_from(network_address())
        of_late = select(Entry).where(Entry.at > utcnow() - AN_HOUR, *same, from_there).order_by(Entry.at.desc())
        line = session.scalar(of_late.limit(1).with_for_update())
        if line is None:
            write(who, verb, about, words)
        else:
            line.words = f"{words} {_times(line.words) + 1:,} times within an hour"


def _times(words: str) -> int:
    found = TIMES.search(words)
    return int(found[1].replace(",", "")) if found else 1


def network_address() -> str | None:
    """Where the request comes from, if it is theirs. A proxy that is trusted may pass on anything."""
    theirs = has_request_context() and _on_behalf_of.get() is None
    address = request.remote_addr if theirs else None
    return address.replace("\0", "")[:45] if address else None


def listed(things: Sequence[str]) -> str:
    """As a sentence names them: "alt text, caption and tags"."""
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last


def note_pictures(verb: str, words: str, media_ids: Sequence[int]) -> None:
    """One line for what was done to many at once; none, when it was done to none."""
    if media_ids:
        note(verb, None, f"{words}: {numbered(media_ids)}")


def numbered(ids: Sequence[int]) -> str:
    return ", ".join(f"#{each}" for each in sorted(ids)[:MOST_IDS]) + (" and more" if len(ids) > MOST_IDS else "")


def note_jobs(verb: str, *, ids: Sequence[int]) -> None:
    """Of the job layer's signal. One job is named, with what it is about; many are counted."""
    if not ids or caller() is None:
        return
    if len(ids) > 1:
        note(verb, None, f"{verb} {len(ids):,} jobs: {numbered(ids)}")
        return
    job = db.session.get(Job, ids[0])
    work = CATALOG.get(job.slug) if job else None
    title = f"{work.label if work else job.slug if job else 'Job'} #{ids[0]}"
    note(verb, Named(f"job:{ids[0]}", title), f"{verb} the job “{title}”", item=job.subject if job else None)


def note_queue(verb: str, *, name: str) -> None:
    note(verb, Named(f"queue:{name}", name), f"{verb} the queue “{name}”")


def history_of(*subjects: str, limit: int = 10) -> list[Entry]:
    """What people did to these things and with them, newest first."""
    found = select(Entry).where(or_(Entry.subject.in_(subjects), Entry.item.in_(subjects)))
    return list(db.session.scalars(found.order_by(Entry.id.desc()).limit(limit)))

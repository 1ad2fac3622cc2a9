"""The audit log: who changed what and when, with filters in the address. For admins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, render_template, url_for
from sqlalchemy import ColumnElement, or_, select, true

from webapp.admin import asked
from webapp.admin.job_views import SUBJECTS, is_id
from webapp.database import db
from webapp.jobs import Job
from webapp.models.audit import VERBS, Entry, history_of
from webapp.models.gallery import Gallery
from webapp.models.page import Page
from webapp.models.post import Post
from webapp.models.user import User
from webapp.security import ADMIN, access

blueprint = Blueprint("audit", __name__, url_prefix="/admin/audit")
blueprint.add_app_template_global(history_of)

PER_PAGE = 50
KINDS: dict[str, tuple[type[Any], str, str, str]] = SUBJECTS | {
    "job": (Job, "Job", "jobs.show", "job_id"),
    "person": (User, "Person", "people.show", "user_id"),
}
CAN_BE_OPENED: dict[str, ColumnElement[bool]] = {
    "page": Page.deleted_at.is_(None),
    "post": Post.deleted_at.is_(None),
    "gallery": Gallery.page.has(Page.deleted_at.is_(None)),
}
NAMES = ("person", "verb", "subject", "from", "to", "q")


@dataclass(frozen=True)
class Filters:
    """What the address asks for; a date or a verb that can't be is left out."""

    asked: dict[str, str]

    @classmethod
    def of_address(cls) -> Filters:
        typed = {name: asked.search(name) for name in NAMES}
        fits = {"verb": VERBS.__contains__, "from": day_of, "to": day_of}
        return cls({name: value for name, value in typed.items() if value and fits.get(name, bool)(value)})

    def conditions(self) -> list[ColumnElement[bool]]:
        makers = {
            "person": lambda who: Entry.who.istartswith(who, autoescape=True),
            "verb": lambda verb: Entry.verb == verb,
            "subject": is_about,
            "from": lambda typed: Entry.at >= start_of(typed),
            "to": lambda typed: Entry.at < start_of(typed) + timedelta(days=1),
            "q": lambda q: or_(Entry.words.icontains(q, autoescape=True), Entry.title.icontains(q, autoescape=True)),
        }
        return [makers[name](value) for name, value in self.asked.items()]


def day_of(typed: str) -> date | None:
    """A day of a year that every part of the program can reckon with."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 9000 else None


def start_of(typed: str) -> datetime:
    return datetime.combine(day_of(typed) or date.today(), time(), UTC)


def is_about(subject: str) -> ColumnElement[bool]:
    """One thing, like "media:42", or a whole kind, like "media"."""
    if subject in (*KINDS, "queue"):
        return Entry.subject.startswith(f"{subject}:")
    return or_(Entry.subject == subject, Entry.item == subject)


@blueprint.get("")
@access(ADMIN)
def index() -> str:
    filters = Filters.of_address()
    found = asked.paged(select(Entry).where(*filters.conditions()).order_by(Entry.id.desc()), PER_PAGE)
    return render_template(
        "audit/index.html",
        found=found,
        filters=filters.asked,
        verbs=VERBS,
        kinds={kind: word for kind, (_, word, _, _) in KINDS.items()} | {"queue": "Queue"},
        links=links_of(found.items),
    )


def links_of(entries: list[Entry]) -> dict[str, str]:
    """By subject, the addresses of those that can still be opened; one query for each kind."""
    subjects = {entry.subject for entry in entries if entry.subject}
    found = {}
    for kind, (model, _, endpoint, key) in KINDS.items():
        ids = {int(number) for name in subjects if is_id(number := name.removeprefix(f"{kind}:"))}
        for row_id in db.session.scalars(select(model.id).where(model.id.in_(ids), CAN_BE_OPENED.get(kind, true()))):
            found[f"{kind}:{row_id}"] = url_for(endpoint, **{key: row_id})
    return found | {name: url_for("queues.index") for name in subjects if name.startswith("queue:")}

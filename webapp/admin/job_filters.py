"""Which jobs an address asks for: those of a state, a queue, a task, or about something."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select

from webapp.admin import asked
from webapp.admin.job_views import SUBJECTS
from webapp.database import db
from webapp.jobs.job import Job
from webapp.jobs.states import STATUSES
from webapp.jobs.where import conditions
from webapp.models.gallery import Gallery
from webapp.models.media import Media
from webapp.models.page import Page

NAMES = {"queue": "queue", "task": "slug", "subject": "subject", "schedule": "schedule"}  # here and in jobs.where
ABOUT = "about"  # words: in a title, or the number of a job
TITLES = {"media": (Media.alt, Media.filename), "page": (Page.title,), "gallery": (Gallery.title,)}


@dataclass(frozen=True)
class JobFilter:
    status: str | None
    named: dict[str, str]  # those that are set, as in the address

    @classmethod
    def asked(cls) -> JobFilter:
        status = request.args.get("status")
        typed = {name: asked.search(name) for name in (*NAMES, ABOUT)}
        return cls(status if status in STATUSES else None, {name: value for name, value in typed.items() if value})

    @property
    def address(self) -> dict[str, str]:
        """For url_for."""
        return ({"status": self.status} if self.status else {}) | self.named

    def whatever_status(self) -> list[ColumnElement[bool]]:
        found = conditions({NAMES[name]: value for name, value in self.named.items() if name in NAMES})
        return [*found, is_about(self.named[ABOUT])] if ABOUT in self.named else found

    def conditions(self) -> list[ColumnElement[bool]]:
        return self.whatever_status() + ([Job.status == self.status] if self.status else [])


def is_about(words: str) -> ColumnElement[bool]:
    """By the title of what it is about, or as "#42" the job of that number."""
    number = words.removeprefix("#")
    if number != words and number.isdecimal() and len(number) < 19:
        return Job.id == int(number)
    titled = [Job.subject.in_(_subjects(kind, words)) for kind in TITLES]
    return or_(Job.subject == words, *titled)


def _subjects(kind: str, words: str) -> Select[str]:
    subject = literal(f"{kind}:") + cast(SUBJECTS[kind][0].id, String)
    return select(subject).where(or_(*(title.icontains(words, autoescape=True) for title in TITLES[kind])))


def counts_by_status(wanted: list[ColumnElement[bool]]) -> dict[str, int]:
    """Every status is there."""
    rows = db.session.execute(select(Job.status, func.count()).where(*wanted).group_by(Job.status))
    found = dict(rows.all())
    return {status: found.get(status, 0) for status in STATUSES}

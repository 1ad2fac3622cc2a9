"""A job as people read it: what, about what, its state in words, its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_login import current_user
from sqlalchemy import select

from webapp.database import db, utcnow
from webapp.jobs.catalog import CATALOG
from webapp.jobs.job import Job
from webapp.jobs.pausing import paused
from webapp.jobs.states import CANCELLED, FAILED, QUEUED, RUNNING, SUCCEEDED
from webapp.models.batch import Batch
from webapp.models.export import Export
from webapp.models.gallery import Gallery
from webapp.models.media import Media
from webapp.models.page import Page
from webapp.models.post import Post
from webapp.models.user import User
from webapp.models.webhook import Webhook

LOOKS = {QUEUED: "waiting", RUNNING: "working", SUCCEEDED: "done", FAILED: "failed", CANCELLED: "cancelled"}
SUBJECTS: dict[str, tuple[type[Any], str, str, str]] = {
    "media": (Media, "Picture", "media.show", "media_id"),
    "page": (Page, "Page", "pages.edit", "page_id"),
    "post": (Post, "Post", "posts.edit", "post_id"),
    "gallery": (Gallery, "Gallery", "galleries.edit", "gallery_id"),
    "batch": (Batch, "Upload", "batches.show", "batch_id"),
    "export": (Export, "Export", "exports.index", "export"),
    "webhook": (Webhook, "Webhook", "webhooks.show", "webhook_id"),
}
FOR_ADMINS = {"export", "webhook"}  # others are told what it is, without a link
LONGEST_LINE = 200  # characters of an error in the list


@dataclass(frozen=True)
class Subject:
    """What a job is about; without a URL when it is gone."""

    words: str
    url: str | None


@dataclass(frozen=True)
class JobView:
    job: Job
    subject: Subject | None
    asked_by: str | None

    @property
    def what(self) -> str:
        task = CATALOG.get(self.job.slug)
        return task.label if task else self.job.slug

    @property
    def look(self) -> str:
        """As of webapp.models.progress.Progress.state: icon and colour."""
        return "retrying" if self.job.will_retry else LOOKS[self.job.status]

    @property
    def state(self) -> str:
        return "Failed, will be tried again" if self.job.will_retry else self.job.status.capitalize()

    @property
    def waits_until(self) -> datetime | None:
        later = self.job.status == QUEUED and self.job.wait_until is not None and self.job.wait_until > utcnow()
        return self.job.wait_until if later else None

    @property
    def error_line(self) -> str | None:
        """Why it failed, in a line; what no editor can read only for those who may see it."""
        if self.job.reason or not self.job.error:
            return self.job.reason
        return self.job.error.strip().splitlines()[-1][:LONGEST_LINE] if current_user.may_edit else None

    @property
    def succeeded(self) -> bool:
        return self.job.status == SUCCEEDED

    @property
    def can_retry(self) -> bool:
        return self.job.status in (FAILED, CANCELLED)

    @property
    def can_run_now(self) -> bool:
        task = CATALOG.get(self.job.slug)
        return self.job.status == QUEUED and not (task and task.moment and self.waits_until)

    @property
    def can_cancel(self) -> bool:
        return not self.job.settled

    @property
    def took(self) -> timedelta | None:
        job = self.job
        return job.completed_at - job.started_at if job.completed_at and job.started_at else None


def views_of(jobs: Sequence[Job]) -> list[JobView]:
    """With one query for each kind of thing that they are about."""
    subjects = subjects_of({job.subject for job in jobs if job.subject})
    names = names_of({job.created_by for job in jobs if job.created_by})
    return [JobView(job, subjects.get(job.subject or ""), names.get(job.created_by or 0)) for job in jobs]


def subjects_of(names: set[str]) -> dict[str, Subject]:
    """For "media:42" its title and address; a subject of a kind that is not known is shown as it is."""
    found: dict[str, Subject] = {name: Subject(name, None) for name in names}
    for kind, (model, word, endpoint, key) in SUBJECTS.items():
        ids = {int(number) for name in names if is_id(number := name.removeprefix(f"{kind}:"))}
        found |= {f"{kind}:{number}": Subject(f"{word} {number}, gone", None) for number in ids}
        may_open = kind not in FOR_ADMINS or current_user.may_administer
        for row in db.session.scalars(select(model).where(model.id.in_(ids))):
            url = url_for(endpoint, **{key: row.id}) if may_open else None
            found[f"{kind}:{row.id}"] = Subject(row.title or f"{word} {row.id}", url)
    return found


def is_id(number: str) -> bool:
    return number.isdecimal() and len(number) < 19


@dataclass(frozen=True)
class Obstacle:
    """Why a job that is due is not begun."""

    words: str
    job_id: int | None = None  # the one it waits for


def why_it_waits(job: Job) -> Obstacle | None:
    if job.status != QUEUED:
        return None
    if state := paused().get(job.queue):
        return Obstacle(f"Its queue is paused{f' by {state.paused_by}' if state.paused_by else ''}.")
    if job.exclusive and (other := running_of(job.concurrency_key)):
        return Obstacle("Only one of its key runs at a time. It waits for job", other)
    return None


def running_of(key: str | None) -> int | None:
    return db.session.scalar(select(Job.id).where(Job.concurrency_key == key, Job.exclusive, Job.status == RUNNING))


def names_of(user_ids: set[int]) -> dict[int, str]:
    return {user.id: user.name for user in db.session.scalars(select(User).where(User.id.in_(user_ids)))}

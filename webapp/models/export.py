"""Exports: pictures that somebody takes along as one file, made in the background and kept for a day."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    column,
    delete,
    func,
    insert,
    literal,
    select,
)  # fmt: skip
from sqlalchemy.orm import Mapped, lazyload, mapped_column

from webapp.database import BigId, Model, Moment, db, transaction, utcnow
from webapp.jobs import Job, WrongState, cancel_by_id, queue, retry_by_id
from webapp.jobs.states import SUCCEEDED
from webapp.models.media import Media
from webapp.models.user import User
from webapp.storage import EXPORTS

EXPORT = "exportLibrary"
ZIP, CSV = FORMS = ("zip", "csv")
MIME_TYPES = {ZIP: "application/zip", CSV: "text/csv"}
KEPT_FOR = timedelta(hours=24)  # then its file is an orphan, which is collected
REMEMBERED_FOR = timedelta(days=7)  # then its row goes too


class NothingToExport(ValueError):
    """No picture was chosen."""


class Export(Model):
    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint(column("form").in_(FORMS), name="form"),
        CheckConstraint("(storage_key IS NULL) = (kept_until IS NULL)", name="file_is_kept_until"),
        Index("ix_exports_created_by_id", "created_by", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    form: Mapped[str] = mapped_column(String(3))
    title: Mapped[str] = mapped_column(Text)  # what was chosen, in words
    choice: Mapped[str] = mapped_column(String(64))  # digest of it, by which a second press of the button is known
    planned: Mapped[int]  # pictures
    planned_bytes: Mapped[int] = mapped_column(BigId)
    done: Mapped[int] = mapped_column(default=0)
    done_bytes: Mapped[int] = mapped_column(BigId, default=0)
    missing: Mapped[int] = mapped_column(default=0)  # pictures whose file was not there
    storage_key: Mapped[str | None] = mapped_column(String(200), unique=True)  # once it is ready
    filesize: Mapped[int | None] = mapped_column(BigId)  # bytes
    kept_until: Mapped[datetime | None] = mapped_column(Moment)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)

    @property
    def subject(self) -> str:
        return f"export:{self.id}"

    @property
    def is_kept(self) -> bool:
        return self.kept_until is not None and self.kept_until > utcnow()

    @property
    def download_name(self) -> str:
        return f"gallerist-{self.created_at:%Y-%m-%d}-{self.id}.{self.form}"


class ExportMedia(Model):
    """One picture of an export: those that were found when it was asked for, whatever is uploaded meanwhile."""

    __tablename__ = "export_media"
    __table_args__ = ({"sqlite_with_rowid": False},)

    export_id: Mapped[int] = mapped_column(ForeignKey("exports.id", ondelete="CASCADE"), primary_key=True)
    media_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)  # it may be gone since


def start_export(form: str, found: Select[Any], title: str, choice: str, *, by: int) -> Export:
    """The export of these pictures and its job; the one that is being made already, if they asked for it just now.

    `found` selects media, with whatever loads along; `choice` tells it from other choices. Raises NothingToExport.
    """
    digest = hashlib.sha256(choice.encode()).hexdigest()
    with transaction() as session:
        session.execute(delete(Export).where(Export.created_at < utcnow() - REMEMBERED_FOR))
        if same := _same_being_made(form, digest, by):
            return same
        export = Export(form=form, title=title, choice=digest, planned=0, planned_bytes=0, created_by=by)
        session.add(export)
        session.flush()
        picked = found.options(lazyload("*")).order_by(None).subquery()
        chosen = select(literal(export.id), picked.c.id)
        session.execute(insert(ExportMedia).from_select(["export_id", "media_id"], chosen))
        _plan(export)
        if not export.planned:
            raise NothingToExport("No picture fits this choice, so there is nothing to export.")
        _queue(export, by)
        return export


def _same_being_made(form: str, digest: str, by: int) -> Export | None:
    """Somebody pressed the button twice."""
    newest = select(Export).where(Export.created_by == by).order_by(Export.id.desc()).limit(1)
    export = db.session.scalar(newest)
    if export is None or (export.form, export.choice) != (form, digest):
        return None
    job = newest_jobs([export]).get(export.id)
    return export if job is not None and not job.settled else None


def _plan(export: Export) -> None:
    """Count what is to be done: those that are in the trash by now are left out."""
    counted = select(func.count(), func.coalesce(func.sum(Media.filesize), 0)).where(*pictures_of(export.id))
    export.planned, export.planned_bytes = db.session.execute(counted).one()
    export.done = export.done_bytes = export.missing = 0
    export.storage_key = export.filesize = export.kept_until = None


def pictures_of(export_id: int) -> tuple[Any, ...]:
    """Of media: that they belong to this export."""
    chosen = select(ExportMedia.media_id).where(ExportMedia.export_id == export_id)
    return Media.id.in_(chosen), Media.deleted_at.is_(None)


def _queue(export: Export, by: int | None) -> Job:
    return queue(EXPORT, {"exportId": export.id}, subject=export.subject, created_by=by)


def newest_jobs(exports: list[Export]) -> dict[int, Job]:
    """By the id of the export; jobs are pruned."""
    ids = {export.subject: export.id for export in exports}
    newest = select(func.max(Job.id)).where(Job.subject.in_(ids), Job.task_slug == EXPORT).group_by(Job.subject)
    return {ids[job.subject or ""]: job for job in db.session.scalars(select(Job).where(Job.id.in_(newest)))}


def exports_seen_by(user: User) -> Select[Export]:
    """Newest first: one's own, and everybody's for admins."""
    found = select(Export).order_by(Export.id.desc())
    return found if user.may_administer else found.where(Export.created_by == user.id)


def find_export(export_id: int, user: User) -> Export:
    """Raises LookupError when there is none that this person may see."""
    export = db.session.scalar(exports_seen_by(user).where(Export.id == export_id))
    if export is None:
        raise LookupError(f"There is no export {export_id} of yours.")
    return export


def cancel_export(export: Export, reason: str) -> bool:
    """False when there was nothing left to cancel."""
    job = newest_jobs([export]).get(export.id)
    if job is None or job.settled:
        return False
    try:
        cancel_by_id(job.id, reason)
    except (LookupError, WrongState):  # it ended in this very moment
        return False
    return True


def make_again(export: Export, reason: str, *, by: int) -> bool:
    """Try what failed or was cancelled once more, or make anew what is no longer kept; False when it is at it."""
    with transaction():
        job = newest_jobs([export]).get(export.id)
        if export.is_kept or (job is not None and not job.settled and not job.will_retry):
            return False
        if job is None or job.status == SUCCEEDED:
            _queue(export, by)
        else:
            retry_by_id(job.id, reason)
        return True


def begin_export(export_id: int) -> Export:
    """Counted anew, in the caller's transaction. Raises LookupError."""
    export = db.session.get(Export, export_id)
    if export is None:
        raise LookupError(f"There is no export {export_id}.")
    if not export.is_kept:
        _plan(export)
    return export


def record_progress(export_id: int, done: int, done_bytes: int) -> None:
    """In the caller's transaction."""
    export = db.session.get_one(Export, export_id)
    export.done, export.done_bytes = done, done_bytes


def new_export_key(form: str) -> str:
    """Another one for each try, so that two workers never write one file."""
    return f"{EXPORTS}/{secrets.token_hex(16)}.{form}"


def finish_export(export_id: int, key: str, filesize: int, done: int, missing: int) -> None:
    """It can be fetched from now on. In the caller's transaction. Raises LookupError."""
    export = db.session.get(Export, export_id)
    if export is None:
        raise LookupError(f"There is no export {export_id}.")
    export.done, export.done_bytes, export.missing = done, export.planned_bytes, missing
    export.storage_key, export.filesize, export.kept_until = key, filesize, utcnow() + KEPT_FOR

"""Uploads that go from the browser straight into the bucket: announced here, checked later by a job that reads them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, Model, Moment, db, transaction, utcnow
from webapp.jobs import Job, queue
from webapp.jobs.states import CANCELLED, FAILED
from webapp.models.batch import Place
from webapp.models.media import Media
from webapp.models.progress import subject_of
from webapp.storage import INCOMING

TASK = "takeDirectUpload"
OPEN_FOR = timedelta(hours=12)  # then nobody may say any more that it is there; its file is collected after a day
REMEMBERED_FOR = timedelta(days=7)  # after its end

OPEN, WAITING, FAILED_FOR_GOOD = "open", "waiting", "failed"  # before there is a fate, as of webapp/models/batch.py
WORDS = {
    OPEN: "Not all of it was sent yet.",
    WAITING: "Uploaded, being checked.",
    FAILED_FOR_GOOD: "It could not be checked. Upload it again.",
}


class DirectUpload(Model):
    __tablename__ = "direct_uploads"
    __table_args__ = (
        CheckConstraint("(settled_at IS NULL) = (fate IS NULL)", name="settled_with_a_fate"),
        Index("ix_direct_uploads_created_at", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    storage_key: Mapped[str] = mapped_column(String(200), unique=True)  # where the browser puts it, made by us
    filename: Mapped[str] = mapped_column(Text)
    mime_type: Mapped[str] = mapped_column(String(50))  # as the browser calls it; what it is, its content says
    filesize: Mapped[int] = mapped_column(BigId)  # bytes, no more and no fewer
    alt: Mapped[str] = mapped_column(Text, default="")
    caption: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    allow_duplicate: Mapped[bool] = mapped_column(default=False)
    gallery_id: Mapped[int | None] = mapped_column(BigId)  # to hang it into; it may be gone by then
    batch_id: Mapped[int | None] = mapped_column(BigId)
    batch_number: Mapped[int | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    completed_at: Mapped[datetime | None] = mapped_column(Moment)  # when the browser said that all of it is there
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    fate: Mapped[str | None] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text, default="")
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="SET NULL"), index=True)

    @property
    def subject(self) -> str:
        return f"upload:{self.id}"

    @property
    def place(self) -> Place | None:
        if self.batch_id is None or self.batch_number is None:
            return None
        return Place(self.batch_id, self.batch_number)

    @property
    def media(self) -> Media | None:
        return db.session.get(Media, self.media_id) if self.media_id else None


def open_direct_upload(place: Place | None = None, **facts: object) -> DirectUpload:
    """One that is about to be sent; `facts` are columns."""
    key = f"{INCOMING}/{secrets.token_hex(16)}"
    batch = {"batch_id": place.batch_id, "batch_number": place.number} if place else {}
    upload = DirectUpload(storage_key=key, **batch, **facts)
    with transaction() as session:
        session.add(upload)
    return upload


def find_direct_upload(upload_id: int, by: int) -> DirectUpload:
    """One's own. Raises LookupError."""
    upload = db.session.get(DirectUpload, upload_id)
    if upload is None or upload.created_by != by:
        raise LookupError(f"There is no upload {upload_id} of yours.")
    return upload


def complete(upload_id: int, by: int) -> DirectUpload:
    """The browser says that all of it is there: have it checked, once. Raises LookupError."""
    with transaction() as session:
        upload = find_direct_upload(upload_id, by)
        session.refresh(upload, with_for_update=True)
        if upload.completed_at is None:
            if upload.created_at < utcnow() - OPEN_FOR:
                raise LookupError(f"The upload {upload_id} was given up. Begin anew.")
            upload.completed_at = utcnow()
            queue(TASK, {"uploadId": upload.id}, subject=upload.subject, created_by=by)
        return upload


def state_of(upload: DirectUpload) -> tuple[str, str]:
    """In one word of the contract, and in words."""
    if upload.fate:
        return upload.fate, upload.words
    if upload.completed_at is None:
        return OPEN, WORDS[OPEN]
    job = job_of(upload)
    state = FAILED_FOR_GOOD if job is None or job.status in (FAILED, CANCELLED) else WAITING
    return state, WORDS[state]


def job_of(upload: DirectUpload) -> Job | None:
    """That checks it; jobs are pruned."""
    found = select(Job).where(Job.subject == upload.subject, Job.task_slug == TASK)
    return db.session.scalar(found.order_by(Job.id.desc()).limit(1))


def settle(upload: DirectUpload, fate: str, words: str, media: Media | None) -> None:
    """In the caller's transaction."""
    upload.settled_at, upload.fate, upload.words = utcnow(), fate, words
    upload.media_id = media.id if media else None


def forget_direct_uploads() -> None:
    """Those that were never sent, and those of which nobody asks any more: their files are orphans from now on.

    One that was sent and not taken yet is kept for as long as there is its job, which may wait or be tried again.
    """
    long_ago = utcnow() - REMEMBERED_FOR
    never_sent = DirectUpload.completed_at.is_(None) & (DirectUpload.created_at < utcnow() - 2 * OPEN_FOR)
    never_taken = DirectUpload.settled_at.is_(None) & (DirectUpload.completed_at < long_ago) & ~_has_job()
    with transaction() as session:
        session.execute(delete(DirectUpload).where(never_sent | never_taken | (DirectUpload.settled_at < long_ago)))


def _has_job() -> ColumnElement[bool]:
    its_own = (Job.task_slug == TASK, Job.subject == subject_of("upload", DirectUpload.id))
    return select(Job.id).where(*its_own).correlate(DirectUpload).exists()

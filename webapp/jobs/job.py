"""The job row: the truth about one request to run something in the background."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Table, Text, column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import BigId, Model, Moment, partial_index, utcnow
from webapp.jobs.states import CANCELLED, QUEUED, SETTLED, STATUSES
from webapp.logs import request_id

STOPPED_BY = "Stopped by "  # and who; no other reason begins so


def stopped_by(who: str) -> str:
    """The reason for cancelling a job that a person gives."""
    return f"{STOPPED_BY}{who}."


class Job(Model):
    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(column("status").in_(STATUSES), name="status"),
        CheckConstraint("(status = 'running') = (token IS NOT NULL)", name="only_running_has_token"),
        CheckConstraint("(token IS NULL) = (lease_until IS NULL)", name="token_has_lease"),
        CheckConstraint("(task_slug IS NULL) <> (workflow_slug IS NULL)", name="task_or_workflow"),
        # Two workers that claim two jobs of one key in the same moment: the database lets one of them.
        partial_index(
            "uq_jobs_exclusive_key", "concurrency_key", where="exclusive AND status = 'running'", unique=True
        ),
        partial_index("ix_jobs_waiting_keys", "concurrency_key", "id", where="status = 'queued'"),
        partial_index("ix_jobs_queued", "queue", "priority", "id", where="status = 'queued'"),
        partial_index("ix_jobs_leases", "lease_until", where="status = 'running'"),
        Index("ix_jobs_status_id", "status", "id"),
        Index("ix_jobs_subject_id", "subject", "id"),
        Index("ix_jobs_completed_at", "completed_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task_slug: Mapped[str | None] = mapped_column(String(100))
    workflow_slug: Mapped[str | None] = mapped_column(String(100))
    input: Mapped[dict[str, Any]] = mapped_column(JSON)
    queue: Mapped[str] = mapped_column(String(50))
    priority: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(10), default=QUEUED)
    total_tried: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[datetime | None] = mapped_column(Moment)
    token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    rang_at: Mapped[datetime | None] = mapped_column(Moment)
    concurrency_key: Mapped[str | None] = mapped_column(String(200))
    exclusive: Mapped[bool] = mapped_column(default=False)  # one job of its key runs at a time
    schedule: Mapped[str | None] = mapped_column(String(200))  # the one that queued it
    meta: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # whatever the caller wants to remember
    output: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[str | None] = mapped_column(Text)  # for whoever looks after the site
    reason: Mapped[str | None] = mapped_column(Text)  # the same in words for an editor, where they are known
    subject: Mapped[str | None] = mapped_column(String(100))
    created_by: Mapped[int | None] = mapped_column(BigId)
    request_id: Mapped[str | None] = mapped_column(String(64), default=request_id)  # in whose log lines it stands
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    completed_at: Mapped[datetime | None] = mapped_column(Moment)

    log: Mapped[list[JobLog]] = relationship(
        back_populates="job", order_by="JobLog.id", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def slug(self) -> str:
        return self.task_slug or self.workflow_slug or ""

    @property
    def settled(self) -> bool:
        return self.status in SETTLED

    @property
    def will_retry(self) -> bool:
        return self.status == QUEUED and self.error is not None

    @property
    def was_stopped(self) -> bool:
        """By a person; not by a newer job that replaced it, nor by its own task, which found nothing left to do."""
        return self.status == CANCELLED and (self.reason or "").startswith(STOPPED_BY)

    @property
    def rq_id(self) -> str:
        return rq_id(self.slug, self.id)


JOBS = cast(Table, Job.__table__)  # statements on it pass by the session's bookkeeping


def rq_id(slug: str, job_id: int) -> str:
    """The id of its ring in RQ: speaks of the task, and a second ring replaces the first."""
    return f"{slug}-{job_id}"


class JobLog(Model):
    """One line of a job's history; never changed after it was written.

    Lines of a step name it: (parent, task_slug, step) is the key under which its output is remembered.
    """

    __tablename__ = "job_log"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    event: Mapped[str] = mapped_column(String(20))  # succeeded failed crashed released cancelled retried edited noted
    attempt: Mapped[int]
    task_slug: Mapped[str | None] = mapped_column(String(100))
    step: Mapped[str | None] = mapped_column(String(100))
    parent: Mapped[str | None] = mapped_column(String(300))  # of a sub-step: the step that asked for it
    input: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    output: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    message: Mapped[str | None] = mapped_column(Text)
    worker: Mapped[str | None] = mapped_column(String(200))
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    at: Mapped[datetime] = mapped_column(Moment, default=utcnow)

    job: Mapped[Job] = relationship(back_populates="log")

    @property
    def is_in_words(self) -> bool:
        """Its message is for everybody, and not that of an exception."""
        may_be_of_program = self.step is not None or self.event in ("failed", "noted")
        return not may_be_of_program or self.message == self.job.reason


class SweepState(Model):
    """The one row that keeps two sweeps from running at once and says when the last one ran."""

    __tablename__ = "sweep_state"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    completed_at: Mapped[datetime | None] = mapped_column(Moment)
    report: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))


class PausedQueue(Model):
    """A queue of which nothing is claimed until somebody resumes it."""

    __tablename__ = "paused_queues"

    queue: Mapped[str] = mapped_column(String(50), primary_key=True)
    paused_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    paused_by: Mapped[str | None] = mapped_column(String(254))


class ScheduleState(Model):
    """The last tick of a schedule that was taken care of; its compare-and-set keeps two sweeps from doing it twice."""

    __tablename__ = "job_schedules"

    schedule: Mapped[str] = mapped_column(String(200), primary_key=True)
    last_tick: Mapped[datetime] = mapped_column(Moment)

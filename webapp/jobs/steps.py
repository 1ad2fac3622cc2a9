"""The memory of workflows: a line of the log for each try of a step, with the output of the one that succeeded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.database import db, transaction, utcnow
from webapp.jobs import log
from webapp.jobs.job import JobLog
from webapp.jobs.lease import Claim, hold
from webapp.jobs.retries import StepKey, is_step


@dataclass(frozen=True)
class Remembered:
    output: Any


def recall(job_id: int, step: StepKey) -> Remembered | None:
    """The output of a finished step; None when it has not finished since the input was last edited."""
    of_job = JobLog.job_id == job_id
    edited = select(func.coalesce(func.max(JobLog.id), 0)).where(of_job, JobLog.event == "edited")
    finished = select(JobLog.output).where(of_job, *is_step(step), JobLog.event == "succeeded")
    newest = finished.where(JobLog.id > edited.scalar_subquery()).order_by(JobLog.id.desc()).limit(1)
    row = db.session.execute(newest).one_or_none()
    return Remembered(row.output) if row else None


def remember(held: Claim, step: StepKey, started_at: datetime, input: Any, output: Any) -> None:
    """The step is done, in the same transaction as its effect. Raises LeaseLost."""
    hold(held)  # again, as the effect itself may have cancelled the job
    _write(held, step, "succeeded", None, started_at, input=input, output=output)


def note_failure(held: Claim, step: StepKey, started_at: datetime, input: Any, error: str) -> None:
    """Raises LeaseLost."""
    with transaction():
        hold(held)
        _write(held, step, "failed", error, started_at, input=input)


def _write(held: Claim, step: StepKey, event: str, message: str | None, started_at: datetime, **more: Any) -> None:
    about = {"task_slug": step.task_slug, "step": step.step, "parent": step.parent_path, "worker": held.worker}
    log.write(held.job_id, event, held.attempt, message, started_at=started_at, at=utcnow(), **about, **more)

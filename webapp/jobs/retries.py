"""Is there a retry left after this failed try, and when?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from webapp.database import db
from webapp.jobs.catalog import CATALOG
from webapp.jobs.job import JobLog
from webapp.jobs.policy import Backoff, Task, Workflow

BEGIN_ANEW = ("retried", "edited")  # events after which all tries are there again


@dataclass(frozen=True)
class StepKey:
    """Under what a step of a workflow is remembered. An inline step has no task; a sub-step has a parent."""

    step: str
    task_slug: str | None = None
    parent: StepKey | None = None

    @property
    def path(self) -> str:
        """In words, and in its sub-steps' lines of the log."""
        return path_of(self.step, self.task_slug, self.parent_path)

    @property
    def parent_path(self) -> str | None:
        return self.parent.path if self.parent else None


def path_of(step: str, task_slug: str | None, parent_path: str | None) -> str:
    own = f"{task_slug}:{_escaped(step)}" if task_slug else _escaped(step)
    return f"{parent_path}/{own}" if parent_path else own


def _escaped(step: str) -> str:
    """So that no two steps have one path."""
    return step.replace("%", "%25").replace("/", "%2F").replace(":", "%3A")


def wait_before_retry(slug: str, job_id: int, attempt: int, failed: Sequence[StepKey] = ()) -> timedelta | None:
    """How long to wait after try number `attempt` of the job failed; None when it was the last.

    A workflow's retries cap those of its steps; a step that sets none inherits those of what asked for it. When
    several failed side by side, each must have a retry left.
    """
    work = CATALOG.get(slug)
    if work is None or (isinstance(work, Workflow) and work.retries is not None and attempt > work.retries):
        return None
    if not failed:
        return _wait(work.retries, work.backoff, attempt)
    waits = [_wait(*_policy_of(step, work), _failures(job_id, step)) for step in failed]
    longest = max((wait for wait in waits if wait is not None), default=None)
    return None if None in waits else longest


def _wait(retries: int | None, backoff: Backoff, failures: int) -> timedelta | None:
    return backoff.before_retry(failures) if failures <= (retries or 0) else None


def _policy_of(step: StepKey | None, work: Task) -> tuple[int | None, Backoff]:
    """Of the nearest that sets any: the step's task, those around it, the job's own."""
    while step is not None:
        task = CATALOG.get(step.task_slug or "")
        if task is not None and task.retries is not None:
            return task.retries, task.backoff
        step = step.parent
    return work.retries, work.backoff


def _failures(job_id: int, step: StepKey) -> int:
    """How often this step failed since somebody last said to try again."""
    of_job = JobLog.job_id == job_id
    anew = select(func.coalesce(func.max(JobLog.id), 0)).where(of_job, JobLog.event.in_(BEGIN_ANEW))
    failed = select(func.count()).where(of_job, *is_step(step), JobLog.event == "failed")
    return db.session.scalar(failed.where(JobLog.id > anew.scalar_subquery())) or 0


def is_step(step: StepKey) -> tuple[ColumnElement[bool], ...]:
    """Conditions on JobLog; `== None` is SQL's IS NULL here."""
    return (
        JobLog.step == step.step,
        JobLog.task_slug == step.task_slug,
        JobLog.parent == step.parent_path,
    )

"""Asking for work: a job row in the caller's transaction, rung after its commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import insert, inspect
from sqlalchemy.orm import make_transient_to_detached

from webapp.database import db, transaction, utcnow
from webapp.jobs import access, doorbell, keys, log
from webapp.jobs.catalog import QUEUES, find
from webapp.jobs.doorbell import Bell
from webapp.jobs.job import JOBS, Job
from webapp.jobs.policy import Concurrency, Task, Workflow
from webapp.validation import words_of

ADDED = insert(JOBS).returning(JOBS.c.id)


class BadInput(ValueError):
    """The input does not fit the task; `fields` maps each field to words."""

    def __init__(self, task: Task, error: ValidationError) -> None:
        self.fields = {".".join(map(str, e["loc"])) or "input": words_of(e) for e in error.errors()}
        super().__init__(f"{task.slug}: " + "; ".join(f"{name}: {words}" for name, words in self.fields.items()))


class UnknownQueue(ValueError):
    """There is no queue of that name; the message names those there are."""


def queue(
    slug: str,
    input: dict[str, Any] | None = None,  # the word of the contract
    *,
    subject: str | None = None,
    wait_until: datetime | None = None,
    priority: int | None = None,
    queue: str | None = None,
    meta: dict[str, Any] | None = None,
    notes: Sequence[str] = (),
    created_by: int | None = None,
    schedule: str | None = None,
    override_access: bool = True,
) -> Job:
    """Add a job of a task or workflow to the caller's transaction, to be rung after its commit. The row has its id.

    `notes` are the first lines of its log. Outside a transaction it makes one of its own. With a concurrency key that
    joins, it may be a job that already waits. Raises UnknownTask, UnknownQueue, BadInput or AccessDenied, and then
    queues nothing.
    """
    access.check("queue", override=override_access)
    work = find(slug)
    refuse_internal(work, override=override_access)
    checked = checked_input(work, input or {})
    columns = {
        **slug_columns(work),
        "input": checked,
        "queue": known_queue(queue or work.queue),
        "priority": work.priority if priority is None else priority,
        "subject": subject,
        "wait_until": moment_of(work, checked) or wait_until,
        "meta": meta or {},
        "created_by": created_by,
        "schedule": schedule,
        "concurrency_key": keys.key_of(work.concurrency, checked),
        "exclusive": keys.is_exclusive(work.concurrency),
    }
    job = Job(**_defaults() | columns)
    with transaction():
        return _join_or_add(job, work.concurrency, notes)


def moment_of(work: Task, given: dict[str, Any]) -> datetime | None:
    """The one that its input names."""
    moment = given.get(work.moment) if work.moment else None
    return datetime.fromisoformat(moment) if moment else None


def _defaults() -> dict[str, Any]:
    """Of all columns, so that nothing of a new job need be loaded."""
    defaults: dict[str, Any] = {column.key: column.default for column in JOBS.c if not column.primary_key}
    return {
        name: default and (default.arg(None) if default.is_callable else default.arg)
        for name, default in defaults.items()
    }


def _join_or_add(job: Job, concurrency: Concurrency | None, notes: Sequence[str]) -> Job:
    """The job that will do it."""
    joins, supersedes = (concurrency.joins, concurrency.supersedes) if concurrency else (False, False)
    if job.concurrency_key and (joins or supersedes):
        keys.lock(job.concurrency_key)
    if joins and (waiting := keys.one_that_waits(job)):
        job = _join(waiting, job)
    else:
        _add(job)
        ring_if_due(job)
    if supersedes:
        keys.replace_older(job)
    log.write_many({"job_id": job.id, "event": "noted", "attempt": 0, "message": note} for note in notes)
    return job


def _add(job: Job) -> None:
    """Past the session's bookkeeping, which takes twice as long; an upload waits for two."""
    job.id = db.session.connection().execute(ADDED, inspect(job).dict).scalar_one()
    make_transient_to_detached(job)
    db.session.add(job)


def _join(waiting: Job, newer: Job) -> Job:
    """One job for both, as important and as early as either asked; a pause after a failed try stays."""
    waiting.priority = max(waiting.priority, newer.priority)
    if waiting.wait_until and not waiting.error:
        waiting.wait_until = newer.wait_until and min(waiting.wait_until, newer.wait_until)
        ring_if_due(waiting)
    return waiting


def ring_if_due(job: Job, *, may_wait: bool = False) -> None:
    if job.wait_until is None or job.wait_until <= utcnow():
        doorbell.ring_on_commit(replace(Bell.of(job), may_wait=may_wait))


def refuse_internal(work: Task, *, override: bool) -> None:
    """Raises AccessDenied."""
    if work.internal and not override:
        raise access.AccessDenied(f"{work.slug} is queued by the program itself and by nobody else.")


def slug_columns(work: Task) -> dict[str, str]:
    return {"workflow_slug" if isinstance(work, Workflow) else "task_slug": work.slug}


def checked_input(task: Task, input: dict[str, Any]) -> dict[str, Any]:
    """Raises BadInput."""
    try:
        return task.input.model_validate(input).model_dump(mode="json")
    except ValidationError as error:
        raise BadInput(task, error) from None


def known_queue(name: str) -> str:
    if name not in QUEUES:
        raise UnknownQueue(f"There is no queue called {name!r}. There are: {', '.join(QUEUES)}.")
    return name

"""What people do to jobs that are there: cancel, retry, edit the input, discard; one, or all that match a filter."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, select, update

from webapp.database import db, transaction, utcnow
from webapp.jobs import access, keys, log
from webapp.jobs.catalog import CATALOG, find
from webapp.jobs.events import jobs_changed
from webapp.jobs.job import Job
from webapp.jobs.queue import checked_input, moment_of, refuse_internal, ring_if_due
from webapp.jobs.states import CANCELLED, FAILED, QUEUED, SETTLED, sources
from webapp.jobs.where import BadFilter, Where, conditions

BATCH = 1000
STOPPED_WHILE_IT_WAITED = and_(Job.status == CANCELLED, Job.error.is_(None))  # for later, not for its next try
AS_NEW = {
    "status": QUEUED,
    "total_tried": 0,
    "crashes": 0,
    "wait_until": case((STOPPED_WHILE_IT_WAITED, Job.wait_until)),
    "error": None,
    "reason": None,
    "output": None,
    "completed_at": None,
}


class WrongState(ValueError):
    """The job is in a state in which this can't be done; the message says why."""


def cancel_by_id(job_id: int, reason: str = "Cancelled.", *, override_access: bool = True) -> None:
    """Cancel a queued or running job. A running step goes on to its end, but its result is refused.

    Raises LookupError for an unknown job, WrongState for a finished one, AccessDenied.
    """
    access.check("cancel", override=override_access)
    with transaction():
        if not _cancel([Job.id == job_id], reason):
            raise _refused(job_id, "cancelled")


def cancel(where: Where, reason: str = "Cancelled.", *, override_access: bool = True) -> list[int]:
    """Cancel every queued or running job that matches; their ids. Raises BadFilter, AccessDenied."""
    access.check("cancel", override=override_access)
    with transaction():
        return _cancel(_some(where), reason)


def _cancel(which: list[ColumnElement[bool]], reason: str) -> list[int]:
    values = {
        "status": CANCELLED,
        "token": None,
        "lease_until": None,
        "reason": reason,
        "completed_at": utcnow(),
    }
    cancelled = _change("cancel", which, values, "cancelled", reason)
    for key in {key for _, key in cancelled if key}:
        keys.ring_next(key)
    ids = [job_id for job_id, _ in cancelled]
    jobs_changed.send("cancelled", ids=ids)
    return ids


def retry_by_id(job_id: int, reason: str = "Tried again.", *, override_access: bool = True) -> None:
    """Queue a failed or cancelled job again, with all its tries; or let a waiting one run now.

    One that was cancelled while it waited for a moment goes on waiting for it. None runs before a moment that its
    input names. Finished steps of a workflow stay done. Raises LookupError for an unknown job, WrongState for one that
    runs, succeeded or waits for the moment of its input, AccessDenied.
    """
    access.check("queue", override=override_access)
    with transaction():
        if not _retry([Job.id == job_id], reason):
            raise _refused(job_id, "retried")


def retry(where: Where, reason: str = "Tried again.", *, override_access: bool = True) -> list[int]:
    """Queue every failed, cancelled or waiting job that matches again; their ids. Raises BadFilter, AccessDenied."""
    access.check("queue", override=override_access)
    with transaction():
        return _retry(_some(where), reason)


def _retry(which: list[ColumnElement[bool]], reason: str) -> list[int]:
    ids = [job_id for job_id, _ in _change("retry", [*which, ~_waits_for_its_moment()], AS_NEW, "retried", reason)]
    for job_id in sorted(ids):
        job = db.session.get_one(Job, job_id, populate_existing=True)
        if work := CATALOG.get(job.slug):
            job.wait_until = moment_of(work, job.input) or job.wait_until
        ring_if_due(job, may_wait=True)
    jobs_changed.send("retried", ids=ids)
    return ids


def _waits_for_its_moment() -> ColumnElement[bool]:
    slugs = [work.slug for work in CATALOG.values() if work.moment]
    return and_(Job.status == QUEUED, Job.task_slug.in_(slugs), Job.wait_until > utcnow())


def edit_input(
    job_id: int, input: dict[str, Any], reason: str = "Input edited.", *, override_access: bool = True
) -> None:
    """Give a failed or cancelled job another input; finished steps are forgotten, as they used the old one.

    It stays as it is until somebody tries it again. Raises LookupError, WrongState, UnknownTask, BadInput,
    AccessDenied.
    """
    access.check("queue", override=override_access)
    with transaction() as session:
        job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
        if job is None or job.status not in (FAILED, CANCELLED):
            raise _refused(job_id, "edited")
        work = find(job.slug)
        refuse_internal(work, override=override_access)
        job.input = checked_input(work, input)
        job.concurrency_key = keys.key_of(work.concurrency, job.input)
        job.exclusive = keys.is_exclusive(work.concurrency)
        log.write(job.id, "edited", job.total_tried, reason)
        jobs_changed.send("edited", ids=[job.id])


def discard_by_id(job_id: int, *, override_access: bool = True) -> None:
    """Delete a finished job with its log. Raises LookupError, WrongState, AccessDenied."""
    access.check("cancel", override=override_access)
    with transaction():
        if not _discard([Job.id == job_id]):
            raise _refused(job_id, "discarded")


def discard(where: Where, *, override_access: bool = True) -> int:
    """Delete every finished job that matches; how many. Raises BadFilter, AccessDenied."""
    access.check("cancel", override=override_access)
    with transaction():
        return _discard(_some(where))


def _discard(which: list[ColumnElement[bool]]) -> int:
    gone = delete(Job).where(*which, Job.status.in_(SETTLED)).returning(Job.id)
    ids = db.session.scalars(gone.execution_options(synchronize_session=False)).all()
    jobs_changed.send("discarded", ids=ids)
    return len(ids)


def _change(
    verb: str, which: list[ColumnElement[bool]], values: dict[str, Any], event: str, message: str
) -> list[tuple[int, str | None]]:
    """Do it to those in a state that allows it, with a line in the log of each; their ids and keys."""
    allowed = select(Job.id, Job.total_tried, Job.concurrency_key).where(*which, Job.status.in_(sources(verb)))
    found = db.session.execute(allowed.order_by(Job.id).with_for_update()).all()
    for start in range(0, len(found), BATCH):
        some = found[start : start + BATCH]
        changed = update(Job).where(Job.id.in_([row.id for row in some])).values(values)
        db.session.execute(changed.execution_options(synchronize_session=False))
        log.write_many(
            {"job_id": row.id, "event": event, "attempt": row.total_tried, "message": message} for row in some
        )
    return [(row.id, row.concurrency_key) for row in found]


def _some(where: Where) -> list[ColumnElement[bool]]:
    if not where:
        raise BadFilter("Say which jobs: an empty filter would mean all of them.")
    return conditions(where)


def _refused(job_id: int, what: str) -> Exception:
    """Why nothing was changed: there is no such job, or its state forbids it."""
    job = db.session.get(Job, job_id, populate_existing=True)
    if job is None:
        return LookupError(f"There is no job {job_id}.")
    if job.status == QUEUED and what == "retried":
        return WrongState(f"Job {job_id} waits for its moment; it can't run before.")
    return WrongState(f"Job {job_id} is {job.status}; it can't be {what}.")

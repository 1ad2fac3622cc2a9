"""What a worker does with a row: claim, renew, hold, finish, fail, release.

Each is a compare-and-set on the row's token: whoever lost the lease changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import Insert, Update, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from webapp.database import Moment, db, is_postgresql, transaction, update_in_passing, utcnow
from webapp.jobs import doorbell, events, keys, log
from webapp.jobs.doorbell import Bell
from webapp.jobs.job import JOBS, Job
from webapp.jobs.retries import StepKey, wait_before_retry
from webapp.jobs.states import CANCELLED, FAILED, QUEUED, RUNNING, SUCCEEDED


class LeaseLost(Exception):
    """Somebody else has this job now, or it was cancelled. Nothing may be written for it."""


@dataclass(frozen=True)
class Claim:
    """The right to run one job and to finish it, until the lease ends."""

    job_id: int
    token: str
    task_slug: str | None
    workflow_slug: str | None
    input: dict[str, Any]
    meta: dict[str, Any]
    subject: str | None
    concurrency_key: str | None
    request_id: str | None
    attempt: int
    started_at: datetime
    worker: str

    @property
    def slug(self) -> str:
        return self.task_slug or self.workflow_slug or ""


# Tables and connections, without the session's bookkeeping, which takes as long as the statement.
OURS = (JOBS.c.id == bindparam("held_id"), JOBS.c.token == bindparam("held_token"))
HOLD = select(JOBS.c.id).where(*OURS).with_for_update()
TAKEN = (Job.task_slug, Job.workflow_slug, Job.input, Job.meta, Job.subject, Job.concurrency_key, Job.request_id)


def claim(job_id: int, worker: str) -> Claim | None:
    """Take a due job; None when it is not due, already taken or done, its queue is paused or its key is busy."""
    now, token = utcnow(), secrets.token_hex(16)
    values = {"id_to_claim": job_id, "now": now, "new_token": token, "lease_end": now + lease_time()}
    try:
        row = update_in_passing(_claiming(), values)  # undone, it is claimed once more, and the token finishes nothing
    except IntegrityError:  # on PostgreSQL another job of its key was claimed in the same moment
        return None
    if row is None:
        return None
    facts = {column.key: value for column, value in zip(TAKEN, row, strict=False)}
    return Claim(job_id, token, attempt=row.total_tried + 1, started_at=now, worker=worker, **facts)


@cache
def _claiming() -> Update:
    """Put together once: that takes as long as to run it."""
    now = bindparam("now", type_=Moment)
    free = (Job.id == bindparam("id_to_claim"), keys.is_due(Job, now), keys.is_open(Job), keys.is_free(now))
    taken = (
        update(Job)
        .where(*free)
        .values(status=RUNNING, token=bindparam("new_token"), lease_until=bindparam("lease_end"), started_at=now)
    )
    return taken.returning(*TAKEN, Job.total_tried).execution_options(synchronize_session=False)


def renew(held: Claim) -> bool:
    """Push the end of the lease out; False when the lease is lost, or the effect is just being committed.

    It never waits for that: no sweep takes a job whose row is locked by its effect.
    """
    return update_in_passing(_renewing(), _ours(held) | {"lease_end": utcnow() + lease_time()}) is not None


@cache
def _renewing() -> Update:
    free = select(JOBS.c.id).where(*OURS).with_for_update(skip_locked=True)
    renewed = update(JOBS).where(JOBS.c.id == free.scalar_subquery()).values(lease_until=bindparam("lease_end"))
    return renewed.returning(JOBS.c.id)


def check(held: Claim) -> None:
    """Look, outside of any transaction, whether it is still ours. Raises LeaseLost."""
    db.session.rollback()
    if db.session.scalar(select(JOBS.c.id).where(*OURS), _ours(held)) is None:
        raise LeaseLost(f"job {held.job_id}")


def hold(held: Claim) -> None:
    """Lock the row inside the transaction that will finish it. Raises LeaseLost."""
    if db.session.connection().scalar(HOLD, _ours(held)) is None:
        raise LeaseLost(f"job {held.job_id}")


def finish(held: Claim, output: Any) -> None:
    """Success, in the same transaction as the effect. Raises LeaseLost."""
    _settle(
        held,
        "succeeded",
        None,
        status=SUCCEEDED,
        output=output,
        error=None,
        reason=None,
        completed_at=utcnow(),
    )


def cancel(held: Claim, reason: str) -> None:
    """The task itself found that there is nothing left to do. Raises LeaseLost."""
    with transaction():
        _settle(held, "cancelled", reason, status=CANCELLED, reason=reason, completed_at=utcnow())


def fail(held: Claim, error: str, *, reason: str | None = None, steps: Sequence[StepKey] = ()) -> datetime | None:
    """Record a failed try; the moment of the next one, or None when it failed for good. Raises LeaseLost.

    A reason, in words for an editor, says that trying again can't help. `steps` are those that failed.
    """
    error = error.replace("\0", "")  # which PostgreSQL does not store
    with transaction() as session:
        hold(held)
        wait = None if reason else wait_before_retry(held.slug, held.job_id, held.attempt, steps)
        if wait is None:
            _settle(held, "failed", error, status=FAILED, error=error, reason=reason, completed_at=utcnow())
            events.tell_failed(session.get_one(Job, held.job_id, populate_existing=True))
            return None
        next_try = utcnow() + wait
        _settle(held, "failed", error, status=QUEUED, error=error, wait_until=next_try)
        return next_try


def release(held: Claim, reason: str) -> None:
    """Give the job back untouched, for a shutdown; it costs no retry. Raises LeaseLost."""
    with transaction() as session:
        _settle(held, "released", reason, status=QUEUED, total_tried=held.attempt - 1)
        doorbell.ring_on_commit(Bell.of(session.get_one(Job, held.job_id, populate_existing=True)))


def lease_time() -> timedelta:
    return timedelta(seconds=current_app.config["SETTINGS"].job_lease)


def _settle(held: Claim, event: str, message: str | None, **values: Any) -> None:
    """End this try: the row as `values` say, without its token, and one line in the log."""
    ended = {"total_tried": held.attempt, "token": None, "lease_until": None} | values
    about = {"worker": held.worker, "started_at": held.started_at, "at": utcnow()}
    line = log.line(held.job_id, event, held.attempt, message, **about)
    new = {f"new_{name}": value for name, value in ended.items()} | {f"line_{name}": line[name] for name in line}
    with_line = is_postgresql()
    settling = _settling_with_line(tuple(ended), tuple(line)) if with_line else _settling(tuple(ended))
    if db.session.connection().execute(settling, _ours(held) | new).rowcount != 1:
        raise LeaseLost(f"job {held.job_id}")
    if not with_line:
        log.write_many([line])
    keys.ring_next(held.concurrency_key)


@cache
def _settling(names: tuple[str, ...]) -> Update:
    """Put together once for each way to end."""
    return update(JOBS).where(*OURS).values({name: bindparam(f"new_{name}") for name in names})


@cache
def _settling_with_line(names: tuple[str, ...], line: tuple[str, ...]) -> Insert:
    """Both in one statement, which SQLite can't do: a round trip less."""
    ended = _settling(names).returning(JOBS.c.id).cte("ended")
    values = (bindparam(f"line_{name}", type_=log.LINES.c[name].type) for name in line)
    written = insert(log.LINES).from_select(line, select(*values).select_from(ended))
    return written.execution_options(preserve_rowcount=True)


def _ours(held: Claim) -> dict[str, Any]:
    return {"held_id": held.job_id, "held_token": held.token}

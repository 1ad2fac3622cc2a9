"""Ring again for every due row whose ring is not in Redis: never rung, lost, or due only now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import current_app
from redis import RedisError
from sqlalchemy import ColumnElement, SQLColumnExpression, or_, select, update

from webapp.database import db, transaction, utcnow
from webapp.jobs import doorbell
from webapp.jobs.catalog import QUEUES
from webapp.jobs.doorbell import Bell
from webapp.jobs.job import Job
from webapp.jobs.keys import is_due, is_free, is_open

log = structlog.get_logger(__name__)

BATCH = 1000


def ring_due() -> int:
    # A younger ring may be on its way from a web process, or in the hands of a worker that is about to claim.
    patience = current_app.config["SETTINGS"].sweep_interval / 2
    return sum(ring_due_in(queue, patience) for queue in QUEUES)


def ring_due_in(queue: str, patience: float) -> int:
    """How many were rung; none that was queued or rung in the last `patience` seconds."""
    try:
        heard = doorbell.waiting_rq_ids(queue)
    except (RedisError, OSError) as error:
        log.warning("sweep.redis_away", error=str(error))
        return 0
    unheard = [job for job in _due_jobs(queue, patience) if job.rq_id not in heard]
    if not unheard or not doorbell.ring(Bell.of(job) for job in unheard):
        return 0
    _remember_rings([job.id for job in unheard])
    return len(unheard)


def _due_jobs(queue: str, patience: float) -> Iterable[Job]:
    """The ordinary ones first in their order; then, as they go to the front, the pressing ones in reverse.

    None that waits for another of its key: when that ends, it rings for the next.
    """
    now = utcnow()
    before = now - timedelta(seconds=patience)
    due = (
        select(Job)
        .where(is_due(Job, now), is_open(Job), is_free(now), Job.queue == queue)
        .where(_is_past(Job.created_at, now, before), or_(Job.rang_at.is_(None), _is_past(Job.rang_at, now, before)))
        .order_by(Job.id)
    )
    jobs = db.session.scalars(due).all()
    ordinary = [job for job in jobs if not Bell.of(job).at_front]
    pressing = [job for job in jobs if Bell.of(job).at_front]
    newest_first = QUEUES[queue].order == "lifo"
    pressing.sort(key=lambda job: (job.priority, job.id if newest_first else -job.id))
    return [*sorted(ordinary, key=lambda job: -job.priority), *pressing]


def _is_past(moment: SQLColumnExpression[Any], now: datetime, before: datetime) -> ColumnElement[bool]:
    """Long enough ago; a moment that is yet to come was written before the clock was set back."""
    return or_(moment <= before, moment > now)


def _remember_rings(ids: list[int]) -> None:
    with transaction() as session:
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            rang = update(Job).where(Job.id.in_(batch)).values(rang_at=utcnow())
            session.execute(rang.execution_options(synchronize_session=False))

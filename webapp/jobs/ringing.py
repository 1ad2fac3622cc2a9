"""Ring again for every due row whose ring is not in Redis: never rung, lost, or due only now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import current_app
from redis import RedisError
from sqlalchemy import ColumnElement, Row, SQLColumnExpression, func, or_, select, update

from webapp.database import db, transaction, utcnow
from webapp.jobs import doorbell
from webapp.jobs.catalog import QUEUES
from webapp.jobs.doorbell import Bell, goes_to_front
from webapp.jobs.job import Job, rq_id
from webapp.jobs.keys import is_due, is_free, is_open

log = structlog.get_logger(__name__)

BATCH = 1000


def ring_due() -> int:
    # A younger ring may be on its way from a web process, or in the hands of a worker that is about to claim.
    patience = current_app.config["SETTINGS"].sweep_interval / 2
    return sum(ring_due_in(queue, patience) for queue in QUEUES)


def ring_due_in(queue: str, patience: float) -> int:
    """How many were rung; none that was queued or rung in the last `patience` seconds.

    In portions: a hundred thousand that Redis has lost must fit into the memory of a worker, and others into Redis.
    """
    try:
        heard = doorbell.waiting_rq_ids(queue)
    except (RedisError, OSError) as error:
        log.warning("sweep.redis_away", error=str(error))
        return 0
    unheard = [due for due in _due_jobs(queue, patience) if rq_id(due.slug, due.id) not in heard]
    rung = 0
    for start in range(0, len(unheard), BATCH):
        portion = unheard[start : start + BATCH]
        if not doorbell.ring(Bell.for_row(due.slug, due.id, queue, due.priority, due.subject) for due in portion):
            break
        _remember_rings([due.id for due in portion])
        rung += len(portion)
    return rung


def _due_jobs(queue: str, patience: float) -> Sequence[Row[int, str, int, str | None]]:
    """The ordinary ones first in their order; then, as they go to the front, the pressing ones in reverse.

    None that waits for another of its key: when that ends, it rings for the next.
    """
    now = utcnow()
    before = now - timedelta(seconds=patience)
    slug = func.coalesce(Job.task_slug, Job.workflow_slug).label("slug")
    due = (
        select(Job.id, slug, Job.priority, Job.subject)
        .where(is_due(Job, now), is_open(Job), is_free(now), Job.queue == queue)
        .where(_is_past(Job.created_at, now, before), or_(Job.rang_at.is_(None), _is_past(Job.rang_at, now, before)))
        .order_by(Job.id)
    )
    jobs = db.session.execute(due).all()
    ordinary = [job for job in jobs if not goes_to_front(queue, job.priority)]
    pressing = [job for job in jobs if goes_to_front(queue, job.priority)]
    newest_first = QUEUES[queue].order == "lifo"
    pressing.sort(key=lambda job: (job.priority, job.id if newest_first else -job.id))
    return [*sorted(ordinary, key=lambda job: -job.priority), *pressing]


def _is_past(moment: SQLColumnExpression[Any], now: datetime, before: datetime) -> ColumnElement[bool]:
    """Long enough ago; a moment that is yet to come was written before the clock was set back."""
    return or_(moment <= before, moment > now)


def _remember_rings(ids: list[int]) -> None:
    with transaction() as session:
        rang = update(Job).where(Job.id.in_(ids)).values(rang_at=utcnow())
        session.execute(rang.execution_options(synchronize_session=False))

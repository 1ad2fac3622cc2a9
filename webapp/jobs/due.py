"""Run what is due, here and now: for a platform without workers, and for a person at a terminal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

from flask import current_app
from sqlalchemy import ColumnElement, SQLColumnExpression, func, select

from webapp.database import db, is_writing, utcnow
from webapp.jobs import access
from webapp.jobs.catalog import QUEUES
from webapp.jobs.job import Job
from webapp.jobs.keys import is_due, is_free, is_open
from webapp.jobs.policy import Order
from webapp.jobs.queue import known_queue
from webapp.jobs.sweep import rescue_stale
from webapp.jobs.where import Where, conditions

AT_ONCE = 4
IN_ORDER: dict[Order, tuple[SQLColumnExpression[int], ...]] = {
    "fifo": (Job.id,),
    "lifo": (Job.id.desc(),),
    "priority": (Job.priority.desc(), Job.id),
}


def run(
    queue: str | None = "default",
    *,
    limit: int = 10,
    where: Where | None = None,
    order: Order | None = None,
    sequential: bool = True,
    override_access: bool = True,
) -> dict[int, str]:
    """Run up to `limit` due jobs of one queue, or of all when it is None; the status of each by its id.

    In the order asked for, or else in that of the queue; at most 4 at once unless `sequential`. Stale jobs are rescued
    first, so that this alone keeps every promise where no clock runs. Raises UnknownQueue, BadFilter, AccessDenied.
    """
    access.check("run", override=override_access)
    _refuse_in_a_transaction()
    rescue_stale(utcnow())
    line = Line((*_of(queue), *conditions(where)), _in_order(queue, order), limit)
    if sequential:
        line.work_off()
    else:
        _work_off_side_by_side(line)
    db.session.rollback()
    found = db.session.execute(select(Job.id, Job.status).where(Job.id.in_(line.taken)).order_by(Job.id))
    return dict(found.all())


def run_by_id(job_id: int, *, override_access: bool = True) -> str:
    """Run this job here and now; its outcome, "skipped" when it is not due or somebody else has it.

    Raises AccessDenied.
    """
    access.check("run", override=override_access)
    _refuse_in_a_transaction()
    return perform_here(job_id)


def _refuse_in_a_transaction() -> None:
    if is_writing():
        raise RuntimeError("A job has transactions of its own; run it after this one.")


def perform_here(job_id: int) -> str:
    perform_job = current_app.extensions["gallerist_perform_job"]
    if perform_job is None:
        raise RuntimeError("create_app() was given no perform_job; wsgi.py does")
    outcome: str = perform_job(job_id)
    return outcome


@dataclass
class Line:
    """Who is next. Asked anew for each, as the end of one job frees the key that another waits for."""

    which: tuple[ColumnElement[bool], ...]
    order: tuple[SQLColumnExpression[int], ...]
    limit: int
    taken: list[int] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def work_off(self) -> None:
        while (job_id := self._take()) is not None:
            perform_here(job_id)

    def _take(self) -> int | None:
        with self._lock:
            if len(self.taken) >= self.limit:
                return None
            db.session.rollback()
            now = utcnow()
            due = (*self.which, is_due(Job, now), is_open(Job), is_free(now), Job.id.not_in(self.taken))
            job_id = db.session.scalar(select(Job.id).where(*due).order_by(*self.order).limit(1))
            db.session.rollback()
            if job_id is not None:
                self.taken.append(job_id)
            return job_id


def _work_off_side_by_side(line: Line) -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def work_off(_: int) -> None:
        with app.app_context():
            line.work_off()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(work_off, range(AT_ONCE)))


def more_pressing_than(job_id: int) -> int | None:
    """The first of those that are due in its queue and more important; None when there is none."""
    job = db.session.get(Job, job_id, populate_existing=True)
    if job is None:
        return None
    now = utcnow()
    before = (Job.queue == job.queue, Job.priority > job.priority, is_due(Job, now), is_open(Job), is_free(now))
    return db.session.scalar(select(Job.id).where(*before).order_by(*IN_ORDER["priority"]).limit(1))


def count_due(queue: str | None = "default") -> int:
    due = (*_of(queue), is_due(Job, utcnow()), is_open(Job))
    return db.session.scalar(select(func.count()).select_from(Job).where(*due)) or 0


def _of(queue: str | None) -> list[ColumnElement[bool]]:
    return [] if queue is None else [Job.queue == known_queue(queue)]


def _in_order(queue: str | None, order: Order | None) -> tuple[SQLColumnExpression[int], ...]:
    own: Order = QUEUES[queue].order if queue else "priority"
    return IN_ORDER[order or own]

"""What makes the first job of a process as quick as the second."""

from __future__ import annotations

import secrets
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from webapp.database import transaction
from webapp.jobs import lease
from webapp.jobs.job import Job
from workers.perform import app, worker_name

log = structlog.get_logger(__name__)


class TakeItBack(Exception):
    """Ends the transaction of a rehearsal, as if it had never been."""


def rehearse() -> None:
    """Connect, and compile every statement of a job's life, in a transaction that is rolled back."""
    try:
        with app().app_context(), suppress(TakeItBack), transaction() as session:
            # A number of its own: one from the sequence would leave a gap, a fixed one two processes would wait for.
            job = Job(id=-secrets.randbelow(2**31), task_slug="rehearsal", input={}, queue="rehearsal")
            session.add(job)
            session.flush()
            held = lease.claim(job.id, worker_name())
            assert held is not None
            lease.hold(held)
            lease.finish(held, None)
            session.flush()
            raise TakeItBack
    except SQLAlchemyError as error:  # the first job will be slower, or find that the database is away
        log.warning("rehearsal.failed", error=str(error))

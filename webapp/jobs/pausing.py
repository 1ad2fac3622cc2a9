"""Stop a queue and let it go on. What runs is finished; what waits is claimed by nobody until then."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from webapp.database import db, on_commit, transaction
from webapp.jobs.events import queue_changed
from webapp.jobs.job import PausedQueue
from webapp.jobs.queue import known_queue
from webapp.jobs.ringing import ring_due_in


def pause(queue: str, by: str | None = None) -> bool:
    """False when it was paused already. Raises UnknownQueue."""
    name = known_queue(queue)
    with transaction() as session:
        try:
            with session.begin_nested():
                session.add(PausedQueue(queue=name, paused_by=by))
        except IntegrityError:
            return False
        queue_changed.send("paused", name=name)
        return True


def resume(queue: str) -> bool:
    """Let it go on, with what waits; False when it was not paused. Raises UnknownQueue."""
    name = known_queue(queue)
    with transaction() as session:
        if session.execute(delete(PausedQueue).where(PausedQueue.queue == name)).rowcount == 0:  # type: ignore[attr-defined]
            return False
        queue_changed.send("resumed", name=name)
        on_commit(lambda: ring_due_in(name, patience=0))  # their rings were heard, and answered by nobody
        return True


def paused() -> dict[str, PausedQueue]:
    """By name, those that are paused."""
    return {state.queue: state for state in db.session.scalars(select(PausedQueue))}

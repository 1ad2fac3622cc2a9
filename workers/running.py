"""What a task function gets to hold while it runs, and what it may raise."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from webapp.database import begin_writing, db, end_writing, is_writing
from webapp.jobs import lease
from webapp.jobs.catalog import CATALOG
from webapp.jobs.due import more_pressing_than
from webapp.people_first import let_people_go_first

log = structlog.get_logger(__name__)


class NothingToDo(Exception):
    """What the job is about is gone: the job ends as cancelled, with this reason."""


class FailedForGood(Exception):
    """Trying again can't help; the words are for an editor."""


class GaveWay(Exception):
    """Something more pressing waits: the job goes back into the queue, and costs no retry."""


class Running:
    """A claimed job or a step of it. Slow work comes first; everything written comes after `begin_effect()`."""

    def __init__(self, held: lease.Claim, slug: str | None, input: dict[str, Any]) -> None:
        self.held = held
        self.id = held.job_id
        self.slug = slug
        self.input = input
        self.meta = held.meta
        self.attempt = held.attempt

    def begin_effect(self) -> None:
        """Begin the one transaction that holds the effect and the finish. Raises LeaseLost."""
        let_people_go_first()
        begin_writing()
        lease.hold(self.held)

    def finish(self, output: Any) -> Any:
        """Keep the output, checked by the task's output schema, and commit; what was kept. Raises LeaseLost."""
        checked = self._checked(output)
        if not is_writing():
            self._begin_without_effect()
        self._record(checked)
        end_writing(commit=True)
        return checked

    def _checked(self, output: Any) -> Any:
        task = CATALOG.get(self.slug or "")
        return task.output.model_validate(output).model_dump(mode="json") if task and task.output else output

    def _begin_without_effect(self) -> None:
        self.begin_effect()

    def _record(self, output: Any) -> None:
        raise NotImplementedError

    def drop_effect(self) -> None:
        """Roll back whatever is not committed, on a connection that may be broken."""
        try:
            end_writing(commit=False)
        except SQLAlchemyError as error:
            log.warning("job.rollback_failed", job=self.id, error=str(error))
            db.session().invalidate()

    def give_way(self) -> None:
        """Between two parts of slow work that is not pressing: let what is go first."""
        pressing = more_pressing_than(self.id)
        db.session.rollback()
        if pressing:
            raise GaveWay

    def cancel(self, reason: str) -> None:
        """End the whole job as cancelled, from within; nothing after this call is done."""
        raise NothingToDo(reason)

"""Jobs and steps as their functions see them: steps are remembered, may have steps of their own, and run in parallel.

def publish(job):
    made = job.step("makeRenditions", "cover", {"mediaId": job.input["mediaId"]})
    return job.inline("count", lambda step: {"renditions": made["renditions"]})
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime
from typing import Any

from flask import current_app

from webapp.database import begin_writing, db, is_writing, utcnow
from webapp.jobs import lease, steps
from webapp.jobs.catalog import find
from webapp.jobs.lease import Claim, LeaseLost
from webapp.jobs.queue import checked_input
from webapp.jobs.retries import StepKey
from webapp.redacting import redacted
from workers.handlers import HANDLERS
from workers.interrupts import Interrupt
from workers.running import FailedForGood, NothingToDo, Running

AT_ONCE = 8  # parallel steps; each needs a connection to the database
ShouldRestore = bool | Callable[[Any], bool]  # given the remembered output


class StepFailed(Exception):
    """A step of the job failed, or several side by side; the first one's own error is the cause."""

    def __init__(self, message: str, *keys: StepKey) -> None:
        self.keys = keys
        super().__init__(message)


class WithSteps(Running):
    """What jobs and steps have in common. The key of a step is its task, its id and what asked for it."""

    key: StepKey | None = None

    def step(
        self, slug: str, step_id: str, input: dict[str, Any] | None = None, *, should_restore: ShouldRestore = True
    ) -> Any:
        """Run a task as a step; its output, which is the remembered one when it has finished before.

        Raises StepFailed, UnknownTask, BadInput, LeaseLost.
        """
        task = find(slug)
        checked = checked_input(task, input or {})
        return self._run(HANDLERS[slug], self._key(step_id, slug), checked, should_restore)

    def inline(self, step_id: str, function: Callable[[Step], Any], *, should_restore: ShouldRestore = True) -> Any:
        """Run a function as a step: remembered like any other. Raises StepFailed, LeaseLost."""
        return self._run(function, self._key(step_id, None), {}, should_restore)

    def parallel(self, *calls: Callable[[], Any]) -> list[Any]:
        """Make these calls, each of a step, in threads; their outputs in order. Errors are raised when all have ended.

        `job.parallel(*(partial(job.step, "resize", str(width), {"width": width}) for width in widths))`
        """
        _refuse_in_an_effect()
        app = current_app._get_current_object()  # type: ignore[attr-defined]

        def call_in_context(call: Callable[[], Any]) -> Any:
            with app.app_context():
                return call()

        threads = ThreadPoolExecutor(AT_ONCE)
        try:
            futures = [threads.submit(call_in_context, call) for call in calls]
            wait(futures)
        finally:
            threads.shutdown(wait=False, cancel_futures=True)  # an interrupt must not wait for the rest
        _raise_the_gravest([error for future in futures if (error := future.exception())])
        return [future.result() for future in futures]

    def _key(self, step_id: str, slug: str | None) -> StepKey:
        return StepKey(step_id, slug, self.key)

    def _run(
        self, handler: Callable[[Step], Any], key: StepKey, input: dict[str, Any], should_restore: ShouldRestore
    ) -> Any:
        _refuse_in_an_effect()
        lease.check(self.held)  # after a cancel no later step starts
        remembered = steps.recall(self.id, key)
        db.session.rollback()
        if remembered and (should_restore(remembered.output) if callable(should_restore) else should_restore):
            return remembered.output
        return Step(self.held, key, input).run(handler)


def _refuse_in_an_effect() -> None:
    if is_writing():
        raise RuntimeError("Steps come before begin_effect(): each has a transaction of its own.")


def _raise_the_gravest(errors: list[BaseException]) -> None:
    """What ends the job comes before what may be tried again; of failed steps, all."""
    failed = [error for error in errors if isinstance(error, StepFailed)]
    ends = [error for error in errors if error not in failed]
    if ends:
        raise min(ends, key=lambda error: not isinstance(error, LeaseLost))
    if failed:
        keys = [key for error in failed for key in error.keys]
        raise StepFailed("; ".join(map(str, failed)), *keys) from failed[0]


class Step(WithSteps):
    def __init__(self, held: Claim, key: StepKey, input: dict[str, Any]) -> None:
        super().__init__(held, key.task_slug, input)
        self.key: StepKey = key
        self.started_at: datetime = utcnow()

    def run(self, handler: Callable[[Step], Any]) -> Any:
        try:
            try:
                return self.finish(handler(self))
            finally:
                self.drop_effect()
        except (LeaseLost, NothingToDo, StepFailed):
            raise
        except (Exception, Interrupt) as error:
            if isinstance(error, Interrupt) and not error.is_failure:
                raise
            steps.note_failure(self.held, self.key, self.started_at, self.input or None, describe(error))
            if isinstance(error, FailedForGood):
                raise
            raise StepFailed(f"step {self.key.path}: {describe(error)}", self.key) from error

    def _record(self, output: Any) -> None:
        steps.remember(self.held, self.key, self.started_at, self.input or None, output)


class RunningJob(WithSteps):
    """One claimed job."""

    def __init__(self, held: Claim) -> None:
        super().__init__(held, held.slug, held.input)

    def _begin_without_effect(self) -> None:
        begin_writing(single=True)  # to finish is one statement, which compares the token anyway

    def _record(self, output: Any) -> None:
        lease.finish(self.held, output)


def describe(error: BaseException) -> str:
    """For the job's row, which people read."""
    words = str(error) if isinstance(error, FailedForGood | StepFailed) else f"{type(error).__name__}: {error}"
    return redacted(words)

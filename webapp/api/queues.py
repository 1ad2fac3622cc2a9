"""/api/queues and /api/tasks: how long the lines are, pausing them, and what can be queued."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from flask_login import current_user

from webapp.api.fields import MAX_LIMIT, Answer, Listing
from webapp.api.http import Contract, api, endpoint
from webapp.jobs import Task, UnknownQueue, Workflow, access, health, pause, resume
from webapp.jobs.catalog import CATALOG
from webapp.jobs.health import QueueState
from webapp.jobs.policy import Order, Schedule
from webapp.security import ADMIN
from webapp.security import access as for_role


class QueueAnswer(Answer):
    """`depth` counts what waits, `due` what of it could run now. `staffed` is null while Redis does not answer."""

    name: str
    order: Order
    depth: int
    due: int
    running: int
    oldest_wait_seconds: float | None
    paused: bool
    paused_by: str | None
    paused_at: datetime | None
    staffed: bool | None


class ScheduleAnswer(Answer):
    cron: str
    timezone: str
    queue: str
    input: dict[str, Any]


class TaskAnswer(Answer):
    """What can be queued. `input` and `output` are JSON schemas."""

    slug: str
    kind: Literal["task", "workflow"]
    label: str
    queue: str
    priority: int
    retries: int | None
    timeout: int | None
    input: dict[str, Any]
    output: dict[str, Any] | None
    schedules: list[ScheduleAnswer]


@api.get("/queues")
@endpoint(Contract("Every queue, and how it goes", answers={200: Listing[QueueAnswer]}))
def list_queues() -> Listing[QueueAnswer]:
    return all_of([queue_answer(state) for state in health.queues()])


def all_of(docs: list[Any]) -> Listing[Any]:
    return Listing(docs=docs, total_docs=len(docs), limit=MAX_LIMIT, page=1, total_pages=1, has_next_page=False)


def queue_answer(state: QueueState) -> QueueAnswer:
    return QueueAnswer(
        name=state.queue.name,
        order=state.queue.order,
        depth=state.depth,
        due=state.due,
        running=state.running,
        oldest_wait_seconds=state.oldest_wait.total_seconds() if state.oldest_wait else None,
        paused=state.paused is not None,
        paused_by=state.paused.paused_by if state.paused else None,
        paused_at=state.paused.paused_at if state.paused else None,
        staffed=state.staffed,
    )


@api.post("/queues/<name>/pause")
@for_role(ADMIN)
@endpoint(Contract("Pause a queue: what runs is finished, what waits stays", answers={200: QueueAnswer}))
def pause_queue(name: str) -> QueueAnswer:
    return changed(name, lambda: pause(name, by=current_user.name))


@api.post("/queues/<name>/resume")
@for_role(ADMIN)
@endpoint(Contract("Let a paused queue go on", answers={200: QueueAnswer}))
def resume_queue(name: str) -> QueueAnswer:
    return changed(name, lambda: resume(name))


def changed(name: str, change: Callable[[], bool]) -> QueueAnswer:
    """Raises LookupError."""
    access.check("cancel", override=False)
    try:
        change()
    except UnknownQueue as error:
        raise LookupError(str(error)) from None
    return next(queue_answer(state) for state in health.queues() if state.queue.name == name)


@api.get("/tasks")
@endpoint(Contract("What can be queued, and what it must be given", answers={200: Listing[TaskAnswer]}))
def list_tasks() -> Listing[TaskAnswer]:
    return all_of([task_answer(CATALOG[slug]) for slug in sorted(CATALOG)])


def task_answer(work: Task) -> TaskAnswer:
    return TaskAnswer(
        slug=work.slug,
        kind="workflow" if isinstance(work, Workflow) else "task",
        label=work.label,
        queue=work.queue,
        priority=work.priority,
        retries=work.retries,
        timeout=work.timeout,
        input=work.input.model_json_schema(),
        output=work.output.model_json_schema(mode="serialization") if work.output else None,
        schedules=[schedule_answer(work, schedule) for schedule in work.schedules],
    )


def schedule_answer(work: Task, schedule: Schedule) -> ScheduleAnswer:
    return ScheduleAnswer(
        cron=schedule.cron,
        timezone=schedule.timezone,
        queue=schedule.queue or work.queue,
        input=dict(schedule.input),
    )

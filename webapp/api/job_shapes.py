"""What jobs look like from outside, and what may be said about them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from flask_login import current_user
from pydantic import Field

from webapp.api.documents import Document, Moment, Subject
from webapp.api.fields import MAX_INTEGER, Answer, Body, ListQuery, Word
from webapp.jobs.job import Job, JobLog
from webapp.jobs.states import FAILED

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Sort = Literal["createdAt", "-createdAt", "completedAt", "-completedAt", "priority", "-priority"]
Conditions = Annotated[
    dict[str, Any],
    Field(
        description="Each name with a value or a list of possible ones: a field of a job, slug, input.…, meta.… or "
        "output.…",
        examples=[{"status": "failed", "taskSlug": "makeRenditions", "input.mediaId": [4, 8]}],
    ),
]


class JobQuery(ListQuery):
    status: Status | None = None
    queue: Word | None = None
    task_slug: Word | None = None
    workflow_slug: Word | None = None
    subject: Word | None = None
    sort: Sort = "-createdAt"


class NewJob(Body):
    """What to run: a task or a workflow, with the input that /api/tasks describes."""

    task_slug: Word | None = Field(None, examples=["makeRenditions"])
    workflow_slug: Word | None = None
    input: Document = Field({}, examples=[{"mediaId": 42}])
    queue: Word | None = Field(None, min_length=1, description="Another than the task's own.")
    wait_until: Moment | None = Field(None, description="Not before this moment, with its zone.")
    priority: Annotated[int, Field(ge=-MAX_INTEGER, le=MAX_INTEGER)] | None = None
    meta: Document = Field({}, description="Whatever you want to find it by.")
    subject: Subject | None = Field(None, description="What it is about.", examples=["media:42"])


class NewInput(Body):
    input: Document = Field(examples=[{"mediaId": 42}])


class Which(Body):
    where: Conditions


class LogLine(Answer):
    """A try, or what somebody did. Lines of a step name it; a sub-step names its parent.

    A viewer gets no `message` that may be in the words of the program.
    """

    event: str
    attempt: int
    task_slug: str | None
    step: str | None
    parent: str | None
    input: Any
    output: Any
    message: str | None
    worker: str | None
    started_at: datetime | None
    at: datetime


class JobAnswer(Answer):
    """With either a task or a workflow.

    `error` is for whoever looks after the site, and null for a viewer; `reason` is for anybody.
    """

    id: int
    task_slug: str | None
    workflow_slug: str | None
    input: dict[str, Any]
    queue: str
    priority: int
    status: Status
    total_tried: int
    crashes: int
    wait_until: datetime | None
    has_error: bool
    error: str | None
    reason: str | None
    output: Any
    meta: dict[str, Any]
    subject: str | None
    concurrency_key: str | None
    schedule: str | None
    created_by: int | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class JobWithLog(JobAnswer):
    log: list[LogLine]


class Changed(Answer):
    """The jobs that were changed; none, when none of those that match is in a state that allows it."""

    success: bool = True
    count: int
    ids: list[int]


class Discarded(Answer):
    success: bool = True
    count: int


def job_facts(job: Job) -> dict[str, Any]:
    facts = {name: getattr(job, name) for name in JobAnswer.model_fields if name != "has_error"}
    return facts | {"has_error": job.status == FAILED, "error": job.error if current_user.may_edit else None}


def log_facts(line: JobLog) -> dict[str, Any]:
    facts = {name: getattr(line, name) for name in LogLine.model_fields}
    return facts | {"message": line.message if current_user.may_edit or line.is_in_words else None}

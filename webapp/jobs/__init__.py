"""A durable job system: the database row is the truth, the RQ message is a doorbell.

    queue("makeRenditions", {"mediaId": 42}, subject="media:42")    # in the caller's transaction

Declaring    declare(Task(…)) or declare(Workflow(…)); Input, Backoff, Concurrency, Schedule, Queue say how.
             The function behind it: `@handles(slug)` in workers/handlers.py.
Asking       queue(slug, input, …) adds a job; it is rung after the commit.
Running      Workers do. run() and run_by_id() run what is due here and now.
Changing     cancel, retry, discard by a filter, and …_by_id; edit_input.
Queues       pause, resume, paused.
Access       allow(app, queue=…, run=…, cancel=…); asked where override_access is False.
Listening    job_failed is sent with each job that fails for good; jobs_changed and queue_changed with what was done
             to some of them.

Filters are like {"status": "failed", "input.mediaId": [41, 42]}; see webapp/jobs/where.py.
"""

from webapp.jobs.access import AccessDenied, allow
from webapp.jobs.catalog import UnknownTask, declare
from webapp.jobs.changes import (
    WrongState,
    cancel,
    cancel_by_id,
    discard,
    discard_by_id,
    edit_input,
    retry,
    retry_by_id,
)
from webapp.jobs.due import run, run_by_id
from webapp.jobs.events import job_failed, jobs_changed, queue_changed
from webapp.jobs.job import Job, JobLog, stopped_by
from webapp.jobs.pausing import pause, paused, resume
from webapp.jobs.policy import Backoff, Concurrency, Input, Queue, Schedule, Task, Workflow
from webapp.jobs.queue import BadInput, UnknownQueue, queue
from webapp.jobs.where import BadFilter

__all__ = [
    "AccessDenied",
    "Backoff",
    "BadFilter",
    "BadInput",
    "Concurrency",
    "Input",
    "Job",
    "JobLog",
    "Queue",
    "Schedule",
    "Task",
    "UnknownQueue",
    "UnknownTask",
    "Workflow",
    "WrongState",
    "allow",
    "cancel",
    "cancel_by_id",
    "declare",
    "discard",
    "discard_by_id",
    "edit_input",
    "job_failed",
    "jobs_changed",
    "pause",
    "paused",
    "queue",
    "queue_changed",
    "resume",
    "retry",
    "retry_by_id",
    "run",
    "run_by_id",
    "stopped_by",
]

"""What admins press in RQ Dashboard, for the audit log: it changes messages in Redis, and tells nobody."""

from __future__ import annotations

from flask import Response, request

from webapp.admin import asked
from webapp.jobs.catalog import QUEUES
from webapp.models.audit import Named, note

LONGEST = 100  # characters of a name that came with an address
PRESSED = {
    "requeue_job_view": ("retried", "requeued the message {job_id}"),
    "requeue_all": ("retried", "requeued the failed messages of the queue “{queue_name}”"),
    "delete_job_view": ("discarded", "deleted the message {job_id}"),
    "empty_queue": ("discarded", "emptied the list “{registry_name}” of the queue “{queue_name}”"),
    "compact_queue": ("discarded", "removed what was left of messages that are gone from the queue “{queue_name}”"),
}


def note_pressed(response: Response) -> Response:
    """Only what was done: a message that was not there any more, or a Redis that is away, leave no line."""
    name = (request.endpoint or "").rpartition(".")[2]
    if request.method == "POST" and name in PRESSED and response.status_code < 400:
        verb, words = PRESSED[name]
        values = {key: asked.plain(str(value))[:LONGEST] for key, value in (request.view_args or {}).items()}
        note(verb, thing(values), f"{words.format(**values)} in RQ Dashboard")
    return response


def thing(values: dict[str, str]) -> Named | None:
    """The job that a message rings for, or the queue, when there can be such a one."""
    job_id = values.get("job_id", "").rpartition("-")[2]
    if job_id.isascii() and job_id.isdecimal():
        return Named(f"job:{int(job_id)}", f"Job #{int(job_id)}")
    queue = values.get("queue_name")
    return Named(f"queue:{queue}", queue) if queue in QUEUES else None

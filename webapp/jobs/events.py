"""What other parts of the program may listen to; the job layer knows none of them."""

from __future__ import annotations

import structlog
from blinker import Namespace

from webapp.database import db
from webapp.jobs.job import Job

log = structlog.get_logger(__name__)

# Sent with the Job, in the transaction in which it fails for good: what a receiver writes is kept with that.
job_failed = Namespace().signal("job-failed")
# Sent with a verb and the ids of the jobs, or the name of the queue, in the transaction of the change.
jobs_changed = Namespace().signal("jobs-changed")
queue_changed = Namespace().signal("queue-changed")


def tell_failed(job: Job) -> None:
    """A receiver that fails takes back what it wrote itself, and nothing else."""
    for receiver in job_failed.receivers_for(job):
        try:
            with db.session.begin_nested():
                receiver(job)
        except Exception as error:  # whatever a listener does wrong, the job has failed all the same
            log.error("job.listener_failed", job=job.id, exc_info=error)

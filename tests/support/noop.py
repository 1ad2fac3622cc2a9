"""Tasks that do nothing: what remains is what a job costs."""

from __future__ import annotations

import time

from webapp.jobs import Task, declare
from workers.handlers import handles
from workers.running import Running

NOOP = declare(Task("doNothing", "Do nothing"))
ISOLATED_NOOP = declare(Task("doNothingIsolated", "Do nothing, in a process of its own", queue="images"))


@handles(NOOP.slug)
@handles(ISOLATED_NOOP.slug)
def say_when_it_began(_job: Running) -> float:
    """In seconds; it becomes the output of the job."""
    return time.time()

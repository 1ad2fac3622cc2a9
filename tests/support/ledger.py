"""Work whose effects can be counted: lines that nothing keeps from being written twice, except the job system."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from webapp.database import db, transaction
from webapp.jobs import Backoff, Job, JobLog, Task, Workflow, declare, log, queue
from workers.handlers import handles
from workers.running import Running
from workers.stepping import WithSteps

SOON = Backoff(first=0.1, factor=1)
EFFECT = "effect of "

declare(Task("writeLine", "Write a line", retries=50, backoff=SOON))
declare(Workflow("writeThreeLines", "Write three lines in three steps", retries=50, backoff=SOON))
LINES = {"writeLine": 1, "writeThreeLines": 3}


@handles("writeLine")
def write_line(job: Running) -> dict[str, Any]:
    job.begin_effect()
    step = getattr(getattr(job, "key", None), "step", "the job")
    log.write(job.id, "noted", job.attempt, f"{EFFECT}{step}")
    return {"step": step}


@handles("writeThreeLines")
def write_three_lines(job: WithSteps) -> list[Any]:
    job.step("writeLine", "first")
    return job.parallel(lambda: job.step("writeLine", "second"), lambda: job.inline("third", write_line))


def queue_some(slug: str) -> int:
    """Queue one; how many lines it must write."""
    with transaction():
        queue(slug)
    return LINES[slug]


def sync_outputs() -> Select[Any]:
    return select(Job.output).where(Job.task_slug == "syncMediaToGalleries", Job.status == "succeeded")


def count_lines() -> tuple[int, int]:
    """How many different lines there are, and how many were written once more."""
    lines = (
        select(func.count().label("times"))
        .where(JobLog.event == "noted", JobLog.message.startswith(EFFECT))
        .group_by(JobLog.job_id, JobLog.message)
        .subquery()
    )
    different, written = db.session.execute(select(func.count(), func.coalesce(func.sum(lines.c.times), 0))).one()
    return different, written - different

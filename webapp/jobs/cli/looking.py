"""`flask jobs list|show|doctor`: what there is, what became of it, and whether all is well."""

from __future__ import annotations

import json
from typing import Any

import click
from sqlalchemy import select

from webapp.database import db
from webapp.findings import tell
from webapp.jobs.catalog import QUEUES
from webapp.jobs.cli.group import job_commands, job_id_type, limit_option, printable, where_option
from webapp.jobs.doctor import check
from webapp.jobs.job import Job, JobLog
from webapp.jobs.states import STATUSES
from webapp.jobs.where import conditions

SHOWN = (
    "slug", "status", "queue", "priority", "subject", "input", "meta", "output", "error", "reason", "total_tried",
    "crashes", "wait_until", "concurrency_key", "schedule", "created_at", "started_at", "completed_at",
)  # fmt: skip


@job_commands.command("list")
@click.option("--status", type=click.Choice(STATUSES))
@click.option("--queue", type=click.Choice(QUEUES))
@click.option("--task", help="The slug of a task or workflow.")
@click.option("--subject", help="What it is about, like media:42.")
@click.option("--limit", type=limit_option, default=20, show_default=True)
@where_option
def list_jobs(
    status: str | None, queue: str | None, task: str | None, subject: str | None, limit: int, where: dict[str, Any]
) -> None:
    """Print the newest jobs: id, status, task, subject and what is wrong, with tabs between."""
    asked = {"status": status, "queue": queue, "slug": task, "subject": subject}
    chosen = [*conditions(where), *conditions({name: value for name, value in asked.items() if value is not None})]
    for job in db.session.scalars(select(Job).where(*chosen).order_by(Job.id.desc()).limit(limit)):
        facts = (job.id, job.status, job.slug, job.subject or "", job.reason or job.error or "")
        click.echo("\t".join(map(printable, facts)))


@job_commands.command("show")
@click.argument("job_id", type=job_id_type)
def show(job_id: int) -> None:
    """Print one job with its log: each try, and each step with its output."""
    job = db.session.get(Job, job_id)
    if job is None:
        raise LookupError(f"There is no job {job_id}.")
    for name in SHOWN:
        click.echo(f"{name}: {_written(getattr(job, name))}")
    for entry in job.log:
        click.echo(_line(entry))


def _line(entry: JobLog) -> str:
    parts = [f"{entry.at:%Y-%m-%d %H:%M:%S} try {entry.attempt} {entry.event}"]
    if entry.step:
        step = "/".join(part for part in (entry.parent, entry.step) if part)
        parts.append(f"step {step} ({entry.task_slug})" if entry.task_slug else f"step {step}")
    if entry.message:
        parts.append(entry.message)
    if entry.output is not None:
        parts.append(f"→ {_written(entry.output)}")
    return printable(" ".join(parts))


def _written(value: Any) -> str:
    return printable(json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value)


@job_commands.command("doctor")
def doctor() -> None:
    """Check Redis, clock, workers, queues and jobs; ends with 1 when something is wrong."""
    tell(check())

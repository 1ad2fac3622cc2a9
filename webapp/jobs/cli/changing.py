"""`flask jobs cancel|retry`: one job by its id, or all that match."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from webapp import jobs
from webapp.jobs.cli.group import job_commands, job_id_type, where_option


@job_commands.command("cancel")
@click.argument("job_id", type=job_id_type, required=False)
@where_option
def cancel(job_id: int | None, where: dict[str, Any]) -> None:
    """Cancel a queued or running job, or all that match."""
    _change(jobs.cancel_by_id, jobs.cancel, job_id, where, jobs.stopped_by("somebody at the command line"))


@job_commands.command("retry")
@click.argument("job_id", type=job_id_type, required=False)
@where_option
def retry(job_id: int | None, where: dict[str, Any]) -> None:
    """Queue a failed or cancelled job again, or all that match; let a waiting one run now."""
    _change(jobs.retry_by_id, jobs.retry, job_id, where, "Tried again at the command line.")


def _change(
    one: Callable[[int, str], None],
    many: Callable[[dict[str, Any], str], list[int]],
    job_id: int | None,
    where: dict[str, Any],
    reason: str,
) -> None:
    if (job_id is None) == (not where):
        raise click.UsageError("Say which: either a JOB_ID, or --where.")
    if job_id is not None:
        one(job_id, reason)
        click.echo(f"Job {job_id}: {reason}")
        return
    ids = many(where, reason)
    for changed in ids:
        click.echo(f"Job {changed}: {reason}")
    click.echo("1 job." if len(ids) == 1 else f"{len(ids)} jobs.")

"""`flask jobs run|sweep|pause|resume`: let the work go on, or not."""

from __future__ import annotations

import json
from typing import Any

import click

from webapp import jobs
from webapp.jobs import due
from webapp.jobs.catalog import QUEUES
from webapp.jobs.cli.group import job_commands, limit_option, where_option
from webapp.jobs.policy import ORDERS, Order
from webapp.jobs.sweep import sweep

BY = "the command line"


@job_commands.command("run")
@click.option("--queue", type=click.Choice(QUEUES), default="default", show_default=True)
@click.option("--all-queues", is_flag=True, help="Whatever the queue.")
@click.option("--limit", type=limit_option, default=10, show_default=True)
@click.option("--order", type=click.Choice(ORDERS), help="Another than the queue's own.")
@click.option("--side-by-side", is_flag=True, help="Up to four at once.")
@where_option
def run(
    queue: str, all_queues: bool, limit: int, order: Order | None, side_by_side: bool, where: dict[str, Any]
) -> None:
    """Run what is due, here and now."""
    chosen = None if all_queues else queue
    ran = jobs.run(chosen, limit=limit, where=where, order=order, sequential=not side_by_side)
    for job_id, status in ran.items():
        click.echo(f"{job_id}\t{status}")
    click.echo(f"{due.count_due(chosen)} more are due.")


@job_commands.command("sweep")
def sweep_now() -> None:
    """Do what the clock has done each minute, now."""
    report = sweep()
    click.echo("Another sweep is running." if report is None else json.dumps(report))


@job_commands.command("pause")
@click.argument("queue", type=click.Choice(QUEUES))
def pause(queue: str) -> None:
    """Pause a queue: what runs is finished, what waits stays."""
    click.echo(f"Paused {queue}." if jobs.pause(queue, by=BY) else f"{queue} was paused already.")


@job_commands.command("resume")
@click.argument("queue", type=click.Choice(QUEUES))
def resume(queue: str) -> None:
    """Let a paused queue go on."""
    click.echo(f"{queue} goes on." if jobs.resume(queue) else f"{queue} was not paused.")

"""`flask search`: building the index of meaning anew, and how it is."""

from __future__ import annotations

import click

from webapp.command_group import InWords
from webapp.models import meaning
from webapp.models.meaning_state import start_reindex, state
from webapp.models.progress import counted
from webapp.search.stores.choice import NAMES

search_commands = InWords("search", help="Search by meaning.")


@search_commands.command("reindex")
def reindex() -> None:
    """Build the index anew in the background, beside the one that is searched, and then switch."""
    if meaning.embedder() is None:
        raise click.ClickException("Search by meaning is off. Set EMBEDDER to local or openai first.")
    click.echo(f"Asked for it: job {start_reindex().id}. Until it is done, the index that is there is searched.")


@search_commands.command("status")
def status() -> None:
    """Say what is in the index, what is missing and what is under way; ends with 1 when something is to be done."""
    now = state()
    click.echo(f"Embedder: {now.model or 'none'}")
    for generation in now.generations:
        where = NAMES[generation.store]
        click.echo(f"Index {generation.id}: {generation.model} ({generation.dims}), {generation.state}, in {where}")
    for kept in now.collections:
        there = kept.wanted - kept.missing
        click.echo(f"{kept.collection}: {there:,} of {kept.wanted:,} in the index, {kept.surplus:,} too many")
    click.echo(f"{counted(now.waiting, 'job waits or runs', 'jobs wait or run')}, {now.failed:,} failed")
    for warning in now.warnings:
        click.echo(warning)
    if now.warnings and now.model:
        raise SystemExit(1)

"""The group of commands, and what they have in common: --where, and text that is safe to print."""

from __future__ import annotations

from typing import Any

import click

from webapp.command_group import InWords
from webapp.jobs import BadFilter, UnknownQueue, UnknownTask, WrongState
from webapp.jobs.where import from_texts

MAX_ID = 2**63 - 1


job_commands = InWords(
    "jobs",
    help="Look at background jobs and run, cancel or retry them.",
    refusals=(BadFilter, UnknownQueue, UnknownTask, WrongState),
)


def _read_where(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, Any]:
    return from_texts(texts)


where_option = click.option(
    "--where",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_read_where,
    help="Only those that match, like status=failed or input.mediaId=42. Several must all match; "
    "the same name twice means either value.",
)
limit_option = click.IntRange(1, 1000)
job_id_type = click.IntRange(1, MAX_ID)


def printable(value: object) -> str:
    """On one line, and without what could steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in str(value))

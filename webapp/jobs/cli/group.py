"""The group of commands, and what they have in common: errors in words, --where, and text that is safe to print."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError

from webapp.findings import database_trouble
from webapp.jobs import BadFilter, UnknownQueue, UnknownTask, WrongState
from webapp.jobs.where import from_texts

MAX_ID = 2**63 - 1


class InWords(AppGroup):
    """Ends with 1 and words where another would print a stack."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (BadFilter, UnknownQueue, UnknownTask, WrongState) as error:
            raise click.ClickException(str(error)) from None
        except (InterfaceError, OperationalError, ProgrammingError) as error:
            raise click.ClickException(database_trouble(error)) from None
        except LookupError as error:
            if type(error) is not LookupError:  # a mistake of ours
                raise
            raise click.ClickException(str(error)) from None


job_commands = InWords("jobs", help="Look at background jobs and run, cancel or retry them.")


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

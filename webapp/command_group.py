"""A group of `flask` commands that says in words what it can't do."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from webapp.database_trouble import trouble_of


class InWords(AppGroup):
    """Ends with 1 and words where another would print a stack; `refusals` are errors whose message is for people."""

    def __init__(self, name: str, *, refusals: tuple[type[Exception], ...] = (), **more: Any) -> None:
        self.refusals = refusals
        super().__init__(name, **more)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except self.refusals as error:
            raise click.ClickException(str(error)) from None
        except SQLAlchemyError as error:
            words = trouble_of(error)
            if words is None:  # a mistake of ours
                raise
            raise click.ClickException(words) from None
        except LookupError as error:
            if type(error) is not LookupError:  # a mistake of ours
                raise
            raise click.ClickException(str(error)) from None

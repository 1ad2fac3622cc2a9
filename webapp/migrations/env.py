"""Runs the migrations on the app's own database."""

import click
from alembic import context
from flask import current_app

from webapp.database import db, is_postgresql, writing_options
from webapp.database_trouble import NEWER
from webapp.schema import is_newer


def is_described(_thing, name, kind, reflected, compare_to) -> bool:
    """No model describes what finds words in `search_texts`; each database has its own (0014)."""
    finds_words = name in ("words", "parts") if kind == "column" else name.startswith(("search_", "ix_search_"))
    return not (reflected and compare_to is None and finds_words)


def migrate_online() -> None:
    with db.engine.connect().execution_options(**writing_options()) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            transactional_ddl=True,  # SQLite too: whoever comes second waits, and sees what the first has done
            include_object=is_described,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            if is_postgresql():
                # Two dynos that are released at once: the second waits and then finds nothing to do.
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")  # it waits, or rewrites a large table
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7171)")
            context.run_migrations()


def is_release() -> bool:
    """Is this `flask db upgrade`? Whoever asks for another version than there is must hear that it is not known."""
    command = click.get_current_context(silent=True)
    return command is not None and command.info_name == "upgrade"


if is_release() and is_newer():
    click.echo(NEWER)  # and let whoever goes back to the version before start it
else:
    migrate_online()

"""How far a database is migrated. Alembic is imported only to migrate one: that is a tenth of every start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import inspect, text
from werkzeug.local import LocalProxy

from webapp.database import db

FOLDER = Path(__file__).parent / "migrations"


def init_schema(app: Flask) -> None:
    """Let a `flask` command have `flask db`, and others what it works with once they look for it."""
    if click.get_current_context(silent=True):
        _flask_migrate(app)
    else:
        app.extensions["migrate"] = LocalProxy(lambda: _flask_migrate(app))


def _flask_migrate(app: Flask) -> Any:
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(FOLDER), compare_type=True)  # takes the place of the proxy
    return app.extensions["migrate"]


def migrate() -> None:
    """To the newest version, unless it is of a newer one. It may be called by two processes at once."""
    if not is_newest() and not is_newer():
        from flask_migrate import upgrade

        upgrade()


def is_newest() -> bool:
    return _version() == newest()


def is_newer() -> bool:
    """Has a later version of this program migrated it, as when somebody went back to the one before?"""
    version = _version() or ""
    return version.isdecimal() and version > newest()


def newest() -> str:
    """Of the migrations that came with this program."""
    return max(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*.py"))


def _version() -> str | None:
    """Of the database; None when it is empty."""
    db.session.rollback()  # or a process that may have one connection would wait here for itself
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return str(version) if version else None

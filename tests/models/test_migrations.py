"""The migrations make what the models describe, and can be undone."""

from __future__ import annotations

import flask_migrate
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from tests.conftest import both_databases
from webapp.database import db
from webapp.schema import is_newest, newest

pytestmark = both_databases


def test_the_migrations_make_just_what_the_models_describe(in_app: Flask) -> None:
    flask_migrate.check()  # exits when there is a difference


def test_upgrading_twice_is_harmless_and_downgrading_leaves_nothing(in_app: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    flask_migrate.upgrade()
    assert "items" in inspect(db.engine).get_table_names()


def test_the_newest_migration_is_the_one_that_alembic_would_go_to(in_app):
    config = in_app.extensions["migrate"].migrate.get_config()
    assert ScriptDirectory.from_config(config).get_heads() == [newest()]
    assert is_newest()

"""The migrations make what the models describe, and can be undone."""

from __future__ import annotations

import flask_migrate
from flask import Flask
from sqlalchemy import inspect

from tests.conftest import both_databases
from webapp.database import db

pytestmark = both_databases


def test_the_migrations_make_just_what_the_models_describe(in_app: Flask) -> None:
    flask_migrate.check()  # exits when there is a difference


def test_upgrading_twice_is_harmless_and_downgrading_leaves_nothing(in_app: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    flask_migrate.upgrade()
    assert "items" in inspect(db.engine).get_table_names()

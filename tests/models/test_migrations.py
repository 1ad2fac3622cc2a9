"""The migrations make what the models describe, go up and down with data in them, and two at once do no harm."""

from __future__ import annotations

import signal
from pathlib import Path

import flask_migrate
import flask_migrate.cli
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, text

from tests.conftest import both_databases
from tests.site.pictures import page_with, upload
from tests.support.migrating import migrated_by_a_later_program, start_upgrade
from webapp.database import db, transaction
from webapp.jobs import queue
from webapp.models import user as users
from webapp.models.page import create_page
from webapp.schema import FOLDER, is_newer, is_newest, migrate, newest

pytestmark = both_databases

REVISIONS = sorted(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*.py"))
KEPT = ("users", "media", "renditions", "pages", "blocks", "items", "jobs")  # that there have been from the beginning


def counts() -> dict[str, int]:
    found = {table: db.session.scalar(text(f"SELECT count(*) FROM {table}")) for table in KEPT}
    db.session.remove()  # a migration waits for whoever reads
    return found


@pytest.fixture
def filled(in_app: Flask) -> dict[str, int]:
    """Something of everything that each version knows; how many rows of it."""
    users.create_user("ann@example.org", "correct horse battery staple", "editor")
    hung, other = upload(), upload()
    page_with(hung, other)
    create_page("Words", layout=[{"blockType": "text", "body": "Welcome"}])
    with transaction():
        queue("makeRenditions", {"mediaId": hung.id}, subject=hung.subject)
    return counts()


def test_the_migrations_make_just_what_the_models_describe(in_app: Flask) -> None:
    flask_migrate.check()  # exits when there is a difference


def test_upgrading_twice_is_harmless_and_downgrading_leaves_nothing(in_app: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    flask_migrate.upgrade()
    assert "items" in inspect(db.engine).get_table_names()


def test_what_is_in_it_goes_down_to_each_version_and_up_again(filled) -> None:
    for revision in reversed(REVISIONS[:-1]):
        flask_migrate.downgrade(revision=revision)
        assert counts() == filled, revision
        flask_migrate.upgrade()
        assert counts() == filled, revision
        assert is_newest()
        flask_migrate.check()


def test_one_step_after_the_other_goes_down_and_up_with_what_is_in_it(filled) -> None:
    for revision in reversed(REVISIONS[:-1]):
        flask_migrate.downgrade(revision=revision)
        assert counts() == filled, revision
    for revision in REVISIONS[1:]:
        flask_migrate.upgrade(revision=revision)
        assert counts() == filled, revision
    flask_migrate.check()


@pytest.mark.parametrize("revision", ["base", "0001", "0007"])
def test_programs_that_migrate_at_once_do_it_once(filled, database_url: str, tmp_path: Path, revision: str) -> None:
    """As dynos do that are released in the same moment. A step that is done twice fails: its tables are there."""
    flask_migrate.downgrade(revision=revision)
    db.engine.dispose()
    all_at_once = [start_upgrade(database_url, tmp_path) for _ in range(3)]
    for process in all_at_once:
        process.join(60)
    assert [process.exitcode for process in all_at_once] == [0, 0, 0]
    assert is_newest()
    flask_migrate.check()
    if revision != "base":
        assert counts() == filled


def test_a_release_that_is_killed_half_way_is_done_by_the_next(filled, database_url: str, tmp_path: Path) -> None:
    """Each step is there whole or not at all."""
    flask_migrate.downgrade(revision="0001")
    db.engine.dispose()
    process = start_upgrade(database_url, tmp_path, killed_at="0005")
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert not is_newest()
    assert counts() == filled
    flask_migrate.upgrade()
    assert counts() == filled
    flask_migrate.check()


def test_the_newest_migration_is_the_one_that_alembic_would_go_to(in_app):
    config = in_app.extensions["migrate"].migrate.get_config()
    assert ScriptDirectory.from_config(config).get_heads() == [newest()]
    assert is_newest()


def test_the_release_of_a_version_before_leaves_a_newer_database_as_it_is(in_app):
    run = in_app.test_cli_runner().invoke
    with migrated_by_a_later_program():
        released = run(flask_migrate.cli.db, ["upgrade"])
        assert (released.exit_code, "of a newer version" in released.output) == (0, True), released.output
        assert run(flask_migrate.cli.db, ["downgrade", "0018"]).exit_code == 1  # it knows no way down from there
        migrate()  # as `make run` does
        assert is_newer()
        assert "ok     migrations  The database is of a newer version" in run(args=["doctor"]).output

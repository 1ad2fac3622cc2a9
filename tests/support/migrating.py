"""`flask db upgrade` as a process of its own, that may be killed at one of its steps; and what a newer one has left."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import flask_migrate
from sqlalchemy import Engine, event, text

from config import Settings
from tests.support.launch import PRELOAD
from webapp import create_app
from webapp.database import transaction
from webapp.schema import newest


def start_upgrade(database_url: str, data_dir: Path, killed_at: str = "") -> ForkServerProcess:
    """Its exit code is 1 when it fails; it kills itself after the step to this revision, before that is committed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    process = context.Process(target=upgrade, args=(database_url, str(data_dir), killed_at))
    process.start()
    return process


def upgrade(database_url: str, data_dir: str, killed_at: str) -> None:
    def look(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if killed_at and "UPDATE alembic_version" in statement and killed_at in f"{statement} {parameters}":
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "after_cursor_execute", look)
    app = create_app(Settings(database_url=database_url, data_dir=Path(data_dir), redis_url="redis://127.0.0.1:1"))
    with app.app_context():
        flask_migrate.upgrade()


@contextmanager
def migrated_by_a_later_program() -> Iterator[None]:
    """To a version that this one does not know, inside of an app's context."""
    change = text("UPDATE alembic_version SET version_num = :version")
    with transaction() as session:
        session.execute(change, {"version": "0099"})
    try:
        yield
    finally:
        with transaction() as session:
            session.execute(change, {"version": newest()})

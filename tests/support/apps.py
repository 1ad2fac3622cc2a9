"""One app a process for all tests with the same settings.

To register each route, compile each template and compose each statement takes longer than most tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

from config import Settings
from tests.support.people import OwnContextClient
from webapp import create_app
from webapp.extensions import limiter
from workers.perform import perform_job

CRON_SECRET = "a cron secret for the tests"
ACCESS = "gallerist_job_access"


@cache
def settings_of(data_dir: Path, database_url: str, redis_url: str) -> Settings:
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        redis_url=redis_url,
        cron_secret=CRON_SECRET,
        log_level="ERROR",
        embedder="off",  # so that the jobs of a test are those that it is about
    )


@cache
def shared_app(data_dir: Path, database_url: str, redis_url: str) -> SharedApp:
    app = new_app(settings_of(data_dir, database_url, redis_url))
    settings = app.config["SETTINGS"]
    changing = app.config, app.extensions, app.extensions[ACCESS], vars(settings), vars(limiter)
    return SharedApp(app, [(state, dict(state)) for state in changing])


def new_app(settings: Settings) -> Flask:
    app = create_app(settings, perform_job=perform_job)
    app.test_client_class = OwnContextClient
    return app


@dataclass(frozen=True)
class SharedApp:
    """An app, made as new: tests change settings, what hangs on it and, with another app, the limiter."""

    app: Flask
    states: list[tuple[dict[str, Any], dict[str, Any]]]  # each with a copy of what it held

    def as_new(self) -> Flask:
        for state, new in self.states:
            state.clear()
            state.update(new)
        return self.app

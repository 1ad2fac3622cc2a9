"""No process keeps more connections to PostgreSQL than it is given, nor a statement for ever, and says so."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

import config
from config import Settings
from tests.support.apps import new_app
from tests.support.databases import on_postgresql
from tests.support.people import bearer_client
from webapp.database import db
from webapp.flask_settings import engine_options, postgresql_limits

PLAIN = "postgresql+psycopg://somebody@db.example/pictures"


@pytest.fixture
def limited(data_dir, database_url, redis_url) -> Iterator[Flask]:
    """Two connections at most; half a second of waiting, and of working."""
    app = new_app(
        Settings(
            data_dir=data_dir,
            database_url=database_url,
            redis_url=redis_url,
            log_level="CRITICAL",
            database_pool_size=1,
            database_pool_overflow=1,
            database_pool_timeout=0.5,
            database_statement_timeout=0.5,
        )
    )
    yield app
    with app.app_context():
        db.engine.dispose()


@contextmanager
def another(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that is none of the app's."""
    with psycopg.connect(database_url) as connection:
        yield connection


@on_postgresql
def test_a_statement_that_takes_too_long_is_ended_and_told(limited, database_url):
    client = bearer_client(limited, "editor")
    with another(database_url) as connection:
        connection.execute("LOCK TABLE media IN ACCESS EXCLUSIVE MODE")
        started = time.monotonic()
        answer = client.get("/api/media")
        assert (answer.status_code, "try again" in answer.json["error"]) == (503, True)
        assert time.monotonic() - started < 3
    assert client.get("/api/media").status_code == 200


@on_postgresql
def test_when_no_connection_is_free_the_request_is_told_to_try_again(limited):
    client = bearer_client(limited, "editor")
    with limited.app_context():
        with db.engine.connect(), db.engine.connect():
            answer = contextvars.Context().run(client.get, "/api/media")
        assert (answer.status_code, "try again" in answer.json["error"]) == (503, True)
    assert client.get("/api/media").status_code == 200


@on_postgresql
def test_many_requests_at_once_share_the_connections_it_may_have(limited, database_url):
    client = bearer_client(limited, "editor")
    count = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'gallerist'")
    with ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(client.get, "/api/media?limit=50") for _ in range(100)]
        with another(database_url) as connection:
            most = max(connection.execute(count.text).fetchone()[0] for _ in range(20))
    assert 1 <= most <= 2
    assert {one.result().status_code for one in asked} <= {200, 503}


@on_postgresql
def test_a_worker_may_take_as_long_as_its_job(limited):
    settings = config.for_worker(limited.config["SETTINGS"])
    assert engine_options(settings)["connect_args"]["options"] == "-c statement_timeout=600000"


def test_what_the_address_says_itself_goes_before(tmp_path):
    settings = Settings(data_dir=tmp_path, database_url=f"{PLAIN}?options=-c%20statement_timeout%3D7&connect_timeout=2")
    assert postgresql_limits(settings) == {"application_name": "gallerist"}


def test_without_a_limit_none_is_asked_for(tmp_path):
    settings = Settings(data_dir=tmp_path, database_url=PLAIN, database_statement_timeout=0)
    assert "options" not in postgresql_limits(config.for_worker(settings))

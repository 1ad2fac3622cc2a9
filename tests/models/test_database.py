"""How transactions begin, wait for each other and end."""

from __future__ import annotations

import threading

import psycopg
import pytest
from sqlalchemy import text

from tests.conftest import both_databases
from tests.support.databases import on_postgresql
from webapp import database
from webapp.database import db, transaction, utcnow
from webapp.models import PausedQueue

HOW_DURABLE = {"sqlite": "PRAGMA synchronous", "postgresql": "SHOW synchronous_commit"}
NOT_WAITED_FOR = {"sqlite": 1, "postgresql": "off"}
FULL = 2
OWN_PID = text("SELECT pg_backend_pid()")


def how_durable() -> object:
    return db.session.scalar(text(HOW_DURABLE[db.engine.dialect.name]))


@both_databases
def test_a_transaction_that_need_not_be_durable_is_not_waited_for(in_app):
    with transaction(durable=False):
        assert how_durable() == NOT_WAITED_FOR[db.engine.dialect.name]


def test_any_other_transaction_is_on_the_disk_when_it_ends(in_app):
    with transaction(durable=False):
        pass
    with transaction():
        assert how_durable() == FULL


def test_on_sqlite_a_second_writer_waits_for_the_first(in_app):
    done, may_end = [], threading.Event()

    def write_second() -> None:
        with in_app.app_context(), transaction() as session:
            done.append("second")
            session.add(PausedQueue(queue="second", paused_at=utcnow()))

    second = threading.Thread(target=write_second)
    with transaction() as session:
        second.start()
        may_end.wait(0.1)  # nothing sets it: time for the second to come in between, if it could
        session.add(PausedQueue(queue="first", paused_at=utcnow()))
        session.flush()
        done.append("first")
    second.join()
    assert done == ["first", "second"]
    assert db.session.query(PausedQueue).count() == 2


def test_on_sqlite_a_writer_that_waits_too_long_says_so(in_app, monkeypatch):
    monkeypatch.setattr(database, "LOCK_TIMEOUT", 0)
    raised = []

    def write_second() -> None:
        with in_app.app_context(), pytest.raises(Exception, match="database is locked") as error, transaction():
            pass
        raised.append(type(error.value).__name__)

    second = threading.Thread(target=write_second)
    with transaction():
        second.start()
        second.join()
    assert raised == ["OperationalError"]


@on_postgresql
def test_a_connection_that_died_while_idle_is_replaced(in_app, monkeypatch):
    monkeypatch.setattr(database, "PING_AFTER", 0)
    with db.engine.connect() as connection:
        dead = connection.scalar(OWN_PID)
    with psycopg.connect(db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)) as another:
        another.execute("SELECT pg_terminate_backend(%s, 5000)", [dead])
    with db.engine.connect() as connection:
        assert connection.scalar(OWN_PID) != dead

"""How transactions begin, wait for each other and end."""

from __future__ import annotations

import sqlite3
import threading
import time

import psycopg
import pytest
from sqlalchemy import Update, select, text, update
from sqlalchemy.exc import OperationalError

from tests.conftest import both_databases
from tests.support.databases import on_postgresql
from webapp import connections
from webapp.database import db, is_one_of, reading_together, transaction, update_in_passing, utcnow
from webapp.models import Page, PausedQueue
from webapp.models.page import create_page

OWN_PID = text("SELECT pg_backend_pid()")
NORMAL, FULL = 1, 2


def pause(queue: str) -> None:
    with transaction() as session:
        session.add(PausedQueue(queue=queue, paused_at=utcnow()))


def rename(queue: str) -> Update:
    return update(PausedQueue).where(PausedQueue.queue == queue).values(queue="other").returning(PausedQueue.queue)


@both_databases
def test_an_update_in_passing_answers_its_row_or_none(in_app):
    pause("images")
    assert update_in_passing(rename("images"), {})[0] == "other"
    assert update_in_passing(rename("images"), {}) is None
    assert db.session.scalars(select(PausedQueue.queue)).all() == ["other"]


@both_databases
@pytest.mark.parametrize("count", [1, 100_000])
def test_it_is_told_of_any_count_of_numbers_which_rows_have_one(in_app, count):
    """In a list each would be a parameter, of which PostgreSQL takes 65,535 at most."""
    first, second = (create_page(title).id for title in ("Harbour", "Market"))
    asked = select(Page.id).order_by(Page.id)
    assert db.session.scalars(asked.where(is_one_of(Page.id, range(first, first + count)))).all() == (
        [first] if count == 1 else [first, second]
    )
    assert db.session.scalars(asked.where(is_one_of(Page.id, []))).all() == []


def test_on_sqlite_only_an_update_in_passing_is_not_waited_for_until_it_is_on_the_disk(in_app):
    how_durable = text("PRAGMA synchronous")
    pause("images")
    update_in_passing(rename("images"), {})
    with db.engine.connect() as last_used:
        assert last_used.connection.execute("PRAGMA synchronous").fetchone() == (NORMAL,)
    with transaction() as session:
        assert session.scalar(how_durable) == FULL


@on_postgresql
def test_on_postgresql_only_an_update_in_passing_is_not_waited_for_until_it_is_on_the_disk(in_app):
    with db.engine.connect() as pooled:
        pooled.execute(text("SET synchronous_commit TO on"))  # the server of the tests has it off
    pause("images")
    assert update_in_passing(rename("images"), {})[-1] == "off"
    with transaction() as session:
        assert session.scalar(text("SHOW synchronous_commit")) == "on"


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
    monkeypatch.setattr(connections, "LOCK_TIMEOUT", 0)
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


def test_on_sqlite_a_writer_who_waited_for_its_turn_does_not_wait_anew_for_the_lock(in_app, monkeypatch):
    monkeypatch.setattr(connections, "LOCK_TIMEOUT", 0.1)
    somebody_else = sqlite3.connect(db.engine.url.database)
    somebody_else.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with connections._my_turn, pytest.raises(OperationalError, match="database is locked"), transaction():
        pass
    assert time.monotonic() - began < 10  # seconds; SQLite by itself waits for 30
    somebody_else.close()


@on_postgresql
def test_postgresql_keeps_what_it_has_prepared_from_one_reader_to_the_next(in_app):
    """A ROLLBACK makes psycopg forget it; each request would then have its statements planned anew."""
    prepared = text("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%FROM pages%'")
    for _ in range(10):
        db.session.scalars(select(Page.id)).all()
        create_page("Harbour")
        db.session.remove()
    assert db.session.scalars(prepared).all()


@on_postgresql
def test_what_is_read_together_is_read_in_one_transaction(in_app):
    began = text("SELECT now()")
    with reading_together():
        assert db.session.scalar(began) == db.session.scalar(began)
    assert db.session.scalar(began) != db.session.scalar(began)


@on_postgresql
def test_a_connection_that_died_while_idle_is_replaced(in_app, monkeypatch):
    monkeypatch.setattr(connections, "PING_AFTER", 0)
    with db.engine.connect() as connection:
        dead = connection.scalar(OWN_PID)
    with psycopg.connect(db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)) as another:
        another.execute("SELECT pg_terminate_backend(%s, 5000)", [dead])
    with db.engine.connect() as connection:
        assert connection.scalar(OWN_PID) != dead

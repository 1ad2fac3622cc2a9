"""On SQLite, a job writes when no request that may change something is at work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from tests.conftest import both_databases
from tests.support.rows import SYNC
from webapp import people_first
from webapp.database import db
from webapp.jobs import queue
from webapp.jobs.job import Job
from workers.perform import perform_job

LONG, SHORT = 60, 0.01  # seconds


@pytest.fixture
def job(in_app) -> int:
    """It ends as cancelled, by an effect of its own, as there is no such picture."""
    return queue(SYNC, {"mediaId": 1}).id


@contextmanager
def request_at_work(app: Flask, method: str) -> Iterator[None]:
    with app.test_request_context("/admin/media", method=method):
        people_first._begin()
        yield


@contextmanager
def performing(app: Flask, job: int) -> Iterator[Callable[[float], bool]]:
    """A worker at this job; what is yielded waits so many seconds and tells whether it is done."""

    def work() -> None:
        with app.app_context():
            perform_job(job)
            db.session.remove()

    worker = threading.Thread(target=work)
    worker.start()

    def is_done(within: float) -> bool:
        worker.join(within)
        return not worker.is_alive()

    yield is_done
    worker.join()


def test_a_job_waits_for_the_end_of_a_request(app, job, monkeypatch):
    monkeypatch.setattr(people_first, "PATIENCE", LONG)
    with performing(app, job) as is_done:
        with request_at_work(app, "POST"):
            assert not is_done(0.3)
        assert is_done(LONG)
    assert db.session.get(Job, job, populate_existing=True).status == "cancelled"


def test_a_job_does_not_wait_for_ever(app, job, monkeypatch):
    monkeypatch.setattr(people_first, "PATIENCE", SHORT)
    with request_at_work(app, "POST"), performing(app, job) as is_done:
        assert is_done(LONG)


def test_somebody_who_only_reads_holds_nothing_up(app, job, monkeypatch):
    monkeypatch.setattr(people_first, "PATIENCE", 2 * LONG)
    with request_at_work(app, "GET"), performing(app, job) as is_done:
        assert is_done(LONG)


def test_a_job_that_a_request_runs_does_not_wait_for_it(app, job, monkeypatch):
    monkeypatch.setattr(people_first, "PATIENCE", LONG)
    started = time.monotonic()
    with request_at_work(app, "POST"):
        assert perform_job(job) == "cancelled"
    assert time.monotonic() - started < LONG


@both_databases
def test_a_request_that_changed_something_lets_go_at_its_end(editor_api, in_app, monkeypatch):
    monkeypatch.setattr(people_first, "PATIENCE", LONG)
    assert editor_api.post("/api/pages", json={"title": "Harbour"}).status_code == 201
    started = time.monotonic()
    people_first.let_people_go_first()
    assert time.monotonic() - started < LONG

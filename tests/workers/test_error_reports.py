"""With SENTRY_DSN set, errors reach a server that speaks Sentry's protocol, and no secrets or what people sent."""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from flask import Flask

from config import Settings, SettingsError
from tests.support import tasks
from tests.support.apps import new_app
from tests.support.people import bearer_client
from tests.support.product import Product
from tests.support.receiver import Receiver
from webapp.error_reports import error_reports
from webapp.jobs import Input, Task, queue
from webapp.logs import configure_logs

PRIVATE = "words-of-somebody"
SECRET = "Qx9!nobody-may-read-this"
TASK = "failing-in-production"


@pytest.fixture
def sentry() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def dsn(sentry: Receiver) -> str:
    return sentry.url.replace("://", "://a-public-key@") + "/1"


@pytest.fixture
def reporting_app(settings: Settings, dsn: str) -> Iterator[Flask]:
    yield new_app(settings.model_copy(update={"sentry_dsn": dsn, "secret_key": SECRET}))
    sentry_sdk.init()
    configure_logs(settings)


def events(sentry: Receiver) -> list[dict[str, Any]]:
    """What came: of each envelope a head, and a line about each thing before it."""
    found = []
    for call in list(sentry.calls):
        assert call.path == "/api/1/envelope/"
        body = gzip.decompress(call.body) if call.headers.get("content-encoding") == "gzip" else call.body
        lines = [json.loads(line) for line in body.splitlines() if line]
        found += [thing for about, thing in zip(lines[1::2], lines[2::2], strict=True) if about["type"] == "event"]
    return found


def wait_for_event(sentry: Receiver) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while not (found := events(sentry)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found[0]


def test_a_request_that_breaks_is_told_with_its_name_and_without_what_was_sent(reporting_app, sentry):
    def break_down() -> None:
        sent = PRIVATE  # a local variable
        raise RuntimeError(f"{len(sent)}: no answer from redis://:{'pa55word'}-of-redis@example.org with {SECRET}")

    endpoint, _ = reporting_app.url_map.bind("localhost").match("/api/pages")
    reporting_app.view_functions[endpoint] = break_down
    answer = bearer_client(reporting_app, "viewer").get(
        f"/api/pages?q={PRIVATE}", headers={"Cookie": f"session={PRIVATE}"}
    )
    assert answer.status_code == 500
    event = wait_for_event(sentry)
    (error,) = event["exception"]["values"]
    assert error["type"] == "RuntimeError"
    assert [frame["function"] for frame in error["stacktrace"]["frames"]][-1] == "break_down"
    assert event["tags"]["request_id"] == answer.headers["X-Request-Id"]
    told = json.dumps(event)
    for never in (SECRET, "pa55word-of-redis", "private", "session=abc", 'the words of somebody"'):
        assert never not in told
    assert not event.get("user") and not event.get("request") and not event["breadcrumbs"]["values"]


def test_a_job_that_fails_in_a_worker_is_told(sentry, dsn, database_url):
    product = Product(database_url, sentry_dsn=dsn, log_level="INFO")
    try:
        product.start("default")
        with tasks.declared(Task(TASK, "Failing", Input), lambda job: None), product.rows():
            job = queue(TASK).id
        product.wait_for_job(job, "failed")
        event = wait_for_event(sentry)
        assert (event["tags"]["job"], event["tags"]["task"]) == (str(job), TASK)
        assert event["exception"]["values"][-1]["type"] == "FailedForGood"
    finally:
        product.stop()


def test_without_a_dsn_nobody_is_told(settings):
    assert error_reports(settings) == []


def test_a_dsn_that_is_none_is_refused_with_words(settings):
    with pytest.raises(SettingsError, match="SENTRY_DSN can't be used"):
        error_reports(settings.model_copy(update={"sentry_dsn": "nonsense"}))


def test_a_missing_package_is_told_with_the_way_to_get_it(settings, monkeypatch):
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(SettingsError, match="pip install sentry-sdk"):
        error_reports(settings.model_copy(update={"sentry_dsn": "https://key@example.org/1"}))

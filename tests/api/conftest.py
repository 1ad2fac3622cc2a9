"""Real pictures, sent through the API, and what several of its tests need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.support.apps import CRON_SECRET
from tests.support.pictures import tiny_jpeg
from webapp.database import db

Upload = Callable[..., TestResponse]


@pytest.fixture
def upload(editor_api: FlaskClient) -> Upload:
    """Sends the picture of a number as an editor, with more form fields if wanted."""

    def send(number: int = 1, *, query: str = "", client: FlaskClient = editor_api, **fields: Any) -> TestResponse:
        picture = (BytesIO(tiny_jpeg(number)), f"picture-{number}.jpg")
        return client.post(f"/api/media{query}", data={"file": picture} | fields)

    return send


@pytest.fixture
def media_id(upload: Upload) -> int:
    return int(upload().json["id"])


@pytest.fixture
def harbour(editor_api: FlaskClient) -> dict[str, Any]:
    """A page with an auto-sync gallery, a text and another gallery."""
    layout = [
        {"blockType": "gallery", "title": "New", "autoSync": True},
        {"blockType": "text", "body": "Words"},
        {"blockType": "gallery", "title": "By hand"},
    ]
    answer = editor_api.post("/api/pages", json={"title": "Harbour", "slug": "harbour", "layout": layout})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


@pytest.fixture
def run_jobs(editor_api: FlaskClient) -> Callable[[], None]:
    """Runs everything that is due, as a cron service would."""

    def run() -> None:
        answer = editor_api.post("/api/jobs/run?limit=1000&allQueues")
        assert answer.status_code == 200, answer.text

    return run


@pytest.fixture
def cron(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {CRON_SECRET}"
    return client


@pytest.fixture
def count_queries(app: Flask) -> Callable[..., Any]:
    """A context manager whose value is the list of statements that were run inside it."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        with app.app_context():
            engine = db.engine
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting


def is_error(answer: TestResponse, status: int, *fields: str) -> bool:
    """The contract's shape of an error, with this code and words for these fields."""
    body = answer.get_json(silent=True) or {}
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json"
    assert body["success"] is False and body["error"], body
    assert set(fields) <= set(body["fields"]), body
    return True

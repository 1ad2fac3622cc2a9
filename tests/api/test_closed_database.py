"""A PostgreSQL that is read but takes no changes: a standby, a full disk, a role that may only look."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import make_url

from tests.api.conftest import is_error
from tests.support.apps import new_app
from tests.support.databases import on_postgresql
from tests.support.people import bearer_client
from tests.support.pictures import tiny_jpeg
from webapp.database import db

pytestmark = on_postgresql


@pytest.fixture(params=["default_transaction_read_only=on", "role=pg_read_all_data"])
def closed(request, app, settings, database_url) -> Iterator[Flask]:
    """The app, whose connections can only read."""
    options = make_url(database_url).update_query_dict({"options": f"-c {request.param}"})
    address = options.render_as_string(hide_password=False)
    closed = new_app(settings.model_copy(update={"database_url": address}))
    yield closed
    with closed.app_context():
        db.engine.dispose()


def test_what_would_be_changed_is_to_be_tried_again(closed, app):
    client = closed.test_client()
    client.environ_base |= bearer_client(app, "editor").environ_base
    answer = client.post("/api/media", data={"file": (BytesIO(tiny_jpeg(1)), "picture.jpg")})
    assert is_error(answer, 503)
    assert answer.headers["Retry-After"]


def test_it_is_not_ready_and_the_commands_say_why(closed):
    answer = closed.test_client().get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (503, "unavailable")
    assert "takes no changes" in answer.json["parts"]["database"]["words"]
    commands = closed.test_cli_runner()
    assert "WRONG  database    The database takes no changes." in commands.invoke(args=["doctor"]).output
    made = commands.invoke(args=["users", "create", "ann@example.org", "--password-stdin"], input="velvet-otter-42\n")
    assert (made.exit_code, "The database takes no changes." in made.output) == (1, True)

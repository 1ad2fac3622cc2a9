"""The name of a request: a proxy that is trusted gives it, nobody else can take that of another."""

from __future__ import annotations

import json

import pytest
import structlog

from webapp.database import db
from webapp.jobs import Job, queue
from webapp.logs import configure_logs, request_id

NAME = "5f0c2a9e-1111-4222-8333-444455556666"


def named(client, name: str) -> str:
    return client.get("/healthz", headers={"X-Request-Id": name}).headers["X-Request-Id"]


def test_a_proxy_that_is_trusted_gives_it(app, anonymous):
    app.config["SETTINGS"].trusted_proxies = 1
    assert named(anonymous, NAME) == NAME


@pytest.mark.parametrize("name", ["short", "a" * 65, 'x"}\t{"level": 1', "ä" * 8, ""])
def test_one_that_could_break_a_line_is_replaced(app, anonymous, name):
    app.config["SETTINGS"].trusted_proxies = 1
    given = named(anonymous, name)
    assert len(given) == 32 and given.isalnum()


def test_without_a_proxy_each_request_gets_one_of_its_own(anonymous):
    names = {named(anonymous, NAME) for _ in range(3)}
    assert len(names) == 3 and NAME not in names


def test_errors_and_addresses_that_are_none_have_one_too(anonymous):
    for answer in (anonymous.get("/nowhere"), anonymous.get("/", headers={"Host": "evil.example"})):
        assert answer.status_code in (400, 404)
        assert len(answer.headers["X-Request-Id"]) == 32


def test_what_is_queued_outside_of_any_request_has_none(in_app):
    assert queue("checkDrift").request_id is None


def test_a_job_has_that_of_its_request_and_of_nothing_later(app, editor_api):
    answer = editor_api.post("/api/jobs", json={"taskSlug": "checkDrift"})
    with app.app_context():
        assert db.session.get_one(Job, answer.json["id"]).request_id == answer.headers["X-Request-Id"]
    assert request_id() is None


@pytest.fixture
def log_of_production(settings, capsys):
    """Gives the lines so far, and puts the logs back as they were."""
    configure_logs(settings.model_copy(update={"app_env": "production", "log_level": "INFO"}))
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    configure_logs(settings)


def test_a_change_is_a_line_and_a_look_is_none(editor_api, log_of_production):
    editor_api.get("/api/media")
    answer = editor_api.post("/api/pages", json={"title": "Harbour"})
    (line,) = [line for line in log_of_production() if line["event"] == "request.answered"]
    assert (line["method"], line["path"], line["status"]) == ("POST", "/api/pages", 201)
    assert line["request_id"] == answer.headers["X-Request-Id"]


def test_in_development_a_line_is_to_be_read_by_people(settings, capsys):
    configure_logs(settings.model_copy(update={"log_level": "INFO"}))
    structlog.get_logger().info("a thing happened", job=7)
    configure_logs(settings)
    printed = capsys.readouterr().out
    assert "a thing happened" in printed and "job=7" in printed and "{" not in printed


@pytest.mark.parametrize("kind", ["media", "pages", "posts", "jobs"])
def test_a_number_that_no_row_can_have_is_still_not_found(editor, kind):
    answer = editor.get(f"/admin/{kind}/{10**30}")
    assert (answer.status_code, len(answer.headers["X-Request-Id"])) == (404, 32)

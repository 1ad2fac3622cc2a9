"""/api/queues and /api/tasks: how the lines are, pausing them, and what can be queued."""

from __future__ import annotations

import pytest
from rq import Worker

from tests.api.conftest import is_error
from tests.conftest import both_databases
from tests.support.people import csrf_token
from webapp import create_app, jobs
from webapp.jobs import Schedule, Task, Workflow, lease, queue
from webapp.jobs.catalog import CATALOG, MediaInput

pytestmark = both_databases


def queues(client) -> dict[str, dict]:
    body = client.get("/api/queues").json
    assert (body["totalDocs"], body["page"], body["totalPages"], body["hasNextPage"]) == (2, 1, 1, False)
    return {state["name"]: state for state in body["docs"]}


def test_queues_are_shown_with_what_waits_and_runs(app, viewer_api, in_app):
    before = queues(viewer_api)
    assert list(before) == ["default", "images"]
    assert before["images"] == {
        "name": "images",
        "order": "priority",
        "depth": 0,
        "due": 0,
        "running": 0,
        "oldestWaitSeconds": None,
        "paused": False,
        "pausedBy": None,
        "pausedAt": None,
        "staffed": False,
    }
    first, _, later = (queue("makeRenditions", {"mediaId": number}) for number in (1, 2, 3))
    assert lease.claim(first.id, "a worker")
    lease.fail(lease.claim(later.id, "a worker"), "Tried again later.")
    state = queues(viewer_api)["images"]
    assert (state["depth"], state["due"], state["running"]) == (2, 1, 1)
    assert state["oldestWaitSeconds"] > 0
    assert queues(viewer_api)["default"] == before["default"]


def test_a_queue_is_staffed_while_a_worker_of_its_lives(viewer_api, in_app, own_redis):
    worker = Worker(["images"], connection=own_redis)
    worker.register_birth()
    assert {name: state["staffed"] for name, state in queues(viewer_api).items()} == {"default": False, "images": True}
    own_redis.hset(worker.key, "last_heartbeat", "2020-01-01T00:00:00.000000Z")
    assert queues(viewer_api)["images"]["staffed"] is False


def test_without_redis_nobody_knows_who_works(settings, admin_api):
    away = create_app(settings.model_copy(update={"redis_url": "redis://127.0.0.1:1"})).test_client()
    headers = {"Authorization": admin_api.environ_base["HTTP_AUTHORIZATION"]}
    assert {state["staffed"] for state in away.get("/api/queues", headers=headers).json["docs"]} == {None}
    assert away.post("/api/queues/images/pause", headers=headers).json["paused"] is True
    assert away.post("/api/queues/images/resume", headers=headers).json["paused"] is False


def test_a_queue_is_paused_and_goes_on_however_often_it_is_asked(admin_api, run_jobs, upload):
    sync = upload().json["job"]["id"]
    for _ in range(2):
        state = admin_api.post("/api/queues/default/pause").json
        assert (state["name"], state["paused"], state["pausedBy"]) == ("default", True, "admin-by-token")
        assert state["pausedAt"]
    run_jobs()
    assert admin_api.get(f"/api/jobs/{sync}").json["status"] == "queued"
    assert queues(admin_api)["images"]["paused"] is False
    for _ in range(2):
        state = admin_api.post("/api/queues/default/resume").json
        assert (state["paused"], state["pausedBy"], state["pausedAt"]) == (False, None, None)
    run_jobs()
    assert admin_api.get(f"/api/jobs/{sync}").json["status"] == "succeeded"


@pytest.mark.parametrize("name", ["bogus", "%00", "x" * 500, "default%20", "%F0%9F%90%88"])
def test_queues_that_there_are_not_are_not_found(admin_api, name):
    for verb in ("pause", "resume"):
        assert is_error(admin_api.post(f"/api/queues/{name}/{verb}"), 404)


def test_who_is_no_admin_may_not_hold_jobs_up(app, admin_api, editor_api, viewer_api, anonymous, cron):
    for verb in ("pause", "resume"):
        for client, status in ((editor_api, 403), (viewer_api, 403), (anonymous, 401), (cron, 401)):
            assert is_error(client.post(f"/api/queues/images/{verb}"), status)
    jobs.allow(app, cancel=lambda: False)
    assert is_error(admin_api.post("/api/queues/images/pause"), 403)
    assert not any(state["paused"] for state in queues(admin_api).values())
    for path in ("/api/queues", "/api/tasks"):
        assert is_error(anonymous.get(path), 401)
        assert is_error(cron.get(path), 401)


def test_a_signed_in_admin_sends_the_csrf_token(app, admin):
    assert is_error(admin.post("/api/queues/images/pause"), 400)
    headers = {"X-CSRFToken": csrf_token(app, admin)}
    assert admin.post("/api/queues/images/pause", headers=headers).json["pausedBy"] == "admin"


def test_tasks_are_shown_with_what_they_must_be_given(viewer_api):
    body = viewer_api.get("/api/tasks").json
    found = {task["slug"]: task for task in body["docs"]}
    assert body["totalDocs"] == len(CATALOG) and list(found) == sorted(CATALOG)
    renditions = found["makeRenditions"]
    assert (renditions["kind"], renditions["queue"], renditions["retries"]) == ("task", "images", 6)
    assert renditions["label"] == "Make the renditions of a picture"
    assert renditions["input"]["required"] == ["mediaId"]
    assert renditions["input"]["properties"]["mediaId"]["type"] == "integer"


def test_workflows_and_schedules_are_shown_too(monkeypatch, viewer_api):
    nightly = Schedule("0 3 * * *", timezone="Europe/Paris", queue="images", input={"mediaId": 1})
    monkeypatch.setitem(CATALOG, "tidy", Workflow("tidy", "Tidy up", MediaInput, MediaInput, schedules=(nightly,)))
    monkeypatch.setitem(CATALOG, "plain", Task("plain", "Nothing to give"))
    found = {task["slug"]: task for task in viewer_api.get("/api/tasks").json["docs"]}
    assert (found["tidy"]["kind"], found["tidy"]["retries"]) == ("workflow", None)
    assert found["tidy"]["output"]["required"] == ["mediaId"]
    assert found["tidy"]["schedules"] == [
        {"cron": "0 3 * * *", "timezone": "Europe/Paris", "queue": "images", "input": {"mediaId": 1}}
    ]
    assert (found["plain"]["input"]["properties"], found["plain"]["output"]) == ({}, None)


def test_other_methods_are_refused(editor_api):
    assert is_error(editor_api.post("/api/queues"), 405)
    assert is_error(editor_api.post("/api/tasks"), 405)
    assert is_error(editor_api.get("/api/queues/images/pause"), 405)
    assert is_error(editor_api.delete("/api/queues/images/resume"), 405)

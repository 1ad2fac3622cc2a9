"""POST /api/jobs: asking for background work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.api.conftest import is_error
from tests.conftest import both_databases
from tests.support.people import csrf_token
from webapp import jobs
from webapp.api.documents import MAX_DOCUMENT
from webapp.database import db, utcnow
from webapp.jobs import Backoff, Concurrency, Job, Task, Workflow
from webapp.jobs.catalog import CATALOG, MediaInput

pytestmark = both_databases

ASKED = {"taskSlug": "makeRenditions", "input": {"mediaId": 7}}
REFUSED = [
    ({}, ("taskSlug", "workflowSlug")),
    ({"taskSlug": "makeRenditions", "workflowSlug": "x"}, ("taskSlug", "workflowSlug")),
    ({"taskSlug": "bogus"}, ("taskSlug",)),
    ({"taskSlug": ""}, ("taskSlug",)),
    ({"taskSlug": "a\0b"}, ("taskSlug",)),
    ({"workflowSlug": "makeRenditions"}, ("workflowSlug",)),
    (ASKED | {"input": {}}, ("input.mediaId",)),
    (ASKED | {"input": {"mediaId": 0}}, ("input.mediaId",)),
    (ASKED | {"input": {"mediaId": 1, "extra": 1}}, ("input.extra",)),
    (ASKED | {"input": {"mediaId": 2**70}}, ("input",)),
    (ASKED | {"input": [7]}, ("input",)),
    ({"taskSlug": "vector-upsert", "input": {"docId": 1, "collection": "zzz"}}, ("input.collection",)),
    (ASKED | {"queue": "bogus"}, ("queue",)),
    (ASKED | {"queue": ""}, ("queue",)),
    (ASKED | {"queue": 1}, ("queue",)),
    (ASKED | {"waitUntil": "2030-01-01T00:00:00"}, ("waitUntil",)),
    (ASKED | {"waitUntil": "2030-01-01"}, ("waitUntil",)),
    (ASKED | {"waitUntil": "0001-01-01T00:00:00+14:00"}, ("waitUntil",)),
    (ASKED | {"waitUntil": "9999-12-31T23:59:59-14:00"}, ("waitUntil",)),
    (ASKED | {"waitUntil": 1e300}, ("waitUntil",)),
    (ASKED | {"waitUntil": "tomorrow"}, ("waitUntil",)),
    (ASKED | {"priority": 2**31}, ("priority",)),
    (ASKED | {"priority": 1.5}, ("priority",)),
    (ASKED | {"priority": True}, ("priority",)),
    (ASKED | {"subject": "x" * 101}, ("subject",)),
    (ASKED | {"subject": "a\0b"}, ("subject",)),
    (ASKED | {"subject": "<b>"}, ("subject",)),
    (ASKED | {"subject": "a\nb"}, ("subject",)),
    (ASKED | {"meta": {"a": ["\0"]}}, ("meta",)),
    (ASKED | {"meta": {"\0": 1}}, ("meta",)),
    (ASKED | {"meta": {"a": float("nan")}}, ("meta",)),
    (ASKED | {"meta": {"a": [{"b": float("-inf")}]}}, ("meta",)),
    (ASKED | {"meta": {"a": -(2**64)}}, ("meta",)),
    (ASKED | {"meta": {"a": "x" * MAX_DOCUMENT}}, ("meta",)),
    (ASKED | {"meta": None}, ("meta",)),
    (ASKED | {"status": "succeeded"}, ("status",)),
    (ASKED | {"createdBy": 1}, ("createdBy",)),
]


@pytest.fixture
def count(app):
    def jobs_there_are() -> int:
        with app.app_context():
            return db.session.scalar(select(func.count()).select_from(Job)) or 0

    return jobs_there_are


def test_a_job_is_queued_with_what_the_task_declares(editor_api, count):
    answer = editor_api.post("/api/jobs", json=ASKED)
    job = answer.json
    assert answer.status_code == 201
    assert (job["taskSlug"], job["workflowSlug"], job["input"]) == ("makeRenditions", None, {"mediaId": 7})
    assert (job["queue"], job["priority"], job["status"], job["log"]) == ("images", 0, "queued", [])
    assert (job["waitUntil"], job["subject"], job["meta"]) == (None, None, {})
    assert job["createdBy"] and count() == 1


def test_a_job_is_queued_with_what_the_caller_says(editor_api):
    tomorrow = (utcnow() + timedelta(days=1)).replace(microsecond=0)
    wishes = {"queue": "default", "priority": -3, "subject": "media:7 (cover)", "meta": {"ticket": [1, {"a": None}]}}
    job = editor_api.post("/api/jobs", json=ASKED | wishes | {"waitUntil": tomorrow.isoformat()}).json
    assert {name: job[name] for name in wishes} == wishes
    assert datetime.fromisoformat(job["waitUntil"]) == tomorrow
    in_delhi = {"waitUntil": "2030-01-01T05:30:00+05:30"}
    assert editor_api.post("/api/jobs", json=ASKED | in_delhi).json["waitUntil"] == "2030-01-01T00:00:00Z"


def test_what_is_null_counts_as_left_out(editor_api):
    nothing = dict.fromkeys(("workflowSlug", "queue", "waitUntil", "priority", "subject"))
    job = editor_api.post("/api/jobs", json=ASKED | nothing).json
    assert (job["queue"], job["priority"], job["waitUntil"]) == ("images", 0, None)


def test_a_queued_job_is_run_by_the_next_worker(editor_api, media_id, run_jobs):
    job = editor_api.post("/api/jobs", json=ASKED | {"input": {"mediaId": media_id}}).json
    run_jobs()
    assert editor_api.get(f"/api/jobs/{job['id']}").json["status"] == "succeeded"


def test_what_can_not_be_queued_is_refused_by_field(editor_api, count):
    for body, fields in REFUSED:
        assert is_error(editor_api.post("/api/jobs", json=body), 422, *fields)
    assert count() == 0


def test_a_thousand_wrong_fields_of_the_input_are_answered_with_a_few(editor_api):
    answer = editor_api.post("/api/jobs", json=ASKED | {"input": {f"field{n}": n for n in range(2000)}})
    assert is_error(answer, 422) and len(answer.json["fields"]) <= 20 and len(answer.text) < 5000


def test_json_as_deep_as_it_goes_is_answered(editor_api):
    for depth in (50, 150, 300, 100_000):
        deep = '{"taskSlug": "makeRenditions", "input": {"mediaId": 1}, "meta": {"a": %s1%s}}'
        data = deep % ("[" * depth, "]" * depth)
        answer = editor_api.post("/api/jobs", data=data, content_type="application/json")
        assert answer.status_code in (201, 400, 422), answer.text


def test_a_workflow_is_queued_as_one(monkeypatch, editor_api):
    monkeypatch.setitem(CATALOG, "publish", Workflow("publish", "Publish", MediaInput, backoff=Backoff(1)))
    job = editor_api.post("/api/jobs", json={"workflowSlug": "publish", "input": {"mediaId": 1}}).json
    assert (job["taskSlug"], job["workflowSlug"]) == (None, "publish")
    assert is_error(
        editor_api.post("/api/jobs", json={"taskSlug": "publish", "input": {"mediaId": 1}}), 422, "taskSlug"
    )


def test_one_that_already_waits_is_answered_when_it_will_do(monkeypatch, editor_api, count):
    joining = Concurrency(lambda input: f"index:{input['mediaId']}", joins=True)
    monkeypatch.setitem(CATALOG, "index", Task("index", "Index", MediaInput, concurrency=joining))
    first = editor_api.post("/api/jobs", json={"taskSlug": "index", "input": {"mediaId": 1}})
    again = editor_api.post("/api/jobs", json={"taskSlug": "index", "input": {"mediaId": 1}})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["id"] == again.json["id"] and first.json["concurrencyKey"] == "index:1"
    assert count() == 1


def test_a_newer_job_replaces_those_that_wait_when_the_task_says_so(monkeypatch, editor_api):
    newest = Concurrency(lambda input: f"index:{input['mediaId']}", supersedes=True)
    monkeypatch.setitem(CATALOG, "index", Task("index", "Index", MediaInput, concurrency=newest))
    ids = [editor_api.post("/api/jobs", json={"taskSlug": "index", "input": {"mediaId": 1}}).json["id"] for _ in "ab"]
    assert [editor_api.get(f"/api/jobs/{job_id}").json["status"] for job_id in ids] == ["cancelled", "queued"]


def test_without_access_nothing_is_queued(app, editor_api, viewer_api, anonymous, cron, count):
    for client, status in ((viewer_api, 403), (anonymous, 401), (cron, 401)):
        assert is_error(client.post("/api/jobs", json=ASKED), status)
    jobs.allow(app, queue=lambda: False)
    assert is_error(editor_api.post("/api/jobs", json=ASKED), 403)
    assert count() == 0


def test_a_signed_in_editor_sends_the_csrf_token(app, editor, count):
    assert is_error(editor.post("/api/jobs", json=ASKED), 400)
    assert count() == 0
    assert editor.post("/api/jobs", json=ASKED, headers={"X-CSRFToken": csrf_token(app, editor)}).status_code == 201


def test_a_moment_that_has_passed_means_at_once(editor_api, run_jobs):
    past = datetime(2020, 1, 1, tzinfo=UTC).isoformat()
    job = editor_api.post("/api/jobs", json=ASKED | {"waitUntil": past}).json
    run_jobs()
    assert editor_api.get(f"/api/jobs/{job['id']}").json["status"] == "cancelled"  # there is no picture 7

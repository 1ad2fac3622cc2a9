"""/api/jobs: run, edit and delete one; cancel, retry and delete all that match."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.api.conftest import is_error
from tests.conftest import both_databases
from webapp import jobs
from webapp.database import db
from webapp.jobs import Job, lease
from webapp.jobs.catalog import CATALOG
from workers.running import FailedForGood
from workers.tasks import HANDLERS

pytestmark = both_databases

EVERY_CHANGE = [
    ("PATCH", "/api/jobs/{}", {"input": {"mediaId": 1}}),
    ("DELETE", "/api/jobs/{}", None),
    ("POST", "/api/jobs/{}/run", None),
    ("POST", "/api/jobs/{}/cancel", None),
    ("POST", "/api/jobs/{}/retry", None),
    ("POST", "/api/jobs/cancel", {"where": {"queue": ["images", "default"]}}),
    ("POST", "/api/jobs/retry", {"where": {"queue": ["images", "default"]}}),
    ("POST", "/api/jobs/discard", {"where": {"queue": ["images", "default"]}}),
]


UNFIT_FILTERS = [
    {},
    {"bogus": 1},
    {"token": "x"},
    {"status": "done"},
    {"id": "1"},
    {"id": 2**70},
    {"priority": 2**40},
    {"subject": "\0"},
    {"input.a\0": 1},
    {'input."': 1},
    {"subject": {"like": "%"}},
    {"input.mediaId": [[1]]},
    {"input.mediaId": list(range(2000))},
    {f"meta.m{number}": 1 for number in range(50)},
    [1],
    None,
    "status=queued",
]


@pytest.fixture
def ask(editor_api):
    def queue(media_id: int = 7, **more) -> int:
        asked = {"taskSlug": "makeRenditions", "input": {"mediaId": media_id}} | more
        return editor_api.post("/api/jobs", json=asked).json["id"]

    return queue


@pytest.fixture
def failed(monkeypatch, ask, run_jobs) -> int:
    def fail(_job) -> None:
        raise FailedForGood("No such colour.")

    with monkeypatch.context() as patch:
        patch.setitem(HANDLERS, "makeRenditions", fail)
        job_id = ask()
        run_jobs()
    return job_id


@pytest.fixture
def running(app, ask) -> int:
    job_id = ask()
    with app.app_context():
        assert lease.claim(job_id, "a worker")
    return job_id


@pytest.fixture
def rows(app):
    def read() -> dict[int, tuple]:
        with app.app_context():
            columns = (Job.id, Job.status, Job.input, Job.total_tried)
            return {row.id: tuple(row) for row in db.session.execute(select(*columns))}

    return read


def status_of(client, job_id: int) -> str:
    return client.get(f"/api/jobs/{job_id}").json["status"]


def test_one_job_is_run_now_and_only_once(editor_api, ask):
    other, wanted = ask(1), ask(2)
    ran = editor_api.post(f"/api/jobs/{wanted}/run").json
    assert (ran["id"], ran["status"], len(ran["log"])) == (wanted, "cancelled", 1)  # there is no picture 2
    assert is_error(editor_api.post(f"/api/jobs/{wanted}/run"), 409)
    assert status_of(editor_api, other) == "queued"


def test_a_job_that_fails_while_it_is_run_is_shown_so(monkeypatch, editor_api, ask):
    monkeypatch.setitem(HANDLERS, "makeRenditions", lambda _: 1 / 0)
    ran = editor_api.post(f"/api/jobs/{ask()}/run").json
    assert (ran["status"], ran["error"], ran["hasError"]) == ("queued", "ZeroDivisionError: division by zero", False)
    assert ran["waitUntil"]
    again = editor_api.post(f"/api/jobs/{ran['id']}/run")
    assert is_error(again, 409) and "waits until" in again.json["error"]


def test_a_job_that_can_not_run_now_says_why(app, editor_api, admin_api, ask, running):
    assert "is running" in editor_api.post(f"/api/jobs/{running}/run").json["error"]
    later = ask(waitUntil="2999-01-01T00:00:00Z")
    assert "waits until 2999" in editor_api.post(f"/api/jobs/{later}/run").json["error"]
    admin_api.post("/api/queues/images/pause")
    answer = editor_api.post(f"/api/jobs/{ask()}/run")
    assert is_error(answer, 409) and "paused" in answer.json["error"]


def test_the_input_of_a_failed_job_is_edited_and_then_tried(editor_api, failed, media_id, run_jobs):
    address = f"/api/jobs/{failed}"
    for _ in range(2):
        edited = editor_api.patch(address, json={"input": {"mediaId": media_id}}).json
        assert (edited["status"], edited["input"], edited["hasError"]) == ("failed", {"mediaId": media_id}, True)
    assert [line["event"] for line in edited["log"]] == ["failed", "edited", "edited"]
    assert "editor-by-token" in edited["log"][-1]["message"]
    editor_api.post(f"{address}/retry")
    run_jobs()
    assert status_of(editor_api, failed) == "succeeded"


def test_an_input_that_does_not_fit_is_refused_and_the_old_one_stays(editor_api, failed, rows):
    before = rows()
    for bad in ({"mediaId": "x"}, {"mediaId": 1, "extra": 1}, {"mediaId": 1, "\0": 1}, [1], None):
        assert is_error(editor_api.patch(f"/api/jobs/{failed}", json={"input": bad}), 422)
    assert is_error(editor_api.patch(f"/api/jobs/{failed}", json={}), 422, "input")
    assert is_error(
        editor_api.patch(f"/api/jobs/{failed}", json={"input": {"mediaId": 1}, "status": "queued"}), 422, "status"
    )
    assert rows() == before


def test_the_input_of_another_job_is_not_edited(editor_api, ask, running):
    for job_id in (running, ask()):
        assert is_error(editor_api.patch(f"/api/jobs/{job_id}", json={"input": {"mediaId": 1}}), 409)


def test_a_job_of_a_task_that_is_gone_is_not_edited(monkeypatch, editor_api, failed):
    monkeypatch.delitem(CATALOG, "makeRenditions")
    assert is_error(editor_api.patch(f"/api/jobs/{failed}", json={"input": {"mediaId": 1}}), 422, "taskSlug")
    assert editor_api.get(f"/api/jobs/{failed}").json["status"] == "failed"


def test_a_finished_job_is_deleted_once(editor_api, failed):
    assert editor_api.delete(f"/api/jobs/{failed}").json == {"success": True, "id": failed}
    assert is_error(editor_api.delete(f"/api/jobs/{failed}"), 404)
    assert is_error(editor_api.get(f"/api/jobs/{failed}"), 404)


def test_a_job_that_has_not_ended_is_not_deleted(editor_api, ask, running):
    for job_id in (running, ask()):
        assert is_error(editor_api.delete(f"/api/jobs/{job_id}"), 409)
        assert status_of(editor_api, job_id) in ("queued", "running")


def test_all_that_match_are_cancelled_retried_and_deleted(editor_api, ask):
    mine, other = [ask(5), ask(5, queue="default")], ask(6)
    where = {"where": {"taskSlug": "makeRenditions", "input.mediaId": 5}}
    assert editor_api.post("/api/jobs/cancel", json=where).json == {"success": True, "count": 2, "ids": mine}
    assert editor_api.post("/api/jobs/cancel", json=where).json == {"success": True, "count": 0, "ids": []}
    assert editor_api.get(f"/api/jobs/{mine[0]}").json["reason"] == "Stopped by editor-by-token."
    assert editor_api.post("/api/jobs/retry", json=where).json["ids"] == mine
    assert [status_of(editor_api, job_id) for job_id in mine] == ["queued", "queued"]
    editor_api.post("/api/jobs/cancel", json={"where": {"id": mine[0]}})
    assert editor_api.post("/api/jobs/discard", json=where).json == {"success": True, "count": 1}
    assert editor_api.post("/api/jobs/discard", json=where).json == {"success": True, "count": 0}
    assert status_of(editor_api, mine[1]) == status_of(editor_api, other) == "queued"


def test_running_jobs_that_match_are_cancelled_and_not_retried(editor_api, running):
    where = {"where": {"status": "running"}}
    assert editor_api.post("/api/jobs/retry", json=where).json["count"] == 0
    assert editor_api.post("/api/jobs/cancel", json=where).json["ids"] == [running]


def test_filters_that_say_nothing_or_nonsense_are_refused(editor_api, ask, rows):
    ask()
    before = rows()
    for verb in ("cancel", "retry", "discard"):
        for where in UNFIT_FILTERS:
            assert is_error(editor_api.post(f"/api/jobs/{verb}", json={"where": where}), 422, "where")
        assert is_error(editor_api.post(f"/api/jobs/{verb}", json={}), 422, "where")
        assert is_error(editor_api.post(f"/api/jobs/{verb}"), 422, "where")
    assert rows() == before


def test_without_access_nothing_changes(app, editor_api, viewer_api, anonymous, cron, failed, ask, rows):
    ids, before = (failed, ask()), rows()

    def refuses(client, status: int) -> None:
        for method, path, body in EVERY_CHANGE:
            for job_id in ids:
                assert is_error(client.open(path.format(job_id), method=method, json=body), status)

    refuses(viewer_api, 403)
    refuses(anonymous, 401)
    refuses(cron, 401)
    jobs.allow(app, queue=lambda: False, run=lambda: False, cancel=lambda: False)
    refuses(editor_api, 403)
    assert rows() == before


def test_other_methods_and_jobs_that_there_are_not(editor_api):
    for verb in ("cancel", "retry", "discard", "1/run"):
        assert is_error(editor_api.get(f"/api/jobs/{verb}"), 405)
        assert is_error(editor_api.put(f"/api/jobs/{verb}"), 405)
    for job_id in (999, 2**62):
        assert editor_api.post(f"/api/jobs/{job_id}/run").status_code == 404
        assert editor_api.delete(f"/api/jobs/{job_id}").status_code == 404
        assert editor_api.patch(f"/api/jobs/{job_id}", json={"input": {"mediaId": 1}}).status_code == 404

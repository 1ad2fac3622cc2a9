"""/api/jobs: what the background does, listed and one by one, and cancelling and retrying one."""

from __future__ import annotations

from tests.api.conftest import is_error
from tests.conftest import both_databases
from webapp.jobs import Workflow
from webapp.jobs.catalog import CATALOG, MediaInput
from workers.tasks import HANDLERS

pytestmark = both_databases


def test_jobs_are_listed_newest_first_in_the_words_of_the_contract(editor_api, upload):
    uploaded = upload().json
    body = editor_api.get("/api/jobs").json
    assert body["totalDocs"] == 2
    job = body["docs"][0]
    assert (job["id"], job["taskSlug"], job["queue"]) == (uploaded["job"]["id"], "syncMediaToGalleries", "default")
    assert (job["status"], job["totalTried"], job["waitUntil"], job["hasError"]) == ("queued", 0, None, False)
    assert (job["input"], job["subject"]) == ({"mediaId": uploaded["id"]}, f"media:{uploaded['id']}")
    assert job["createdAt"] and job["completedAt"] is None
    assert (job["workflowSlug"], job["meta"], job["concurrencyKey"], job["schedule"]) == (None, {}, None, None)


def test_jobs_are_filtered(editor_api, upload, run_jobs):
    first = upload(1).json["id"]
    run_jobs()
    upload(2)

    def count(**filters) -> int:
        return editor_api.get("/api/jobs", query_string=filters).json["totalDocs"]

    assert (count(status="succeeded"), count(status="queued"), count(status="failed")) == (3, 2, 0)
    assert (count(queue="images"), count(taskSlug="makeRenditions"), count(taskSlug="nope")) == (3, 2, 0)
    assert (count(subject=f"media:{first}"), count(subject=f"media:{first}", queue="images")) == (3, 2)


def test_jobs_are_sorted(editor_api, upload, run_jobs):
    first = upload(1).json["job"]["id"]
    run_jobs()
    urgent = queue_one(editor_api, priority=9)
    slack = queue_one(editor_api, priority=-9)

    def ids(sort: str) -> list[int]:
        return [job["id"] for job in editor_api.get("/api/jobs", query_string={"sort": sort}).json["docs"]]

    assert ids("createdAt") == ids("-createdAt")[::-1] == sorted(ids("priority"))
    assert (ids("priority")[0], ids("-priority")[0]) == (slack, urgent)
    assert first in ids("completedAt")[:2] and first in ids("-completedAt")[:2]


def queue_one(client, **more) -> int:
    answer = client.post("/api/jobs", json={"taskSlug": "makeRenditions", "input": {"mediaId": 1}} | more)
    assert answer.status_code == 201, answer.text
    return answer.json["id"]


def test_filters_that_can_not_be_are_refused(editor_api):
    for field, value in (
        ("status", "done"),
        ("limit", "1001"),
        ("page", "0"),
        ("subject", "\0"),
        ("queue", "x" * 999),
        ("sort", "id"),
    ):
        assert is_error(editor_api.get("/api/jobs", query_string={field: value}), 400, field)


def test_a_job_is_shown_with_its_log(editor_api, upload, run_jobs):
    job_id = upload().json["job"]["id"]
    run_jobs()
    job = editor_api.get(f"/api/jobs/{job_id}").json
    assert (job["status"], job["totalTried"], job["output"]["galleriesUpdated"]) == ("succeeded", 1, 0)
    (line,) = job["log"]
    assert (line["event"], line["attempt"]) == ("succeeded", 1)
    assert line["startedAt"] <= line["at"]
    assert (line["step"], line["taskSlug"], line["parent"], line["input"], line["output"]) == (None,) * 5


def test_a_workflow_is_shown_with_its_steps(monkeypatch, editor_api, run_jobs):
    def publish(job) -> dict:
        made = job.step("makeRenditions", "cover", job.input)
        return job.inline("outer", lambda step: step.inline("inner", lambda _: made | {"more": 1}))

    monkeypatch.setitem(CATALOG, "publish", Workflow("publish", "Publish", MediaInput))
    monkeypatch.setitem(HANDLERS, "publish", publish)
    monkeypatch.setitem(HANDLERS, "makeRenditions", lambda step: {"made": step.input["mediaId"]})
    asked = editor_api.post("/api/jobs", json={"workflowSlug": "publish", "input": {"mediaId": 5}}).json
    run_jobs()
    assert editor_api.get("/api/jobs?workflowSlug=publish").json["totalDocs"] == 1
    job = editor_api.get(f"/api/jobs/{asked['id']}").json
    assert (job["taskSlug"], job["workflowSlug"], job["status"]) == (None, "publish", "succeeded")
    facts = [
        (line["taskSlug"], line["step"], line["parent"], line["input"], line["output"], line["event"])
        for line in job["log"]
    ]
    both = {"made": 5, "more": 1}
    assert facts == [
        ("makeRenditions", "cover", None, {"mediaId": 5}, {"made": 5}, "succeeded"),
        (None, "inner", "outer", None, both, "succeeded"),
        (None, "outer", None, None, both, "succeeded"),
        (None, None, None, None, None, "succeeded"),
    ]


def test_a_queued_job_is_cancelled_once_and_tried_again(editor_api, upload, run_jobs):
    address = f"/api/jobs/{upload().json['job']['id']}"
    cancelled = editor_api.post(f"{address}/cancel").json
    assert (cancelled["status"], cancelled["reason"]) == ("cancelled", "Stopped by editor-by-token.")
    assert is_error(editor_api.post(f"{address}/cancel"), 409)
    run_jobs()
    assert editor_api.get(address).json["status"] == "cancelled"
    again = editor_api.post(f"{address}/retry").json
    assert (again["status"], again["reason"], [line["event"] for line in again["log"]]) == (
        "queued",
        None,
        ["cancelled", "retried"],
    )
    run_jobs()
    assert is_error(editor_api.post(f"{address}/retry"), 409)


def test_what_there_is_not_is_not_found(editor_api):
    for job_id in ("999", "0", "-1", "x", str(2**70)):
        assert is_error(editor_api.get(f"/api/jobs/{job_id}"), 404)
        assert is_error(editor_api.post(f"/api/jobs/{job_id}/cancel"), 404)
        assert is_error(editor_api.post(f"/api/jobs/{job_id}/retry"), 404)


def test_the_number_of_queries_does_not_grow_with_the_list(editor_api, upload, count_queries):
    upload(0)
    with count_queries() as few:
        editor_api.get("/api/jobs")
    for number in range(1, 5):
        upload(number)
    with count_queries() as many:
        assert len(editor_api.get("/api/jobs").json["docs"]) == 10
    assert len(many) == len(few)


def test_a_viewer_reads_and_changes_nothing(viewer_api, anonymous, upload):
    address = f"/api/jobs/{upload().json['job']['id']}"
    assert viewer_api.get(address).json["status"] == "queued"
    for client, status in ((viewer_api, 403), (anonymous, 401)):
        assert is_error(client.post(f"{address}/cancel"), status)
        assert is_error(client.post(f"{address}/retry"), status)
    assert is_error(anonymous.get(address), 401)
    assert is_error(anonymous.get("/api/jobs"), 401)


def test_programs_words_are_for_editors_and_reasons_for_all(monkeypatch, editor_api, viewer_api, upload, run_jobs):
    monkeypatch.setitem(HANDLERS, "syncMediaToGalleries", lambda _: 1 / 0)
    address = f"/api/jobs/{upload().json['job']['id']}"
    run_jobs()
    editor_api.post(f"{address}/cancel")
    assert "ZeroDivisionError" in editor_api.get(address).text
    for path in (address, "/api/jobs"):
        assert "ZeroDivisionError" not in viewer_api.get(path).text
    seen = viewer_api.get(address).json
    assert (seen["error"], seen["reason"]) == (None, "Stopped by editor-by-token.")
    assert [line["message"] for line in seen["log"]] == [None, "Stopped by editor-by-token."]


def test_other_methods_are_refused(editor_api, upload):
    address = f"/api/jobs/{upload().json['job']['id']}"
    assert is_error(editor_api.put(address), 405)
    assert is_error(editor_api.post(address), 405)
    assert is_error(editor_api.delete("/api/jobs"), 405)
    assert is_error(editor_api.get(f"{address}/cancel"), 405)
    assert is_error(editor_api.get(f"{address}/retry"), 405)

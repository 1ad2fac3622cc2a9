"""The two run endpoints: jobs run in this process, for a cron service or for an editor."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.api.conftest import is_error
from tests.conftest import both_databases
from tests.security.rows import threat
from tests.support.apps import CRON_SECRET
from tests.support.audit import lines
from tests.support.people import csrf_token
from webapp import create_app
from webapp.database import db, transaction, utcnow
from webapp.jobs import Job, allow, cancel_by_id, queue
from webapp.jobs.lease import claim
from workers.perform import perform_job

pytestmark = both_databases

SYNC = "/api/gallery-sync/immediate"
RUN = "/api/jobs/run"


def queue_syncs(app, count: int, **options) -> list[int]:
    with app.app_context():
        return [queue("syncMediaToGalleries", {"mediaId": 999}, **options).id for _ in range(count)]


def test_an_immediate_sync_answers_what_it_did(editor_api, harbour, media_id):
    body = editor_api.post(SYNC, json={"mediaId": media_id}).json
    took = body["result"].pop("executionTimeMs")
    assert body["success"] is True and body["timestamp"].endswith("Z") and took >= 0
    assert body["result"] == {"pagesUpdated": 1, "galleriesUpdated": 1, "mediaId": media_id}
    again = editor_api.post(SYNC, json={"mediaId": str(media_id)}).json["result"]
    assert (again["pagesUpdated"], again["galleriesUpdated"]) == (0, 0)


def test_an_immediate_sync_leaves_a_job_row(editor_api, media_id):
    editor_api.post(SYNC, json={"mediaId": media_id})
    newest = editor_api.get("/api/jobs?limit=1").json["docs"][0]
    assert (newest["taskSlug"], newest["status"]) == ("syncMediaToGalleries", "succeeded")
    assert newest["subject"] == f"media:{media_id}"


def test_an_immediate_sync_needs_a_media_that_there_is(editor_api, cron, media_id):
    for wrong in (None, "x", -1, 2**70, [1], True):
        assert is_error(editor_api.post(SYNC, json={"mediaId": wrong}), 400, "mediaId")
    assert is_error(editor_api.post(SYNC, json={}), 400, "mediaId")
    assert is_error(editor_api.post(SYNC), 400, "mediaId")
    assert is_error(cron.get(SYNC), 400, "mediaId")
    assert is_error(editor_api.post(SYNC, json={"mediaId": 999}), 404)
    editor_api.delete(f"/api/media/{media_id}")
    assert is_error(editor_api.post(SYNC, json={"mediaId": media_id}), 404)


@pytest.fixture
def taken(app):
    """Has the job taken by a worker at the moment when the endpoint wants to run it; `then` is what the worker does."""

    def by_worker(then) -> None:
        def perform(job_id: int) -> str:
            with app.app_context():
                held = claim(job_id, "a quicker worker")
            threading.Thread(target=finish, args=(then, held)).start()
            return perform_job(job_id)

        app.extensions["gallerist_perform_job"] = perform

    def finish(then, held) -> None:
        with app.app_context():
            then(held)

    return by_worker


def test_a_worker_that_was_quicker_is_waited_for(taken, editor_api, media_id):
    from webapp.jobs import lease

    def succeed(held) -> None:
        with transaction():
            lease.finish(held, {"pagesUpdated": 3, "galleriesUpdated": 4, "mediaId": media_id})

    taken(succeed)
    result = editor_api.post(SYNC, json={"mediaId": media_id}).json["result"]
    assert (result["pagesUpdated"], result["galleriesUpdated"]) == (3, 4)


def test_a_sync_that_fails_at_first_or_is_cancelled_is_told_in_words(taken, editor_api, media_id):
    from webapp.jobs import lease

    taken(lambda held: lease.fail(held, "no luck"))
    assert is_error(editor_api.post(SYNC, json={"mediaId": media_id}), 503)
    taken(lambda held: cancel_by_id(held.job_id, "Not wanted."))
    assert is_error(editor_api.post(SYNC, json={"mediaId": media_id}), 404)


def test_what_is_due_is_run_and_reported(editor_api, upload):
    sync = str(upload().json["job"]["id"])
    body = editor_api.post(f"{RUN}?queue=default").json
    assert body["success"] is True and body["executionTimeMs"] >= 0 and body["timestamp"]
    assert body["result"] == {"jobStatus": {sync: {"status": "succeeded"}}, "remaining": 0}
    rest = editor_api.post(f"{RUN}?allQueues").json["result"]
    assert {job["status"] for job in rest["jobStatus"].values()} == {"succeeded"}
    editor_api.post(f"{RUN}?allQueues")  # AVIF comes by itself after the other renditions
    assert editor_api.post(f"{RUN}?allQueues=true").json["result"] == {"jobStatus": {}, "remaining": 0}


def test_ten_are_run_unless_it_is_told_otherwise(app, editor_api):
    queue_syncs(app, 15)
    first = editor_api.post(RUN).json["result"]
    assert (len(first["jobStatus"]), first["remaining"]) == (10, 5)
    second = editor_api.post(f"{RUN}?limit=2").json["result"]
    assert (len(second["jobStatus"]), second["remaining"]) == (2, 3)


def test_the_urgent_come_first_and_then_the_oldest(app, editor_api):
    ordinary = queue_syncs(app, 2)
    urgent = queue_syncs(app, 1, priority=5)
    ran = [list(editor_api.post(f"{RUN}?limit=1").json["result"]["jobStatus"]) for _ in range(3)]
    assert ran == [[str(urgent[0])], [str(ordinary[0])], [str(ordinary[1])]]


def test_the_order_can_be_chosen(app, editor_api):
    first, second, urgent = *queue_syncs(app, 2), *queue_syncs(app, 1, priority=5)

    def ran(order: str) -> list[str]:
        return list(editor_api.post(f"{RUN}?limit=1&order={order}").json["result"]["jobStatus"])

    assert (ran("fifo"), ran("lifo"), ran("priority")) == ([str(first)], [str(urgent)], [str(second)])


def test_jobs_can_be_run_side_by_side(app, editor_api):
    ids = queue_syncs(app, 8)
    ran = editor_api.post(f"{RUN}?sequential=false").json["result"]["jobStatus"]
    assert ran == {str(job_id): {"status": "cancelled"} for job_id in ids}  # there is no picture 999
    queue_syncs(app, 1)
    assert len(editor_api.post(f"{RUN}?sequential").json["result"]["jobStatus"]) == 1


def test_without_access_nothing_is_run(app, editor_api):
    queue_syncs(app, 1)
    allow(app, run=lambda: False)
    assert is_error(editor_api.post(RUN), 403)
    assert editor_api.get("/api/jobs").json["docs"][0]["status"] == "queued"


def test_what_is_not_due_yet_waits(app, editor_api):
    queue_syncs(app, 1, wait_until=utcnow() + timedelta(hours=1))
    assert editor_api.post(RUN).json["result"] == {"jobStatus": {}, "remaining": 0}


def test_what_a_dead_worker_held_is_rescued_and_run(app, editor_api):
    (job_id,) = queue_syncs(app, 1)
    with app.app_context():
        claim(job_id, "a worker that dies")
        with transaction() as session:
            session.execute(update(Job).values(lease_until=utcnow() - timedelta(seconds=1)))
    assert list(editor_api.post(RUN).json["result"]["jobStatus"]) == [str(job_id)]
    with app.app_context():
        assert db.session.scalar(select(Job.crashes)) == 1


def test_questions_that_can_not_be_asked_are_refused(editor_api):
    for field, value in (("limit", "0"), ("limit", "1001"), ("limit", "x"), ("queue", "nope")):
        assert is_error(editor_api.post(RUN, query_string={field: value}), 400, field)
    for field in ("allQueues", "order", "sequential"):
        assert is_error(editor_api.post(RUN, query_string={field: "x"}), 400, field)


@threat(8)
def test_the_cron_secret_opens_both_by_get_and_post_and_nothing_else(cron, media_id):
    assert cron.get(RUN).status_code == cron.post(RUN).status_code == 200
    assert cron.get(f"{SYNC}?mediaId={media_id}").status_code == 200
    assert cron.post(SYNC, json={"mediaId": media_id}).status_code == 200
    assert is_error(cron.get("/api/jobs"), 401)
    assert is_error(cron.post("/api/pages", json={"title": "x"}), 401)


@threat(8)
def test_other_bearers_are_refused(anonymous, viewer_api):
    for secret in ("", "wrong", "kätzchen", CRON_SECRET[:-1], CRON_SECRET + "x"):
        headers = {"Authorization": f"Bearer {secret}"}
        assert is_error(anonymous.get(RUN, headers=headers), 401)
        assert is_error(anonymous.post(SYNC, json={"mediaId": 1}, headers=headers), 401)
    assert is_error(anonymous.get(f"{RUN}?secret={CRON_SECRET}"), 401)
    assert is_error(viewer_api.post(RUN), 403)


@threat(8)
def test_it_is_closed_to_bearers_when_no_secret_is_set(settings):
    closed = create_app(settings.model_copy(update={"cron_secret": ""}), perform_job=perform_job).test_client()
    for secret in ("", "None", CRON_SECRET):
        assert is_error(closed.get(RUN, headers={"Authorization": f"Bearer {secret}"}), 401)


@threat(8)
def test_a_signed_in_editor_posts_with_the_csrf_token_and_never_gets(app, editor):
    assert is_error(editor.post(RUN), 400)
    assert editor.post(RUN, headers={"X-CSRFToken": csrf_token(app, editor)}).status_code == 200
    assert is_error(editor.get(RUN), 403)
    assert editor.head(RUN).status_code == 403


def test_other_methods_are_refused(cron):
    assert is_error(cron.put(RUN), 405)
    assert is_error(cron.delete(SYNC), 405)


def test_the_audit_log_says_who_ran_jobs_and_nothing_of_a_cron_service(app, editor_api, cron, media_id):
    one = queue_syncs(app, 3)[0]
    with app.app_context():
        before = len(lines())
    assert editor_api.post(f"/api/jobs/{one}/run").status_code == 200
    assert editor_api.post(f"/api/jobs/{one}/run").status_code == 409
    ran = list(editor_api.post(f"{RUN}?limit=2").json["result"]["jobStatus"])
    editor_api.post(SYNC, json={"mediaId": media_id})
    cron.post(f"{RUN}?allQueues")
    editor_api.post(RUN)
    with app.app_context():
        assert lines()[before:] == [
            f"ran the job “Add a picture to every auto-sync gallery #{one}”",
            f"ran 2 jobs: #{ran[0]}, #{ran[1]}",
            "asked to add “picture-1.jpg” to its galleries at once",
        ]

"""RQ Dashboard: speaking rows, for admins, on a real Valkey."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from rq import Worker

from tests.security.rows import threat
from tests.support.audit import entries, lines
from tests.support.people import signed_in_client
from webapp import create_app
from webapp.database import db
from webapp.extensions import connect_redis, redis_client
from webapp.jobs import Job, queue
from webapp.jobs.doorbell import ring_queue

QUEUED = "/admin/rq/0/data/jobs/default/queued/8/asc/1.json"
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
ELSEWHERE = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
]


@pytest.fixture
def connection(redis_url: str) -> Redis:
    return connect_redis(redis_url, 5)


@pytest.fixture
def job(in_app: Flask) -> Job:
    return queue("syncMediaToGalleries", {"mediaId": 42}, subject="media:42")


@pytest.fixture
def failed_ring(job: Job, connection: Redis) -> str:
    """A ring in RQ's registry of failed ones."""
    rings = ring_queue("default", connection)
    ring = rings.fetch_job(job.rq_id)
    rings.remove(ring)
    rings.failed_job_registry.add(ring, ttl=60, exc_string="")
    return job.rq_id


def rings(connection: Redis) -> list[str]:
    return ring_queue("default", connection).job_ids


class Bomb:
    """Unpickling it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.folder),)


def test_a_queued_job_is_a_row_that_speaks(admin, job):
    rows = admin.get(QUEUED).json["jobs"]
    assert [(row["id"], row["description"]) for row in rows] == [
        (f"syncMediaToGalleries-{job.id}", f"syncMediaToGalleries for media:42 (job {job.id})")
    ]


@pytest.mark.parametrize("path", ["", "0/view/workers", "0/view/jobs", "0/view/jobs/default/failed/8/asc/1"])
def test_its_pages_open_and_may_run_their_scripts(admin, job, path):
    answer = admin.get(f"/admin/rq/{path}")
    assert answer.status_code == 200
    assert "script-src 'self' 'unsafe-inline' 'unsafe-eval'" in answer.headers["Content-Security-Policy"]
    assert 'href="/admin/jobs"' in answer.text


def test_one_ring_and_the_numbers_of_the_queues_are_shown(admin, job):
    ring = admin.get(f"/admin/rq/0/data/job/{job.rq_id}.json").json
    assert (ring["status"], ring["origin"], ring["result"]) == ("queued", "default", None)
    assert admin.get(f"/admin/rq/0/view/job/{job.rq_id}").status_code == 200
    queues = admin.get("/admin/rq/0/data/queues.json").json["queues"]
    assert [(row["name"], row["count"]) for row in queues] == [("default", 1)]


def test_workers_are_shown(admin, job, connection):
    Worker([ring_queue("default", connection)], name="w1", connection=connection).register_birth()
    assert [row["name"] for row in admin.get("/admin/rq/0/data/workers.json").json["workers"]] == ["w1"]


def test_looking_at_workers_leaves_the_time_limit_of_web_requests_as_it_is(app, admin, in_app, connection):
    Worker([ring_queue("default", connection)], connection=connection).register_birth()
    assert len(admin.get("/admin/rq/0/data/workers.json").json["workers"]) == 1
    limit = app.config["SETTINGS"].redis_timeout
    assert redis_client().connection_pool.connection_kwargs["socket_timeout"] == limit


@threat(17)
def test_it_is_for_admins_only(viewer, editor, anonymous, job, connection):
    for path in ("/admin/rq/", QUEUED, "/admin/rq/requeue/default"):
        assert viewer.get(path).status_code == 403
        assert editor.get(path).status_code == 403
        assert anonymous.get(path).status_code == 302
    assert editor.post("/admin/rq/queue/default/queued/empty", headers=FROM_HERE).status_code == 403
    assert rings(connection) == [job.rq_id]


@threat(17)
def test_a_get_changes_nothing(admin, failed_ring, connection):
    answer = admin.get("/admin/rq/requeue/default", headers=FROM_HERE)
    assert answer.status_code == 405
    assert rings(connection) == []


@threat(17)
@pytest.mark.parametrize("headers", ELSEWHERE)
def test_a_post_from_elsewhere_is_refused(admin, failed_ring, connection, headers):
    assert admin.post("/admin/rq/requeue/default", headers=headers).status_code == 403
    assert admin.post(f"/admin/rq/job/{failed_ring}/delete", headers=headers).status_code == 403
    assert rings(connection) == []
    assert ring_queue("default", connection).failed_job_registry.get_job_ids() == [failed_ring]


@pytest.mark.parametrize("headers", [FROM_HERE, {"Origin": "http://localhost"}])
@pytest.mark.parametrize("path", ["requeue/default", "job/{ring}/requeue"])
def test_an_admin_requeues_a_failed_ring(admin, failed_ring, connection, headers, path):
    answer = admin.post(f"/admin/rq/{path.format(ring=failed_ring)}", headers=headers)
    assert (answer.status_code, answer.json["status"]) == (200, "OK")
    assert rings(connection) == [failed_ring]


def test_requeue_pressed_twice_is_told_in_words(admin, failed_ring, connection):
    path = f"/admin/rq/job/{failed_ring}/requeue"
    assert admin.post(path, headers=FROM_HERE).status_code == 200
    again = admin.post(path, headers=FROM_HERE)
    assert (again.status_code, "nothing to requeue" in again.text) == (409, True)
    assert rings(connection) == [failed_ring]


def test_compacting_an_empty_queue_is_harmless(admin):
    assert admin.post("/admin/rq/queue/images/compact", headers=FROM_HERE).status_code == 200


def test_emptying_a_queue_takes_no_job_away(admin, job, connection):
    for _ in range(2):
        assert admin.post("/admin/rq/queue/default/queued/empty", headers=FROM_HERE).status_code == 200
    assert rings(connection) == []
    assert db.session.get(Job, job.id, populate_existing=True).status == "queued"


def test_a_planted_pickle_is_never_loaded(admin, job, connection, tmp_path):
    bomb = pickle.dumps(Bomb(tmp_path / "went-off"))
    for field in ("data", "meta"):
        connection.hset(f"rq:job:{job.rq_id}", field, bomb)
        for path in (QUEUED, f"/admin/rq/0/data/job/{job.rq_id}.json", f"/admin/rq/0/view/job/{job.rq_id}"):
            admin.get(path)
        admin.post(f"/admin/rq/job/{job.rq_id}/requeue", headers=FROM_HERE)
    assert not (tmp_path / "went-off").exists()


@threat(4)
def test_what_it_prints_is_escaped(admin, job):
    page = admin.get(f"/admin/rq/0/view/job/{job.rq_id}").text
    assert "<%- d.description %>" in page
    assert "<%- d.exc_info %>" in page
    for path in (f"job/{job.rq_id}", "jobs", "workers", "queues"):
        assert "<%= d." not in admin.get(f"/admin/rq/0/view/{path}", follow_redirects=True).text


def test_the_address_of_redis_is_not_shown(admin, job, redis_url):
    assert redis_url not in admin.get("/admin/rq/").text


@pytest.mark.parametrize(
    "path",
    [
        "0/view/job/unknown",
        "0/data/job/unknown.json",
        "0/data/jobs/default/odd/8/asc/1.json",
        "0/data/jobs/default/queued/8/odd/1.json",
        "0/data/jobs/default/queued/0/asc/1.json",
        "0/data/jobs/default/queued/8/asc/x.json",
        "0/data/jobs/default/queued/-1/asc/1.json",
        f"0/view/jobs/default/queued/8/asc/{10**30}",
    ],
)
def test_odd_addresses_are_not_found(admin, job, path):
    assert admin.get(f"/admin/rq/{path}").status_code == 404


def test_with_redis_away_it_says_so(settings, app):
    away = create_app(settings.model_copy(update={"redis_url": "unix:///nowhere/valkey.sock"}))
    client: FlaskClient = signed_in_client(away, "admin")
    for path in ("/admin/rq/", QUEUED, "/admin/rq/0/view/workers"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "Redis does not answer" in answer.text
    with away.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("of", ["workers", "queues"])
@pytest.mark.parametrize("name", [b"\xff\xfe", b"junk"])
def test_names_that_rq_has_not_written_are_said_to_be_odd(admin, job, connection, of, name):
    connection.sadd(f"rq:{of}", name)
    answer = admin.get(f"/admin/rq/0/data/{of}.json")
    assert (answer.status_code, "RQ has not written" in answer.text) == (503, True)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("job/{ring}/requeue", "requeued the message {ring} in RQ Dashboard"),
        ("requeue/default", "requeued the failed messages of the queue “default” in RQ Dashboard"),
        ("job/{ring}/delete", "deleted the message {ring} in RQ Dashboard"),
        ("queue/default/failed/empty", "emptied the list “failed” of the queue “default” in RQ Dashboard"),
    ],
)
def test_the_audit_log_says_who_pressed_what(admin, job, failed_ring, path, words):
    assert admin.post(f"/admin/rq/{path.format(ring=failed_ring)}", headers=FROM_HERE).status_code == 200
    (entry,) = entries()
    assert entry.words.startswith(words.format(ring=failed_ring))
    assert entry.who == "admin@example.org"
    assert entry.subject == (f"job:{job.id}" if "{ring}" in path else "queue:default")
    assert entry.words in admin.get("/admin/audit").text


def test_the_audit_log_says_who_compacted_a_queue(admin, job):
    assert admin.post("/admin/rq/queue/default/compact", headers=FROM_HERE).status_code == 200
    assert lines() == ["removed what was left of messages that are gone from the queue “default” in RQ Dashboard"]


def test_what_is_refused_or_only_looked_at_leaves_no_line(admin, editor, failed_ring):
    admin.get("/admin/rq/")
    admin.get("/admin/rq/requeue/default")
    admin.post("/admin/rq/job/unknown-1/requeue", headers=FROM_HERE)
    admin.post(f"/admin/rq/job/{failed_ring}/delete", headers={"Sec-Fetch-Site": "cross-site"})
    editor.post(f"/admin/rq/job/{failed_ring}/delete", headers=FROM_HERE)
    assert lines() == []


def test_odd_names_of_queues_break_nothing(admin, job):
    for name in ("%00", "x" * 3000, "<script>", "{job_id}"):
        assert admin.post(f"/admin/rq/queue/{name}/queued/empty", headers=FROM_HERE).status_code == 200
    assert len(lines()) == 4
    assert "<script>” in" not in admin.get("/admin/audit").text

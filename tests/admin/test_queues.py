"""The page of the queues: depth, workers, the sweep, schedules, charts; pausing and resuming."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from rq import Worker
from rq.executions import Execution
from sqlalchemy import insert, select

from tests.admin.conftest import count_queries
from tests.admin.test_jobs import new_job
from tests.conftest import both_databases
from tests.support.people import signed_in_client
from webapp import create_app, jobs
from webapp.database import db, transaction, utcnow
from webapp.extensions import connect_redis, redis_client
from webapp.jobs.catalog import CATALOG, declare
from webapp.jobs.doorbell import Ring, ring_queue
from webapp.jobs.job import Job
from webapp.jobs.policy import Schedule, Task
from webapp.jobs.schedules import queue_scheduled
from webapp.jobs.sweep import sweep
from workers.clock import Clock

URL = "/admin/queues"


def text(client, path: str = URL) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def end_jobs(number: int, status: str = "succeeded", **values: object) -> None:
    now = utcnow()
    row = {
        "task_slug": "makeRenditions",
        "input": {},
        "meta": {},
        "queue": "images",
        "status": status,
        "created_at": now - timedelta(seconds=3),
        "started_at": now - timedelta(seconds=1),
        "completed_at": now,
    }
    with transaction() as session:
        session.execute(insert(Job), [row | values] * number)


@pytest.fixture
def worker(redis_url) -> Worker:
    """RQ knows one of the queue "images"."""
    connection = connect_redis(redis_url, 5)
    worker = Worker([ring_queue("images", connection)], name="painter", connection=connection)
    worker.register_birth()
    return worker


@pytest.fixture
def nightly(in_app) -> Iterator[Task]:
    yield declare(Task("nightly", "Tidy up", schedules=(Schedule("0 3 * * *", "Europe/Vienna"),)))
    del CATALOG["nightly"]


@both_databases
def test_each_queue_tells_what_lies_in_it(editor, in_app):
    new_job(created_at=utcnow() - timedelta(hours=2))
    new_job(wait_until=utcnow() + timedelta(hours=1))
    seen = text(editor)
    assert "Waiting 1 For later 1 Running 0 Oldest wait 2 hours" in seen
    assert "Waiting 0 For later 0 Running 0 Oldest wait none" in seen
    assert "Nobody works on the queue “default”; 1 job waits" in seen


@both_databases
@pytest.mark.parametrize("span", ["hour", "day"])
def test_charts_have_their_words_and_a_table(editor, in_app, span):
    end_jobs(4)
    end_jobs(1, "failed")
    html = editor.get(f"{URL}?span={span}").text
    seen = text(editor, f"{URL}?span={span}")
    words = {"hour": "last hour", "day": "last 24 hours"}[span]
    assert f"4 jobs succeeded and 1 failed in the {words}" in seen
    assert "had waited 2 s on average, 2 s at most." in seen
    assert html.count('role="img"') == 4
    assert html.count('<rect class="chart-done"') == 1
    assert html.count('<rect class="chart-failed"') == 1
    assert re.search(r"<tr><th scope=.row.>[^<]+</th><td>4</td><td>1</td><td>0</td><td>2 s</td><td>2 s</td></tr>", html)


def test_a_wait_of_days_is_told_in_days(editor, in_app):
    end_jobs(1, created_at=utcnow() - timedelta(days=30, seconds=1))
    assert "had waited 30 d on average, 30 d at most." in text(editor)


def test_charts_need_no_inline_style_and_ids_are_unique(admin, in_app):
    end_jobs(3)
    html = admin.get(URL).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", html)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for reference in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', html):
        assert set(reference.split()) <= set(ids)


def test_an_odd_span_is_the_last_hour(editor, in_app):
    assert 'aria-current="page">Last hour' in editor.get(f"{URL}?span=<script>").text


def test_it_fetches_itself_again_and_again(editor, in_app):
    fragment = editor.get(f"{URL}?span=day", headers={"X-Fragment": "1"}).text
    assert fragment.lstrip().startswith('<div data-poll-url="/admin/queues?span=day"')
    assert "<html" not in fragment


def test_it_asks_the_database_as_often_for_many_as_for_none(editor, in_app):
    before = count_queries(editor, URL)
    for status in ("succeeded", "failed"):
        end_jobs(200, status)
    for _ in range(5):
        new_job()
    assert count_queries(editor, URL) == before


def test_a_queue_that_this_program_does_not_know_is_shown(admin, in_app):
    end_jobs(1, queue="old<b>")
    html = admin.get(URL).text
    assert "has no such queue" in html
    assert "old&lt;b&gt;" in html
    assert "old<b>" not in html


def test_workers_are_shown_with_what_they_do(editor, in_app, worker):
    seen = text(editor)
    assert "painter images" in seen
    assert "nothing" in seen
    job = new_job()
    with worker.connection.pipeline() as pipeline:
        Execution.create(Ring(id=job.rq_id, connection=worker.connection), 60, pipeline, "painter")
        worker.set_state("busy", pipeline)
        pipeline.execute()
    assert f'<a href="/admin/jobs/{job.id}">job {job.id}</a>' in editor.get(URL).text
    assert "working" in text(editor)


def test_a_silent_worker_is_pointed_out(editor, in_app, worker):
    assert "may be dead" not in text(editor)
    worker.connection.hset(worker.key, "last_heartbeat", "2020-01-01T00:00:00.000000Z")
    assert "may be dead" in text(editor)


@pytest.mark.parametrize("planted", [{"last_heartbeat": "soon", "queues": "<b>"}, {"state": "\xff" * 9, "birth": "0"}])
def test_nonsense_in_redis_does_no_harm(editor, in_app, worker, planted):
    worker.connection.hset(worker.key, mapping=planted)
    assert "<b>" not in editor.get(URL).text


def test_looking_at_workers_leaves_the_time_limit_of_web_requests_as_it_is(app, editor, in_app, worker):
    limits = redis_client().connection_pool.connection_kwargs
    before = limits["socket_timeout"]
    for path in (URL, "/admin/", "/admin/jobs"):
        editor.get(path)
    assert (before, limits["socket_timeout"]) == (app.config["SETTINGS"].redis_timeout,) * 2


def test_with_redis_away_it_says_so(settings, in_app):
    away = create_app(settings.model_copy(update={"redis_url": "unix:///nowhere/valkey.sock"}))
    seen = text(signed_in_client(away, "editor"))
    assert "Redis does not answer, so nobody knows which workers there are." in seen
    assert "Next run unknown" in seen
    assert "Nobody works" not in seen
    with away.app_context():
        db.engine.dispose()


def test_the_sweep_tells_when_it_ran_what_it_did_and_when_it_runs_again(editor, in_app, redis_url):
    seen = text(editor)
    assert "Last run none yet" in seen
    assert "none is planned; start the clock process" in seen
    new_job(created_at=utcnow() - timedelta(hours=1))
    sweep()
    Clock(connect_redis(redis_url, 5), 60).register_sweep()
    seen = text(editor)
    assert "It found 1 rung for again" in seen
    assert "none is planned" not in seen
    sweep()
    assert "It found nothing to do" in text(editor)


def test_schedules_tell_their_line_and_when_they_last_ran(editor, nightly):
    line = "Tidy up 0 3 * * * Europe/Vienna, on the queue default"
    assert f"{line} No run known, next in" in text(editor)
    queue_scheduled()
    assert f"{line} No run known, next in" in text(editor)  # the sweep has seen it, and nothing was queued
    assert queue_scheduled(utcnow() + timedelta(days=1))
    assert f"{line} Last just now , next in" in text(editor)
    assert "schedule=nightly+default+0+3" in editor.get(URL).text


def test_a_run_that_ended_still_is_the_last(editor, nightly):
    for day in range(2):
        queue_scheduled(utcnow() + timedelta(days=day))
    with transaction() as session:
        job = session.scalars(select(Job).filter_by(task_slug="nightly")).one()
        job.status, job.completed_at = "succeeded", utcnow() + timedelta(days=1)
    assert "on the queue default Last just now , next in" in text(editor)


def test_two_schedules_of_one_task_have_different_names(editor, in_app):
    seen = text(editor)
    assert seen.count("Look for documents that should be found by meaning and are not") == 1
    assert "Read every document, and look whether meaning finds it 7 4 * * *" in seen


@both_databases
def test_a_queue_is_paused_and_goes_on(admin, editor, post, in_app):
    new_job(created_at=utcnow() - timedelta(hours=1))
    answer = post(admin, f"{URL}/default/pause")
    assert (answer.status_code, answer.location) == (303, URL)
    assert jobs.paused()["default"].paused_by == "admin"
    for path in (URL, "/admin/", "/admin/jobs"):
        seen = text(editor, path)
        assert "The queue “default” is paused by admin" in seen
        assert "Nobody works on the queue “default”" not in seen
    assert "Paused by admin" in text(editor)
    assert post(admin, f"{URL}/default/resume?span=day").location == f"{URL}?span=day"
    db.session.rollback()
    assert jobs.paused() == {}
    assert "paused by" not in text(editor)


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_doing_it_twice_is_harmless_and_is_told(admin, post, in_app, verb):
    jobs.pause("images")
    answers = [post(admin, f"{URL}/images/{verb}") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    words = "was paused already" if verb == "pause" else "was not paused"
    assert words in text(admin, answers[1].location)
    db.session.rollback()
    assert ("images" in jobs.paused()) == (verb == "pause")


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_only_admins_and_only_by_a_form(admin, editor, viewer, anonymous, post, in_app, verb):
    path = f"{URL}/default/{verb}"
    for client in (editor, viewer):
        assert post(client, path).status_code == 403
        assert f'action="{path}' not in client.get(URL).text
    assert anonymous.post(path).status_code == 302
    assert admin.get(path).status_code == 405
    assert admin.post(path).status_code == 400
    assert jobs.paused() == {}
    assert f"{URL}/default/pause" in admin.get(URL).text


@pytest.mark.parametrize("name", ["nothing", "x" * 300, "<b>", "%00"])
def test_an_unknown_queue_is_not_found(admin, post, in_app, name):
    for verb in ("pause", "resume"):
        answer = post(admin, f"{URL}/{name}/{verb}")
        assert answer.status_code == 404
        assert "<b>" not in answer.text


def test_it_is_for_people_who_signed_in_and_takes_no_post(editor, viewer, anonymous, post, in_app):
    assert anonymous.get(URL).status_code == 302
    assert viewer.get(URL).status_code == 200
    assert post(editor, URL).status_code == 405
    assert 'aria-current="page">Jobs</a>' in viewer.get(URL).text


def test_only_admins_see_the_way_to_rq_dashboard(admin, editor, in_app):
    assert "/admin/rq/" in admin.get(URL).text
    assert "/admin/rq/" not in editor.get(URL).text

"""The first page after signing in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from rq import Worker
from sqlalchemy import delete, update

from tests.admin.conftest import count_queries, file, upload, work_off
from tests.support.people import signed_in_client
from webapp import create_app
from webapp.database import db, transaction, utcnow
from webapp.extensions import connect_redis
from webapp.jobs import pause, queue
from webapp.jobs.doorbell import ring_queue
from webapp.jobs.job import Job, SweepState
from webapp.jobs.sweep import sweep
from webapp.models.gallery import change_gallery
from webapp.models.page import create_page
from workers.perform import perform_job

AWAY = "Redis does not answer"
NOBODY = "Nobody works on the queue"
LATE = "The sweep is late"


@pytest.fixture
def old_jobs(media) -> None:
    """Jobs that have waited for an hour."""
    with transaction() as session:
        session.execute(update(Job).values(created_at=utcnow() - timedelta(hours=1)))


@pytest.fixture
def workers(redis_url) -> None:
    """RQ knows one worker for each queue."""
    connection = connect_redis(redis_url, 5)
    for name in ("default", "images"):
        Worker([ring_queue(name, connection)], connection=connection).register_birth()


def test_it_shows_recent_uploads_with_their_progress(editor, media):
    html = editor.get("/admin/").text
    assert f'href="/admin/media/{media.id}"' in html
    assert "harbour.jpg" in html
    assert "Waiting to be prepared" in html
    assert 'data-poll-url="/admin/recent-uploads"' in html
    work_off()
    for path in ("/admin/", "/admin/recent-uploads"):
        html = editor.get(path).text
        assert "Ready" in html
        assert "data-poll-url" not in html


def test_the_fragment_of_recent_uploads_leads_back_to_the_page(editor, anonymous, post, media):
    with transaction() as session:
        session.execute(update(Job).values(status="failed", completed_at=utcnow()))
    around = {"X-Fragment": "1", "Referer": "http://localhost/admin/"}
    fragment = editor.get("/admin/recent-uploads", headers=around).text
    assert "<html" not in fragment
    assert 'name="next" value="/admin/"' in fragment
    assert anonymous.get("/admin/recent-uploads").status_code == 302
    assert post(editor, "/admin/recent-uploads").status_code == 405


def test_it_shows_pages_with_their_galleries_and_switches(editor, gallery_id):
    assert "Auto-sync off" in editor.get("/admin/").text
    change_gallery(gallery_id, auto_sync=True, title="Best of")
    html = editor.get("/admin/").text
    assert "Auto-sync on" in html
    assert f'href="/admin/galleries/{gallery_id}">Best of' in html
    assert "Draft" in html


def test_an_empty_library_says_what_to_do_next(in_app, editor, viewer):
    assert "Upload pictures" in editor.get("/admin/").text
    html = viewer.get("/admin/").text
    assert "Nothing here yet" in html
    assert "Upload pictures" not in html


def test_it_sends_strangers_to_sign_in_and_back(editor, anonymous):
    assert anonymous.get("/admin/").location == "/admin/sign-in?next=/admin/"


def test_it_takes_no_post(editor, post):
    assert post(editor, "/admin/").status_code == 405


def test_titles_are_text(editor, in_app):
    create_page("<script>alert(1)</script>")
    assert "<script>alert" not in editor.get("/admin/").text


def test_it_asks_the_database_as_often_for_many_as_for_one(editor, post, in_app):
    upload(editor, post, "a.jpg", 1)
    create_page("One", layout=[{"blockType": "gallery"}])
    before = count_queries(editor, "/admin/")
    for number in range(2, 6):
        upload(editor, post, f"{number}.jpg", number)
        create_page(f"Page {number}", layout=[{"blockType": "gallery"}] * 3)
    assert count_queries(editor, "/admin/") == before


def test_a_fresh_start_alarms_nobody(editor, media):
    html = editor.get("/admin/").text
    assert "No sweep yet" in html
    assert not any(alarm in html for alarm in (AWAY, NOBODY, LATE))


def test_it_says_when_nobody_works_on_a_queue_that_has_due_jobs(editor, admin, old_jobs):
    html = editor.get("/admin/").text
    assert f"{NOBODY} “default”; 1 job waits" in html
    assert f"{NOBODY} “images”; 1 job waits" in html
    assert "You can go on working" in html
    assert "To do: Start a worker process" in admin.get("/admin/").text


def test_with_workers_there_is_no_such_alarm(editor, old_jobs, workers):
    html = editor.get("/admin/").text
    assert NOBODY not in html
    assert "2 workers" in html
    assert re.search(r"oldest wait <time [^>]*>1 hour</time>", html)


@pytest.mark.parametrize("since", [timedelta(minutes=10), timedelta(hours=-1)], ids=["long ago", "clock set back"])
def test_it_says_when_the_sweep_is_late(editor, media, since):
    sweep()
    assert "Last sweep" in editor.get("/admin/").text
    assert LATE not in editor.get("/admin/").text
    with transaction() as session:
        session.execute(update(SweepState).values(completed_at=utcnow() - since))
    assert LATE in editor.get("/admin/").text


def test_it_says_when_work_waits_and_there_was_never_a_sweep(editor, old_jobs):
    assert LATE in editor.get("/admin/").text


def test_it_says_when_redis_is_away(app: Flask, settings, editor, media):
    away = create_app(settings.model_copy(update={"redis_url": "unix:///nowhere/valkey.sock"}))
    html = signed_in_client(away, "viewer").get("/admin/").text
    assert AWAY in html
    assert "For whoever looks after this site:" in html
    assert "workers unknown" in html
    with away.app_context():
        db.engine.dispose()


def test_says_what_the_last_check_of_the_galleries_found(editor, in_app):
    create_page("Fair")
    assert "Galleries checked" not in editor.get("/admin/").text
    assert perform_job(queue("checkDrift").id) == "succeeded"
    page = " ".join(editor.get("/admin/").text.split())
    assert "Galleries checked" in page and "nothing is missing." in page


def test_whoever_uploads_is_told_that_a_queue_is_paused(editor, admin, post, media, fair, gallery_id):
    places = ("/admin/media", f"/admin/media/{media.id}", f"/admin/pages/{fair.id}", f"/admin/galleries/{gallery_id}")
    assert all("is paused" not in editor.get(path).text for path in places)
    pause("images", by="ann")
    for path in places:
        html = editor.get(path).text
        assert "The queue “images” is paused by ann" in html
        assert "What you upload is kept" in html
    answer = post(editor, "/admin/media", files=[file("a.jpg", number=8), file("b.jpg", number=9)])
    assert "The queue “images” is paused by ann" in answer.text


def test_where_nothing_is_waited_for_nobody_is_told_that_a_queue_is_paused(editor, media):
    work_off()
    pause("images")
    assert "is paused" not in editor.get(f"/admin/media/{media.id}").text
    assert "is paused" not in editor.get("/admin/media?trash=1").text


def test_it_says_what_jobs_wait_for(editor, media):
    assert "2 jobs wait for a worker, 0 running" in words(editor)
    later = utcnow() + timedelta(hours=1)
    with transaction() as session:
        session.execute(update(Job).values(wait_until=later, error="ConnectionError: away"))
        session.add(Job(task_slug="syncMediaToGalleries", input={}, queue="default", wait_until=later))
    seen = words(editor)
    assert "nothing waits for a worker." in seen
    assert "2 jobs wait to be tried again, 1 for a later time, 0 running, none failed." in seen
    with transaction() as session:
        session.execute(delete(Job))
    assert "No job waits, 0 running, none failed." in words(editor)


def words(client) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get("/admin/").text).split())

"""The list of jobs, one job with its history, trying again and cancelling."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.admin.conftest import HUGE, NAUGHTY, Post, count_queries, fresh, upload, work_off
from webapp.database import db, transaction, utcnow
from webapp.jobs import lease
from webapp.jobs.job import Job, JobLog
from webapp.models.media import Media, trash_media
from webapp.storage import storage

ERROR = "ConnectionError: storage at 10.0.0.7 is away"
REASON = "The file is not an image."
FRAGMENT = {"X-Fragment": "1"}


def new_job(**changes: object) -> Job:
    """One job in any state."""
    with transaction() as session:
        job = Job(task_slug="syncMediaToGalleries", input={"mediaId": 1}, queue="default", **changes)
        session.add(job)
    return job


@pytest.fixture
def failed(in_app) -> Job:
    job = new_job(status="failed", error=ERROR, total_tried=6, started_at=utcnow(), completed_at=utcnow())
    with transaction() as session:
        session.add(
            JobLog(job_id=job.id, event="failed", attempt=6, message=ERROR, worker="web:1", started_at=utcnow())
        )
    return job


@pytest.fixture
def queued(in_app) -> Job:
    return new_job()


@pytest.fixture
def running(in_app) -> Job:
    job = new_job()
    lease.claim(job.id, "web:7")
    return fresh(Job, job.id)


def url(job: Job, rest: str = "") -> str:
    return f"/admin/jobs/{job.id}{rest}"


def listed(client: FlaskClient, query: str = "") -> list[int]:
    """The ids in the list, from top to bottom."""
    return [
        int(number) for number in re.findall(r'<a href="/admin/jobs/(\d+)">', client.get(f"/admin/jobs{query}").text)
    ]


def test_the_list_tells_what_about_what_and_how_it_is(viewer, media):
    html = viewer.get("/admin/jobs").text
    assert "Make the renditions of a picture" in html
    assert f'<a href="/admin/media/{media.id}">harbour.jpg</a>' in html
    assert "Queued" in html
    work_off()
    assert "Succeeded" in viewer.get("/admin/jobs").text


def test_tabs_count_the_jobs_of_each_state(editor, failed, queued):
    html = " ".join(editor.get("/admin/jobs").text.split())
    assert 'All <span class="count">2</span>' in html
    assert 'Failed <span class="count">1</span>' in html
    assert 'Running <span class="count">0</span>' in html
    assert listed(editor, "?status=failed") == [failed.id]
    assert listed(editor, "?status=queued") == [queued.id]


def test_the_list_is_filtered_by_task_and_subject(editor, media, queued):
    rendering, syncing = db.session.scalars(select(Job).where(Job.subject == media.subject).order_by(Job.id)).all()
    assert listed(editor, "?task=makeRenditions") == [rendering.id]
    assert listed(editor, f"?subject={media.subject}") == [syncing.id, rendering.id]
    assert listed(editor, "?task=makeRenditions&status=failed") == []
    assert (
        'href="/admin/jobs?status=failed&amp;task=makeRenditions"' in editor.get("/admin/jobs?task=makeRenditions").text
    )


def test_fifty_are_on_a_page_newest_first_and_the_filters_stay(editor, in_app):
    ids = [new_job(status="cancelled").id for _ in range(60)]
    first = listed(editor, "?status=cancelled")
    assert first == ids[:9:-1]
    assert listed(editor, "?status=cancelled&page=2") == ids[9::-1]
    assert "status=cancelled&amp;page=2" in editor.get("/admin/jobs?status=cancelled").text


def test_an_empty_list_says_so(editor, in_app):
    assert "No jobs yet" in editor.get("/admin/jobs").text
    assert "There is no job like that" in editor.get("/admin/jobs?status=failed").text


@pytest.mark.parametrize("query", [f"page={HUGE}", "page=-1", "status=odd", f"task={NAUGHTY[:40]}", "subject=%00"])
def test_odd_addresses_show_a_list(editor, queued, query):
    answer = editor.get("/admin/jobs", query_string=query)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_the_list_asks_the_database_as_often_for_many_as_for_one(editor, post, in_app):
    upload(editor, post, "a.jpg", 1)
    before = count_queries(editor, "/admin/jobs")
    for number in range(2, 8):
        upload(editor, post, f"{number}.jpg", number)
    assert count_queries(editor, "/admin/jobs") == before


def test_the_list_fetches_itself_again_only_while_something_moves(editor, failed):
    assert "data-poll-url" not in editor.get("/admin/jobs").text
    new_job()
    html = editor.get("/admin/jobs?status=queued").text
    assert 'data-poll-url="/admin/jobs?status=queued"' in html
    fragment = editor.get("/admin/jobs?status=queued", headers=FRAGMENT).text
    assert fragment.lstrip().startswith("<div")
    assert "<html" not in fragment


def test_a_subject_that_is_gone_is_named_without_a_link(editor, in_app):
    new_job(subject="media:999")
    new_job(subject="page:998")
    new_job(subject="comet:7")
    html = editor.get("/admin/jobs").text
    assert "Picture 999, gone" in html
    assert "Page 998, gone" in html
    assert "comet:7" in html


def test_a_picture_in_the_trash_still_links_to_its_page(editor, media: Media):
    trash_media(media.id)
    assert f'href="/admin/media/{media.id}"' in editor.get("/admin/jobs").text


def test_programs_words_are_for_editors_and_reasons_for_all(editor, viewer, failed):
    assert ERROR in editor.get("/admin/jobs").text
    assert ERROR in editor.get(url(failed)).text
    for path in ("/admin/jobs", url(failed), url(failed, "/status")):
        assert ERROR not in viewer.get(path).text
    with transaction() as session:
        session.get_one(Job, failed.id).reason = REASON
    for path in ("/admin/jobs", url(failed)):
        assert REASON in viewer.get(path).text


def test_one_job_shows_facts_input_output_and_history(editor, media):
    work_off()
    job = db.session.scalars(select(Job).where(Job.task_slug == "makeRenditions")).one()
    html = editor.get(url(job)).text
    for words in (
        "Make the renditions of a picture",
        "harbour.jpg",
        "makeRenditions",
        "images",
        "mediaId",
        "renditions",
    ):
        assert words in html
    assert "Asked for by editor" in html
    assert "Succeeded" in html


def test_one_job_fetches_itself_again_until_it_is_settled(editor, queued):
    assert f'data-poll-url="{url(queued, "/status")}"' in editor.get(url(queued)).text
    work_off()
    fragment = editor.get(url(queued, "/status"), headers=FRAGMENT).text
    assert "data-poll-url" not in fragment
    assert "<html" not in fragment


def test_user_text_in_a_job_is_text(editor, in_app):
    job = new_job(
        status="failed", error=NAUGHTY.replace("\0", ""), subject="<script>alert(1)", output={"a": "<script>alert"}
    )
    for path in ("/admin/jobs", url(job)):
        assert "<script>alert" not in editor.get(path).text


@pytest.mark.parametrize("number", [999, HUGE])
def test_an_unknown_job_is_not_found(editor, post, in_app, number):
    for path in (f"/admin/jobs/{number}", f"/admin/jobs/{number}/status"):
        assert editor.get(path).status_code == 404
    for verb in ("retry", "cancel"):
        assert post(editor, f"/admin/jobs/{number}/{verb}").status_code == 404


def test_a_failed_job_is_tried_again_and_the_log_says_by_whom(editor, post: Post, failed):
    answer = post(editor, url(failed, "/retry"))
    assert (answer.status_code, answer.location) == (303, url(failed))
    job = fresh(Job, failed.id)
    assert (job.status, job.total_tried) == ("queued", 0)
    assert job.log[-1].message == "Tried again by editor."
    assert "It will be tried again." in editor.get(url(failed)).text


def test_trying_twice_is_harmless(editor, post, failed):
    post(editor, url(failed, "/retry"))
    assert post(editor, url(failed, "/retry")).status_code == 303
    assert fresh(Job, failed.id).status == "queued"


def test_a_job_that_waits_for_its_next_try_is_tried_now(editor, post, in_app):
    job = new_job(error=ERROR, total_tried=2, wait_until=utcnow() + timedelta(hours=1))
    assert "Run now" in editor.get(url(job)).text
    post(editor, url(job, "/retry"))
    assert fresh(Job, job.id).wait_until is None


@pytest.mark.parametrize("state", ["running", "succeeded"])
def test_what_runs_or_succeeded_is_not_tried_again(editor, post, running, state):
    job = running if state == "running" else new_job(status="succeeded", completed_at=utcnow())
    answer = post(editor, url(job, "/retry"))
    assert answer.status_code == 303
    assert f"Job {job.id} is {state}; it can&#39;t be retried." in editor.get(answer.location).text
    assert fresh(Job, job.id).status == state


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_job_is_cancelled_and_says_by_whom(editor, post, queued, running, state):
    job = {"queued": queued, "running": running}[state]
    assert post(editor, url(job, "/cancel")).status_code == 303
    assert (fresh(Job, job.id).status, fresh(Job, job.id).reason) == ("cancelled", "Stopped by editor.")
    assert "Stopped by editor." in editor.get(url(job)).text


def test_a_finished_job_is_not_cancelled(editor, post, failed):
    answer = post(editor, url(failed, "/cancel"))
    assert f"Job {failed.id} is failed; it can&#39;t be cancelled." in editor.get(answer.location).text
    assert fresh(Job, failed.id).status == "failed"


def test_afterwards_the_page_before_comes_again(editor, post, failed):
    assert post(editor, url(failed, "/retry"), next="/admin/jobs?status=failed").location == "/admin/jobs?status=failed"
    for foreign in ("//evil.example", "https://evil.example/", "/\\evil"):
        assert post(editor, url(failed, "/retry"), next=foreign).location == url(failed)


def test_a_button_in_a_fragment_leads_back_to_the_page_around_it(editor, failed):
    page = {"Referer": "http://localhost/admin/media?page=2"}
    fragment = editor.get(url(failed, "/status"), headers=FRAGMENT | page).text
    assert 'name="next" value="/admin/media?page=2"' in fragment
    foreign = editor.get(url(failed, "/status"), headers=FRAGMENT | {"Referer": "http://evil.example/x"}).text
    assert 'name="next" value="/admin/"' in foreign


@pytest.mark.parametrize("verb", ["retry", "cancel"])
def test_only_editors_change_jobs_and_only_by_a_form(editor, viewer, anonymous, post, queued, verb):
    path = url(queued, f"/{verb}")
    assert post(viewer, path).status_code == 403
    assert anonymous.post(path).status_code == 302
    assert editor.get(path).status_code == 405
    assert editor.post(path).status_code == 400
    assert f'action="{path}"' not in viewer.get("/admin/jobs").text
    assert fresh(Job, queued.id).status == "queued"
    assert not fresh(Job, queued.id).log


@pytest.mark.parametrize("path", ["/admin/jobs", "/admin/jobs/1", "/admin/jobs/1/status"])
def test_pages_are_for_people_who_signed_in_and_take_no_post(editor, anonymous, post, queued, path):
    assert anonymous.get(path).status_code == 302
    assert post(editor, path).status_code == 405


def test_a_crash_and_a_release_are_told_in_words(editor, running):
    with transaction() as session:
        for event, message in (("crashed", "The worker died in the middle of it."), ("released", "It shut down.")):
            session.add(JobLog(job_id=running.id, event=event, attempt=1, message=message))
    html = editor.get(url(running)).text
    assert "The worker died" in html
    assert "Given back" in html
    assert "Running" in html


def test_a_failure_by_a_task_is_shown_with_its_reason(editor, media):
    storage().delete(media.storage_key)
    work_off()
    job = db.session.scalars(select(Job).where(Job.task_slug == "makeRenditions")).one()
    assert job.status == "failed"
    assert "The file of harbour.jpg is missing. Upload it again." in editor.get(url(job)).text

"""Doing something to many jobs at once: those that are ticked, or all that match."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from tests.admin.conftest import HUGE, fresh
from tests.admin.test_jobs import new_job
from tests.conftest import both_databases
from webapp import jobs
from webapp.admin import job_verbs
from webapp.database import db, transaction, utcnow
from webapp.jobs.job import Job
from webapp.models.post import create_post

VERBS = ("retry", "run", "cancel", "discard")


def url(verb: str, query: str = "") -> str:
    return f"/admin/jobs/many/{verb}{query}"


def add_jobs(number: int, **values: object) -> list[int]:
    row = {"task_slug": "syncMediaToGalleries", "input": {"mediaId": 1}, "queue": "default", "meta": {}} | values
    with transaction() as session:
        session.execute(insert(Job), [row] * number)
    return sorted(db.session.scalars(select(Job.id)).all())[-number:]


def failed_jobs(number: int) -> list[int]:
    return add_jobs(number, status="failed", error="away", completed_at=utcnow())


def states() -> Counter[str]:
    db.session.rollback()
    return Counter(db.session.scalars(select(Job.status)))


def after(editor, answer) -> str:
    assert answer.status_code == 303, answer.text
    return " ".join(editor.get(answer.location).text.split())


@both_databases
@pytest.mark.parametrize(
    ("verb", "before", "words", "status"),
    [
        ("retry", {"status": "failed", "completed_at": utcnow()}, "2 jobs will be tried again.", "queued"),
        ("run", {"wait_until": utcnow().replace(year=2100)}, "2 jobs run as workers get free.", "queued"),
        ("cancel", {}, "2 jobs are cancelled.", "cancelled"),
    ],
)
def test_ticked_jobs_are_changed_and_the_others_are_not(editor, post, in_app, verb, before, words, status):
    one, other, third = add_jobs(3, **before)
    assert words in after(editor, post(editor, url(verb), job=[one, third]))
    assert [fresh(Job, job_id).status for job_id in (one, third)] == [status] * 2
    assert fresh(Job, one).wait_until is None
    assert [len(fresh(Job, job_id).log) for job_id in (one, other, third)] == [1, 0, 1]
    assert "editor" in fresh(Job, one).log[0].message


def test_the_answer_says_how_many_were_left_and_why(editor, post, in_app):
    failed = failed_jobs(2)
    done = add_jobs(3, status="succeeded", completed_at=utcnow())
    waits = add_jobs(1)
    html = after(editor, post(editor, url("retry"), job=[*failed, *done, *waits, 4711]))
    assert "2 jobs will be tried again." in html
    assert "5 were left as they are: 1 waits, 3 have succeeded, 1 is gone." in html
    assert states() == {"queued": 3, "succeeded": 3}


def test_a_post_is_not_published_before_its_moment_by_who_runs_all_that_waits(editor, post, in_app):
    scheduled = create_post("Fair", status="scheduled", publish_at=utcnow() + timedelta(days=3))
    html = after(editor, post(editor, url("run"), job=[*add_jobs(1), scheduled_job().id]))
    assert "1 job runs as soon as a worker is free." in html
    assert "1 was left as it is: 1 waits for its moment or changed in the meantime." in html
    assert scheduled_job().wait_until == scheduled.publish_at
    assert "Run now" not in editor.get(f"/admin/jobs/{scheduled_job().id}").text


def scheduled_job() -> Job:
    db.session.rollback()
    return db.session.scalars(select(Job).where(Job.task_slug == "publishPost")).one()


def test_when_nothing_fits_it_says_so(editor, post, in_app):
    done = new_job(status="succeeded", completed_at=utcnow())
    assert "1 was left as it is: 1 has succeeded." in after(editor, post(editor, url("cancel"), job=done.id))
    assert fresh(Job, done.id).status == "succeeded"


def test_with_nothing_ticked_it_asks_for_a_tick(editor, post, in_app):
    failed_jobs(1)
    assert "Tick one or more jobs first." in after(editor, post(editor, url("retry", "?status=failed")))
    assert states() == {"failed": 1}


@both_databases
def test_all_that_match_the_filter_are_changed(editor, post, in_app):
    failed_jobs(3)
    elsewhere = add_jobs(2, status="failed", completed_at=utcnow(), queue="images")
    html = after(editor, post(editor, url("retry", "?status=failed&queue=default"), all="yes"))
    assert "3 jobs will be tried again." in html
    assert states() == {"queued": 3, "failed": 2}
    assert fresh(Job, elsewhere[0]).status == "failed"


@pytest.mark.parametrize("verb", ["retry", "cancel"])
def test_more_than_a_page_is_asked_about_first_and_the_question_names_the_count(editor, post, in_app, verb):
    failed_jobs(60) if verb == "retry" else add_jobs(60)
    before = states()
    asked = post(editor, url(verb, "?queue=default"), all="yes")
    assert asked.status_code == 200
    assert "60 jobs?" in asked.text
    assert "these 60 jobs" in asked.text
    assert f'action="{url(verb, "?queue=default")}"' in asked.text
    assert 'name="all" value="yes"' in asked.text
    assert states() == before
    assert "60 jobs" in after(editor, post(editor, url(verb, "?queue=default"), all="yes", sure="yes"))
    assert states() == {"queued" if verb == "retry" else "cancelled": 60}


def test_discarding_asks_even_for_one_and_then_deletes_it(editor, post, in_app):
    kept, gone = failed_jobs(2)
    asked = post(editor, url("discard"), job=gone, next=f"/admin/jobs/{gone}")
    assert asked.status_code == 200
    assert "be undone" in asked.text
    assert "this job" in asked.text
    assert f'href="/admin/jobs/{gone}"' in asked.text
    assert fresh(Job, gone)
    html = after(editor, post(editor, url("discard"), job=gone, sure="yes", next=f"/admin/jobs/{gone}"))
    assert "1 job is discarded." in html
    assert fresh(Job, gone) is None
    assert fresh(Job, kept)


def test_what_has_not_ended_is_not_discarded(editor, post, in_app):
    waits = add_jobs(1)
    assert "1 was left as it is: 1 waits." in after(editor, post(editor, url("discard"), job=waits))
    assert states() == {"queued": 1}


def test_what_was_cancelled_by_mistake_is_queued_again(editor, post, in_app):
    ids = add_jobs(3)
    html = after(editor, post(editor, url("cancel"), job=ids[:2], next="/admin/jobs?status=queued"))
    assert "Undo: queue them again" in html
    assert html.count('type="hidden" name="job"') == 2
    assert "Undo" not in editor.get("/admin/jobs").text
    after(editor, post(editor, url("retry"), job=ids[:2]))
    assert states() == {"queued": 3}


def test_one_cancelled_job_can_be_queued_again_too(editor, post, in_app):
    (job_id,) = add_jobs(1)
    assert "Undo: queue it again" in after(editor, post(editor, f"/admin/jobs/{job_id}/cancel"))


def test_the_page_before_comes_again_and_no_foreign_one(editor, post, in_app):
    ids = failed_jobs(2)
    answer = post(editor, url("retry"), job=ids[0], next="/admin/jobs?status=failed&page=2")
    assert answer.location == "/admin/jobs?status=failed&page=2"
    assert post(editor, url("retry", "?status=failed"), job=ids[1], next="//evil.example").location == (
        "/admin/jobs?status=failed"
    )


@pytest.mark.parametrize("verb", VERBS)
def test_doing_it_twice_is_harmless(editor, post, in_app, verb):
    ids = add_jobs(2) if verb in ("run", "cancel") else failed_jobs(2)
    post(editor, url(verb), job=ids, sure="yes")
    once = states()
    assert post(editor, url(verb), job=ids, sure="yes").status_code == 303
    assert states() == once


@pytest.mark.parametrize("verb", VERBS)
def test_only_editors_and_only_by_a_form(editor, viewer, anonymous, post, in_app, verb):
    ids = add_jobs(1) if verb in ("run", "cancel") else failed_jobs(1)
    before = states()
    assert post(viewer, url(verb), job=ids, sure="yes").status_code == 403
    assert anonymous.post(url(verb), data={"job": ids}).status_code == 302
    assert editor.get(url(verb)).status_code == 405
    assert editor.post(url(verb), data={"job": ids}).status_code == 400
    assert states() == before
    assert 'id="chosen"' not in viewer.get("/admin/jobs").text
    assert 'name="job"' not in viewer.get("/admin/jobs").text


@pytest.mark.parametrize("verb", VERBS)
def test_the_rule_of_the_app_about_jobs_holds_here(app, editor, post, in_app, verb):
    jobs.allow(app, queue=lambda: False, cancel=lambda: False)
    ids = add_jobs(1) if verb in ("run", "cancel") else failed_jobs(1)
    before = states()
    assert post(editor, url(verb), job=ids, sure="yes").status_code == 403
    assert states() == before


@pytest.mark.parametrize("typed", ["", "x", str(HUGE), "1.5", "-1"])
def test_odd_numbers_change_nothing(editor, post, in_app, typed):
    failed_jobs(1)
    assert post(editor, url("retry"), job=typed).status_code in (303, 400)
    assert states() == {"failed": 1}


def test_an_unknown_verb_is_not_found(editor, post, in_app):
    assert post(editor, url("explode"), job=1).status_code == 404


def test_too_many_ticks_are_refused(editor, post, in_app):
    assert post(editor, url("retry"), job=list(range(1, 1002))).status_code == 400


def test_one_request_changes_no_more_than_it_should(editor, post, in_app, monkeypatch):
    monkeypatch.setattr(job_verbs, "AT_MOST", 7)
    monkeypatch.setattr(job_verbs, "PORTION", 3)
    failed_jobs(10)
    html = after(editor, post(editor, url("retry"), all="yes"))
    assert "7 jobs will be tried again. 3 more are to be done; go on with the same button." in html
    assert states() == {"queued": 7, "failed": 3}


def test_each_state_offers_what_can_be_done_in_it(editor, in_app):
    failed_jobs(1)
    add_jobs(1)
    for status, expected in (("failed", {"retry", "discard"}), ("queued", {"run", "cancel"})):
        html = editor.get(f"/admin/jobs?status={status}").text
        assert {verb for verb in VERBS if f"/admin/jobs/many/{verb}" in html} == expected
        assert f"/admin/jobs/many/{min(expected - {'discard'})}?status={status}" in html

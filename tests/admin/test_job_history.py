"""One job: its tries, the steps of each, and why it waits."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.admin.test_jobs import new_job
from webapp import jobs
from webapp.admin.job_history import history_of, nested
from webapp.database import transaction, utcnow
from webapp.jobs import lease
from webapp.jobs.job import Job, JobLog

SECRET = "OSError: broken stream at /var/lib/7"


@pytest.fixture
def job(in_app) -> Job:
    return new_job(status="failed", error=SECRET, total_tried=1, completed_at=utcnow())


def note(job: Job, *lines: dict) -> None:
    """Lines of its log, each after the one before."""
    with transaction() as session:
        for number, line in enumerate(lines):
            at = utcnow() + timedelta(seconds=number)
            defaults = {"attempt": 1, "event": "succeeded", "at": at, "started_at": at - timedelta(seconds=0.42)}
            session.add(JobLog(job_id=job.id, **(defaults | line)))
            session.flush()


def history(job: Job) -> list:
    with transaction() as session:
        return history_of(session.get_one(Job, job.id))


def text(client, job: Job) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(f"/admin/jobs/{job.id}").text).split())


def test_steps_belong_to_the_try_that_ends_after_them(in_app, job):
    note(
        job,
        {"event": "noted", "attempt": 0, "message": "From the import"},
        {"step": "facts"},
        {"step": "cover", "event": "failed", "message": SECRET},
        {"event": "failed", "message": SECRET},
        {"event": "retried"},
        {"step": "cover"},
        {"event": "succeeded"},
        {"event": "noted", "message": "A callback failed"},
    )
    found = [(entry.words, [step.line.step for step in entry.steps]) for entry in history(job)]
    assert found == [
        ("Note", []),
        ("Failed at try 1", ["facts", "cover"]),
        ("Queued again", []),
        ("Succeeded", ["cover"]),
        ("Note", []),
    ]


def test_steps_of_the_try_that_goes_on_stand_at_the_end(in_app, job):
    note(job, {"event": "released"}, {"step": "facts"})
    assert [(entry.words, len(entry.steps)) for entry in history(job)] == [("Given back", 0), ("So far", 1)]


def test_sub_steps_stand_below_the_step_that_asked_for_them():
    begun = utcnow()
    lines = [
        JobLog(id=1, event="succeeded", step="320", task_slug="resize", parent="makeAll:cover/inner", at=begun),
        JobLog(id=2, event="succeeded", step="inner", parent="makeAll:cover", at=begun),
        JobLog(id=3, event="failed", step="cover", task_slug="makeAll", at=begun),
        JobLog(id=4, event="succeeded", step="alone", parent="still:running", at=begun),
    ]
    roots = nested(lines)
    assert [step.line.step for step in roots] == ["cover", "alone"]
    assert [step.line.step for step in roots[0].steps] == ["inner"]
    assert [step.line.step for step in roots[0].steps[0].steps] == ["320"]


def test_steps_are_shown_with_how_long_they_took_and_what_they_gave(editor, job):
    note(
        job,
        {"step": "facts", "task_slug": "makeRenditions", "input": {"mediaId": 7}, "output": {"text": "<b>ü</b>"}},
        {"event": "failed"},
    )
    page = editor.get(f"/admin/jobs/{job.id}").text
    assert "after 420 ms" in page
    assert "Make the renditions of a picture" in page
    assert "&lt;b&gt;ü&lt;/b&gt;" in page
    assert "<b>ü" not in page


def test_viewers_see_what_happened_and_neither_data_nor_programs_words(editor, viewer, job):
    note(job, {"step": "facts", "event": "failed", "message": SECRET, "input": {"key": "4711"}}, {"event": "failed"})
    note(job, {"event": "noted", "message": f"on_fail raised {SECRET}"})
    assert SECRET in text(editor, job)
    assert "4711" in text(editor, job)
    seen = text(viewer, job)
    assert "facts" in seen
    assert SECRET not in seen
    assert "4711" not in seen
    assert "mediaId" not in seen


def test_facts_tell_key_schedule_and_who_asked(editor, in_app):
    job = new_job(concurrency_key="gallery:7", exclusive=True, schedule="a b", meta={"from": "import"})
    seen = text(editor, job)
    assert "gallery:7 , one at a time" in seen
    assert 'href="/admin/jobs?schedule=a+b"' in editor.get(f"/admin/jobs/{job.id}").text
    assert "import" in seen


def test_a_job_of_a_paused_queue_says_so(editor, post, in_app):
    job = new_job()
    jobs.pause("default", by="ann")
    assert "Its queue is paused by ann." in text(editor, job)
    answer = post(editor, f"/admin/jobs/{job.id}/retry")
    assert "It runs as soon as its queue is resumed." in editor.get(answer.location).text
    jobs.resume("default")
    assert "paused" not in text(editor, job)
    answer = post(editor, f"/admin/jobs/{job.id}/retry")
    assert "It runs as soon as a worker is free." in editor.get(answer.location).text


def test_a_job_whose_key_is_busy_names_the_one_that_runs(editor, in_app):
    running = new_job(concurrency_key="gallery:7", exclusive=True)
    assert lease.claim(running.id, "web:1")
    waiting = new_job(concurrency_key="gallery:7", exclusive=True)
    other = new_job(concurrency_key="gallery:8", exclusive=True)
    assert f'It waits for job <a href="/admin/jobs/{running.id}">' in editor.get(f"/admin/jobs/{waiting.id}").text
    assert "It waits for job" not in editor.get(f"/admin/jobs/{other.id}").text

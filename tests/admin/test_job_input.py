"""Giving a failed job another input."""

from __future__ import annotations

import pytest

from tests.admin.conftest import HUGE, fresh
from tests.admin.test_jobs import new_job
from tests.conftest import both_databases
from webapp import jobs
from webapp.database import transaction, utcnow
from webapp.jobs import lease
from webapp.jobs.job import Job, JobLog


@pytest.fixture
def failed(in_app) -> Job:
    return new_job(status="failed", error="away", total_tried=6, completed_at=utcnow())


def url(job: Job) -> str:
    return f"/admin/jobs/{job.id}/input"


def test_the_form_shows_the_input_and_what_the_task_takes(editor, failed):
    html = editor.get(url(failed)).text
    assert "&#34;mediaId&#34;: 1" in html
    assert "<code>mediaId</code> (integer)" in html
    assert "done again" in html
    assert f'href="{url(failed)}"' in editor.get(f"/admin/jobs/{failed.id}").text


@both_databases
def test_a_good_input_is_saved_and_tried(editor, post, failed):
    answer = post(editor, url(failed), input='{"mediaId": 42}')
    assert (answer.status_code, answer.location) == (303, f"/admin/jobs/{failed.id}")
    job = fresh(Job, failed.id)
    assert (job.input, job.status, job.total_tried) == ({"mediaId": 42}, "queued", 0)
    assert [line.message for line in job.log] == ["Input changed by editor.", "Tried again by editor."]
    assert "with the new input" in editor.get(answer.location).text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ('{"mediaId": ', "This isn’t JSON: Expecting value at line 1, column 13."),
        ("", "This isn’t JSON"),
        ("[1]", "The input is an object"),
        ('{"mediaId": NaN}', "NaN is no number"),
        ('{"mediaId": 1e999}', "be stored"),
        ('{"mediaId": ' + "9" * 5000 + "}", "be stored"),
        ("[" * 100_000, "be stored"),
        ('{"mediaId": "\\u0000"}', "NUL"),
        ('{"mediaId": "\\ud800"}', "be stored"),
        ('{"mediaId": 0}', "mediaId: Input should be greater than 0"),
        ('{"mediaId": 1, "colour": "<b>red</b>"}', "colour: There is no such field here."),
        ("{}", "mediaId: This is needed."),
    ],
)
def test_a_bad_input_is_refused_in_words_and_kept_in_the_form(editor, post, failed, typed, words):
    answer = post(editor, url(failed), input=typed)
    assert answer.status_code == 422
    html = answer.text.replace("&#39;", "’").replace("can&#x27;t", "can’t")
    assert words in html
    assert 'aria-invalid="true"' in html
    assert 'href="#input"' in html
    assert "<title>Error:" in html
    assert typed.replace('"', "&#34;").replace("<", "&lt;").replace(">", "&gt;") in html
    job = fresh(Job, failed.id)
    assert (job.status, job.input, job.log) == ("failed", {"mediaId": 1}, [])


def test_a_job_of_a_task_that_is_gone_keeps_its_input(editor, post, in_app):
    with transaction() as session:
        job = Job(task_slug="vanished", input={}, queue="default", status="failed", completed_at=utcnow())
        session.add(job)
    assert "has no such task" in editor.get(url(job)).text
    assert post(editor, url(job), input="{}").status_code == 422
    assert fresh(Job, job.id).status == "failed"


@pytest.mark.parametrize("state", ["queued", "running", "succeeded"])
def test_only_a_failed_or_cancelled_job_gets_another(editor, post, in_app, state):
    job = new_job(status="succeeded", completed_at=utcnow()) if state == "succeeded" else new_job()
    if state == "running":
        lease.claim(job.id, "web:1")
    assert editor.get(url(job)).location == f"/admin/jobs/{job.id}"
    answer = post(editor, url(job), input='{"mediaId": 42}')
    assert (answer.status_code, fresh(Job, job.id).input) == (303, {"mediaId": 1})
    assert f"is {state}" in editor.get(answer.location).text
    assert url(job) not in editor.get(f"/admin/jobs/{job.id}").text


def test_sending_it_twice_is_harmless(editor, post, failed):
    for _ in range(2):
        assert post(editor, url(failed), input='{"mediaId": 42}').status_code == 303
    assert fresh(Job, failed.id).status == "queued"
    assert len(fresh(Job, failed.id).log) == 2


def test_only_editors_see_and_send_it(app, editor, viewer, anonymous, post, failed):
    assert viewer.get(url(failed)).status_code == 403
    assert post(viewer, url(failed), input="{}").status_code == 403
    assert anonymous.get(url(failed)).status_code == 302
    assert editor.post(url(failed), data={"input": '{"mediaId": 2}'}).status_code == 400
    assert post(editor, url(failed), method="PUT", input="{}").status_code == 405
    jobs.allow(app, queue=lambda: False)
    assert post(editor, url(failed), input='{"mediaId": 2}').status_code == 403
    assert (fresh(Job, failed.id).input, fresh(Job, failed.id).log) == ({"mediaId": 1}, [])


@pytest.mark.parametrize("number", [999, HUGE])
def test_an_unknown_job_is_not_found(editor, post, in_app, number):
    path = f"/admin/jobs/{number}/input"
    assert (editor.get(path).status_code, post(editor, path, input="{}").status_code) == (404, 404)


def test_what_is_remembered_of_the_old_input_is_still_in_the_history(editor, post, failed):
    with transaction() as session:
        session.add(JobLog(job_id=failed.id, event="succeeded", attempt=1, step="facts", output={"width": 3000}))
    post(editor, url(failed), input='{"mediaId": 42}')
    html = editor.get(f"/admin/jobs/{failed.id}").text
    assert "Input changed" in html
    assert "facts" in html

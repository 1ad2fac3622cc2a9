"""Filters of the list of jobs, all of them in the address."""

from __future__ import annotations

import re

import pytest

from tests.admin.conftest import HUGE, NAUGHTY, count_queries
from tests.admin.test_jobs import listed, new_job
from tests.conftest import both_databases
from webapp.database import transaction, utcnow
from webapp.jobs.job import Job
from webapp.models.page import create_page


def workflow_job(**values: object) -> Job:
    with transaction() as session:
        job = Job(workflow_slug="publish", input={}, queue="default", **values)
        session.add(job)
    return job


@both_databases
def test_by_queue_task_workflow_and_schedule(editor, in_app):
    on_images = new_job()
    with transaction() as session:
        session.get_one(Job, on_images.id).queue = "images"
    scheduled = new_job(schedule="nightly default 0 3 * * * UTC")
    workflow = workflow_job()
    assert listed(editor, "?queue=images") == [on_images.id]
    assert listed(editor, "?task=publish") == [workflow.id]
    assert listed(editor, "?schedule=nightly+default+0+3+*+*+*+UTC") == [scheduled.id]
    assert listed(editor, "?queue=default&task=syncMediaToGalleries") == [scheduled.id]


@both_databases
def test_by_words_of_what_they_are_about_or_their_number(editor, media, in_app):
    page = create_page("Summer fair")
    about_page = new_job(subject=f"page:{page.id}")
    about_nothing = new_job()
    of_picture = listed(editor, f"?subject={media.subject}")
    assert len(of_picture) == 2
    assert listed(editor, "?about=HARBOUR") == of_picture
    assert listed(editor, "?about=mmer+fa") == [about_page.id]
    assert listed(editor, f"?about={media.subject}") == of_picture
    assert listed(editor, f"?about=%23{about_nothing.id}") == [about_nothing.id]
    for nothing in ("%25", "_", "zebra", "%23", "%23999", f"%23{HUGE}", "%23-1"):
        assert listed(editor, f"?about={nothing}") == []


def test_counts_and_tabs_keep_the_filters(editor, in_app):
    new_job(status="failed", completed_at=utcnow())
    new_job()
    html = " ".join(editor.get("/admin/jobs?queue=default&about=nothing").text.split())
    assert 'All <span class="count">0</span>' in html
    assert "There is no job like that" in html
    html = " ".join(editor.get("/admin/jobs?queue=default").text.split())
    assert 'Failed <span class="count">1</span>' in html
    assert "/admin/jobs?status=failed&amp;queue=default" in html
    assert "All 2 jobs that match" in html
    assert "The one job that matches" in " ".join(editor.get("/admin/jobs?queue=default&status=failed").text.split())


def test_the_form_shows_what_is_asked_for(editor, media):
    html = editor.get(f"/admin/jobs?queue=images&task=makeRenditions&about=harb&subject={media.subject}").text
    assert re.search(r'<option value="images" selected', html)
    assert re.search(r'<option value="makeRenditions" selected', html)
    assert 'value="harb"' in html
    assert "Only those about harbour.jpg." in html
    assert 'href="/admin/jobs">Clear' in html


@both_databases
@pytest.mark.parametrize("name", ["queue", "task", "subject", "schedule", "about"])
@pytest.mark.parametrize("typed", [NAUGHTY, f"media:{HUGE}", "media:²", "\0", "%", "\ud800", "#٣"])
def test_odd_words_show_a_list(editor, in_app, name, typed):
    answer = editor.get("/admin/jobs", query_string={name: typed.encode("utf-8", "surrogatepass")})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_filters_take_no_more_questions_with_many_jobs(editor, in_app):
    address = "/admin/jobs?queue=default&about=fair"
    page = create_page("Summer fair")
    new_job(subject=f"page:{page.id}")
    before = count_queries(editor, address)
    for _ in range(8):
        new_job(subject=f"page:{page.id}")
    assert count_queries(editor, address) == before

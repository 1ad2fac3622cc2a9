"""Scenarios 1 to 10: queueing, running and completing."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.jobs.scenarios.conftest import work_off
from tests.support import tasks
from tests.support.rows import change, events, fresh, rings
from webapp.database import db, transaction, utcnow
from webapp.jobs import BadFilter, Job, queue, run, run_by_id
from webapp.jobs.sweep import prune
from webapp.models.page import create_page
from workers.running import FailedForGood

pytestmark = both_databases


def number_of(job):
    return {"number": job.input["number"]}


def statuses() -> Counter[str]:
    db.session.rollback()
    return Counter(db.session.scalars(select(Job.status)))


def test_01_a_save_hook_queues_a_workflow_that_workers_do_later(product):
    product.start("web")
    saved = product.client().post("/api/pages", {"title": "A summer fair"})
    assert saved.status == 201, saved
    (job,) = product.sql("SELECT * FROM jobs WHERE workflow_slug = 'tellStory'")
    with product.rows():
        assert (job.status, tasks.effects()) == ("queued", [])
    product.start("default")
    product.wait_for_job(job.id, "succeeded", 30)
    with product.rows() as session:
        read, written = [line for line in session.get(Job, job.id).log if line.step]
        assert (read.output, written.input) == ({"title": "A summer fair"}, {"text": "A summer fair, told"})
        assert session.get(Job, job.id).output == written.output == {"text": "A summer fair, told"}
        assert tasks.effects() == [(job.id, "A summer fair, told")]


def test_01_a_hook_that_runs_in_the_commit_itself_rings_too(in_app):
    tasks.install()
    try:
        with transaction() as session:
            page = create_page("First")
            session.expunge(page)
            session.add(type(page)(title="Second", slug="second"))  # seen only by the flush of the commit
        assert rings() == {job.rq_id for job in db.session.scalars(select(Job))}
        assert len(rings()) == 2
        work_off()
        assert sorted(tasks.words()) == ["First, told", "Second, told"]
    finally:
        tasks.uninstall()


def test_02_a_single_task_without_a_workflow(task):
    task("count", number_of)
    job = queue("count", {"number": 3})
    assert run() == {job.id: "succeeded"}
    assert (fresh(job).output, fresh(job).total_tried, fresh(job).workflow_slug) == ({"number": 3}, 1, None)


def test_03_150_equal_tasks(task):
    task("count", number_of)
    with transaction():
        for number in range(150):
            queue("count", {"number": number})
    assert len(run(limit=150, sequential=False)) == 150
    assert sorted(output["number"] for output in db.session.scalars(select(Job.output))) == list(range(150))
    assert statuses() == {"succeeded": 150}


def test_04_a_mix_of_two_tasks(task):
    task("a", lambda job: tasks.add_effect(job.id, "a"))
    task("b", lambda job: tasks.add_effect(job.id, "b"))
    for slug in "aba" * 3:
        queue(slug)
    run()
    assert tasks.words() == list("aba" * 3)


@pytest.mark.parametrize("sequential", [True, False])
def test_05_a_run_takes_10_of_65(task, sequential):
    task("count", number_of)
    with transaction():
        ids = [queue("count", {"number": number}).id for number in range(65)]
    assert run(sequential=sequential).keys() == set(ids[:10])
    assert statuses() == {"succeeded": 10, "queued": 55}


def test_06_a_run_takes_as_many_as_it_is_told(task):
    task("count", number_of)
    with transaction():
        for number in range(110):
            queue("count", {"number": number})
    assert len(run(limit=42)) == 42
    assert statuses() == {"succeeded": 42, "queued": 68}


def test_07_run_by_id_runs_that_one_only(task):
    task("count", number_of)
    jobs = [queue("count", {"number": number}) for number in range(3)]
    assert run_by_id(jobs[1].id) == "succeeded"
    assert [fresh(job).status for job in jobs] == ["queued", "succeeded", "queued"]
    assert run_by_id(jobs[1].id) == "skipped"


def test_08_a_run_with_a_filter(task):
    task("count", number_of)
    jobs = [queue("count", {"number": n, "text": t, "flag": n == 3}) for n, t in enumerate(("a", "b", "b", "c"))]
    assert run(where={"id": jobs[0].id}).keys() == {jobs[0].id}
    assert run(where={"input.flag": True}).keys() == {jobs[3].id}
    assert run(where={"input.text": "b", "input.number": [2, 7]}).keys() == {jobs[2].id}
    assert run(where={"input.text": "a"}) == {}
    assert fresh(jobs[1]).status == "queued"
    with pytest.raises(BadFilter, match="no filter 'colour'"):
        run(where={"colour": "red"})
    with pytest.raises(BadFilter, match="no filter"):
        run(where={'input.te"xt': "b"})


def test_09_finished_jobs_are_kept_or_deleted_as_set_and_failed_ones_hold_no_lease(app, task):
    def break_down(job):
        raise FailedForGood("It broke.")

    task("count", number_of)
    task("break", break_down)
    done, failed = queue("count"), queue("break")
    run()
    row = fresh(failed)
    assert (row.status, row.error, row.token, row.lease_until) == ("failed", "It broke.", None, None)
    for job in (done, failed):
        change(job, completed_at=utcnow().replace(year=2020))
    app.config["SETTINGS"].keep_succeeded_days = app.config["SETTINGS"].keep_failed_days = 365 * 1000
    assert prune() == 0
    app.config["SETTINGS"].keep_succeeded_days = 0
    assert prune() == 1
    assert events(failed) == ["failed"] and statuses() == {"failed": 1}


def test_10_a_save_that_is_rolled_back_queues_nothing(task):
    task("count", number_of)
    with pytest.raises(RuntimeError), transaction():
        create_page("Never saved")
        queue("count", {"number": 1})
        raise RuntimeError
    assert (statuses(), rings(), run()) == ({}, set(), {})

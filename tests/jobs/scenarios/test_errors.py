"""Scenarios 24 to 26: tasks that are gone, input that does not fit, callbacks that break."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.conftest import both_databases
from tests.jobs.scenarios.conftest import Free, work_off
from tests.support import tasks
from tests.support.rows import change, fresh
from webapp.database import db
from webapp.jobs import BadInput, Job, Task, UnknownTask, queue, run
from workers.handlers import on_fail, on_success
from workers.interrupts import TimeIsUp

pytestmark = both_databases


def test_24_a_task_that_was_removed_fails_after_one_try_with_clear_words(in_app):
    with tasks.declared(Task("gone", "Gone", Free, retries=3), lambda job: None):
        job = queue("gone")
    work_off()
    row = fresh(job)
    assert (row.status, row.total_tried) == ("failed", 1)
    assert row.reason == "This version of the program has no task called 'gone'."
    with pytest.raises(UnknownTask, match="'gone'"):
        queue("gone")


def test_25_bad_input_is_refused_when_it_is_queued(task):
    task("count")
    for bad in ({"number": "many"}, {"colour": "red"}):
        with pytest.raises(BadInput):
            queue("count", bad)
    assert db.session.scalar(select(func.count()).select_from(Job)) == 0


def test_25_and_when_an_old_row_holds_it(task):
    ran = []
    task("count", ran.append, retries=3)
    job = queue("count", {"number": 1})
    change(job, input={"number": "many"})
    work_off()
    row = fresh(job)
    assert (row.status, row.total_tried, ran) == ("failed", 1, [])
    assert row.reason.startswith("count: number: Input should be a valid integer")


@pytest.mark.parametrize("error", [ValueError("Callback broke."), TimeIsUp("Too slow.")])
def test_26_a_callback_that_throws_after_success_undoes_nothing(task, error):
    def work(job):
        job.begin_effect()
        tasks.add_effect(job.id, "done")
        return {"kept": True}

    task("work", work)
    called = []

    @on_success("work")
    def celebrate(job, output):
        called.append((job.id, output))
        raise error

    job = queue("work")
    assert run() == {job.id: "succeeded"}
    assert (called, fresh(job).output, tasks.words()) == ([(job.id, {"kept": True})], {"kept": True}, ["done"])
    assert [line.event for line in fresh(job).log] == ["succeeded", "noted"]
    assert fresh(job).log[-1].message == f"celebrate raised {type(error).__name__}: {error}"


def test_26_nor_one_after_a_failure_which_is_told_once(task):
    def work(job):
        raise ValueError("It broke.")

    task("work", work, retries=1)
    called = []

    @on_fail("work")
    def mourn(job, error):
        called.append(error)
        raise RuntimeError("Callback broke.")

    job = queue("work")
    work_off()
    assert (called, fresh(job).status, fresh(job).error) == (
        ["ValueError: It broke."],
        "failed",
        "ValueError: It broke.",
    )
    assert [line.event for line in fresh(job).log] == ["failed", "failed", "noted"]

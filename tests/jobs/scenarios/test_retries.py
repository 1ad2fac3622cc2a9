"""Scenarios 11 to 20: how often, and when, work is tried again."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import func, select

from tests.conftest import both_databases
from tests.jobs.scenarios.conftest import AT_ONCE, work_off
from tests.support import tasks
from tests.support.rows import events, fresh
from webapp.database import db
from webapp.jobs import Backoff, JobLog, edit_input, queue, retry_by_id, run
from workers.stepping import StepFailed

pytestmark = both_databases


def break_down(job):
    raise ValueError("It broke.")


@pytest.fixture
def tries(task, workflow):
    """How often a step, whose task has these retries, runs in a workflow with those."""

    def tries(*, of_workflow: int | None, of_task: int | None) -> int:
        task("break", break_down, retries=of_task)
        workflow("story", lambda job: job.step("break", "only"), retries=of_workflow)
        job = queue("story")
        work_off()
        assert fresh(job).status == "failed"
        assert fresh(job).total_tried == failures_of("only")
        return failures_of("only")

    return tries


def failures_of(step: str) -> int:
    return db.session.scalar(select(func.count()).where(JobLog.step == step, JobLog.event == "failed"))


def test_11_a_task_with_3_retries_runs_4_times(task):
    task("break", break_down, retries=3)
    job = queue("break")
    work_off()
    assert (fresh(job).status, fresh(job).total_tried, fresh(job).error) == ("failed", 4, "ValueError: It broke.")
    assert events(job) == ["failed"] * 4


def test_12_a_workflow_caps_the_retries_of_its_tasks(tries):
    assert tries(of_workflow=2, of_task=3) == 3


def test_13_a_task_keeps_its_own_where_the_workflow_sets_none(tries):
    assert tries(of_workflow=None, of_task=3) == 4


def test_14_no_retries_of_the_workflow_make_any_failure_final(tries):
    assert tries(of_workflow=0, of_task=3) == 1


def test_15_neither_sets_any(tries):
    assert tries(of_workflow=None, of_task=None) == 1


def test_16_a_task_that_sets_none_inherits_those_of_its_workflow(tries):
    assert tries(of_workflow=2, of_task=None) == 3


def test_17_a_task_may_refuse_them(tries):
    assert tries(of_workflow=2, of_task=0) == 1


def test_16_an_inline_step_inherits_them_too(workflow):
    workflow("story", lambda job: job.inline("own", break_down), retries=2)
    job = queue("story")
    work_off()
    assert (fresh(job).total_tried, failures_of("own")) == (3, 3)


def test_16_a_sub_step_inherits_those_of_the_step_that_asked_for_it(task, workflow):
    task("outer", lambda step: step.inline("inner", break_down), retries=2)
    workflow("story", lambda job: job.step("outer", "first"))
    job = queue("story")
    work_off()
    assert (fresh(job).total_tried, failures_of("inner")) == (3, 3)


def test_12_of_steps_that_fail_side_by_side_each_needs_a_retry(task, workflow):
    task("patient", break_down, retries=5)
    task("final", break_down, retries=0)

    def both(job):
        job.parallel(lambda: job.step("patient", "a"), lambda: job.step("final", "b"))

    workflow("story", both)
    job = queue("story")
    work_off()
    assert (fresh(job).status, fresh(job).total_tried) == ("failed", 1)
    assert "patient:a" in fresh(job).error and "final:b" in fresh(job).error


def test_18_exponential_pauses(task):
    task("break", break_down, retries=4, backoff=Backoff(first=0.3))
    job = queue("break")
    until = time.monotonic() + 60
    while fresh(job).status == "queued" and time.monotonic() < until:
        run()
        time.sleep(0.02)
    lines = fresh(job).log
    gaps = [(later.started_at - line.at).total_seconds() for line, later in zip(lines, lines[1:], strict=False)]
    assert fresh(job).total_tried == 5 == len(lines)
    assert all(gap > least for gap, least in zip(gaps, (0.3, 0.6, 1.2, 2.4), strict=True)), gaps


@pytest.mark.parametrize(("retries", "tried"), [(None, 1), (1, 2)])
def test_19_an_error_outside_of_any_task(workflow, retries, tried):
    workflow("story", break_down, retries=retries)
    job = queue("story")
    work_off()
    assert (fresh(job).status, fresh(job).total_tried) == ("failed", tried)


def test_20_the_first_step_runs_once_while_the_second_fails_3_times(task, workflow):
    failures = []

    def fail_3_times(step):
        if len(failures) < 3:
            failures.append(step.attempt)
            raise ValueError("Not yet.")
        return {"seen": step.input["text"]}

    def first(step):
        step.begin_effect()
        tasks.add_effect(step.id, "first")
        return {"word": "hello"}

    task("first", first)
    task("second", fail_3_times, retries=3)
    workflow("story", lambda job: job.step("second", "2", {"text": job.step("first", "1")["word"]}))
    job = queue("story")
    work_off()
    assert (fresh(job).status, fresh(job).output, fresh(job).total_tried) == ("succeeded", {"seen": "hello"}, 4)
    assert (failures, tasks.words()) == ([1, 2, 3], ["first"])


@pytest.mark.parametrize(("should_restore", "runs"), [(True, 1), (False, 2), (lambda output: output != {"n": 1}, 2)])
def test_20_a_finished_step_can_be_asked_for_again(workflow, should_restore, runs):
    ran = []

    def count(step):
        ran.append(step.attempt)
        return {"n": len(ran)}

    def story(job):
        job.inline("count", count, should_restore=should_restore)
        if job.attempt == 1:
            raise ValueError("Once more.")

    workflow("story", story, retries=1)
    queue("story")
    work_off()
    assert len(ran) == runs


def test_20_a_retry_by_a_person_keeps_finished_steps_and_another_input_forgets_them(workflow):
    ran = []

    def story(job):
        job.inline("count", lambda step: ran.append(job.input["number"]))
        if len(ran) < 2:
            raise ValueError("It broke.")

    workflow("story", story)
    job = queue("story", {"number": 1})
    work_off()
    retry_by_id(job.id)
    work_off()
    assert (ran, fresh(job).status) == ([1], "failed")
    edit_input(job.id, {"number": 2})
    assert (run(), fresh(job).status) == ({}, "failed")
    retry_by_id(job.id)
    work_off()
    assert (ran, fresh(job).status) == ([1, 2], "succeeded")


def test_20_steps_of_any_name_are_told_apart(workflow):
    def ask(job, *path):
        if path:
            job.inline(path[0], lambda step: ask(step, *path[1:]))

    def story(job):
        ask(job, "x", "y", "z")
        ask(job, "x/y", "z")

    workflow("story", story)
    job = queue("story")
    work_off()
    assert fresh(job).status == "succeeded"
    assert len({(line.parent, line.step) for line in fresh(job).log if line.step}) == 5


def test_20_a_step_after_the_effect_was_begun_is_refused_and_nothing_is_lost(workflow):
    def story(job):
        job.begin_effect()
        tasks.add_effect(job.id, "half")
        job.inline("late", lambda step: None)

    workflow("story", story)
    job = queue("story")
    work_off()
    assert "Steps come before begin_effect()" in fresh(job).error
    assert tasks.words() == []


def test_19_a_workflow_may_go_on_after_a_step_that_failed(workflow):
    def story(job):
        try:
            job.inline("try", break_down)
        except StepFailed:
            return {"instead": True}

    workflow("story", story, backoff=AT_ONCE)
    job = queue("story")
    work_off()
    assert (fresh(job).status, fresh(job).output, events(job)) == (
        "succeeded",
        {"instead": True},
        ["failed", "succeeded"],
    )

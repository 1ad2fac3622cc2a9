"""Scenario 41: what the log says of steps and tries."""

from __future__ import annotations

from functools import partial

import pytest

from tests.conftest import both_databases
from tests.jobs.scenarios.conftest import Free, work_off
from tests.support import tasks
from tests.support.rows import fresh
from webapp.jobs import cancel_by_id, queue

pytestmark = both_databases
STEPS = 50


def square(step):
    step.begin_effect()
    tasks.add_effect(step.id, str(step.input["number"]))
    return {"square": step.input["number"] ** 2}


def test_41_of_50_parallel_steps_each_has_its_line_and_output(task, workflow):
    task("square", square)
    workflow(
        "squares",
        lambda job: job.parallel(*(partial(job.step, "square", str(n), {"number": n}) for n in range(STEPS))),
    )
    job = queue("squares")
    work_off()
    assert fresh(job).output == [{"square": number**2} for number in range(STEPS)]
    lines = {line.step: line for line in fresh(job).log if line.step}
    assert len([line for line in fresh(job).log if line.step]) == len(lines) == STEPS
    for number in range(STEPS):
        line = lines[str(number)]
        assert (line.event, line.task_slug, line.attempt) == ("succeeded", "square", 1)
        assert (line.input["number"], line.output) == (number, {"square": number**2})
        assert line.worker and line.started_at <= line.at
    assert sorted(tasks.words(), key=int) == [str(number) for number in range(STEPS)]


def test_41_an_error_in_one_parallel_step_loses_none_of_the_others(task, workflow):
    def square_or_break(step):
        if step.input["number"] == 3 and step.attempt == 1:
            raise ValueError("Not 3.")
        return square(step)

    task("square", square_or_break, retries=1)
    workflow(
        "squares", lambda job: job.parallel(*(partial(job.step, "square", str(n), {"number": n}) for n in range(10)))
    )
    job = queue("squares")
    work_off()
    assert fresh(job).status == "succeeded"
    lines = [(line.step, line.event, line.attempt) for line in fresh(job).log if line.step]
    expected = [(str(n), "succeeded", 2 if n == 3 else 1) for n in range(10)]
    assert sorted(lines) == sorted([*expected, ("3", "failed", 1)])
    assert sorted(tasks.words(), key=int) == [str(number) for number in range(10)]


def test_41_a_cancel_stops_parallel_steps_that_have_not_started(workflow):
    def step(number, step):
        if number == 0:
            cancel_by_id(step.id)
        tasks.add_effect(step.id, str(number))

    def story(job):
        job.inline("0", partial(step, 0))

    workflow("story", lambda job: (job.parallel(partial(story, job)), story(job)))
    job = queue("story")
    work_off()
    assert fresh(job).status == "cancelled"
    assert tasks.words() == ["0"]


def test_41_a_sub_step_names_its_parent(task, workflow):
    task("outer", lambda step: step.inline("inner", lambda inner: {"deep": True}))
    workflow("story", lambda job: job.step("outer", "first"))
    job = queue("story")
    work_off()
    lines = [(line.task_slug, line.step, line.parent, line.output) for line in fresh(job).log if line.step]
    assert lines == [(None, "inner", "outer:first", {"deep": True}), ("outer", "first", None, {"deep": True})]


def test_41_each_try_has_a_line_and_notes_of_the_caller_come_first(task):
    def work(job):
        if job.attempt < 3:
            raise ValueError(f"Try {job.attempt}.")

    task("work", work, retries=2)
    job = queue("work", notes=["Asked for by the mayor."])
    work_off()
    lines = [(line.event, line.attempt, line.message) for line in fresh(job).log]
    assert lines == [
        ("noted", 0, "Asked for by the mayor."),
        ("failed", 1, "ValueError: Try 1."),
        ("failed", 2, "ValueError: Try 2."),
        ("succeeded", 3, None),
    ]


@pytest.mark.parametrize(("output", "status"), [({"number": 1}, "succeeded"), ({"number": "x"}, "failed")])
def test_41_an_output_must_fit_what_its_task_declares(task, output, status):
    task("work", lambda job: output, output=Free)
    job = queue("work")
    work_off()
    assert fresh(job).status == status
    assert fresh(job).output == ({"number": 1, "text": "", "flag": False} if status == "succeeded" else None)

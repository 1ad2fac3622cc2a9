"""Scenarios 21 to 23: cancelling."""

from __future__ import annotations

import threading

import pytest

from tests.conftest import both_databases
from tests.jobs.scenarios.conftest import Meanwhile, work_off
from tests.support import tasks
from tests.support.rows import events, fresh
from webapp.jobs import BadFilter, WrongState, cancel, cancel_by_id, queue, run, run_by_id
from workers.running import FailedForGood

pytestmark = both_databases
LIMIT = 30


@pytest.mark.parametrize(
    "stop",
    [lambda job: cancel_by_id(job.id), lambda job: cancel({"input.number": 1, "status": "running"})],
    ids=["by id", "by a filter"],
)
def test_21_a_running_job_is_cancelled(app, task, stop):
    inside, go_on = threading.Event(), threading.Event()

    def wait(job):
        inside.set()
        go_on.wait(LIMIT)
        job.begin_effect()
        tasks.add_effect(job.id, "too late")

    task("wait", wait)
    job, other = queue("wait", {"number": 1}), queue("wait", {"number": 2})
    with Meanwhile(app, job) as running:
        assert inside.wait(LIMIT)
        stop(job)
        row = fresh(job)
        assert (row.status, row.token, row.lease_until) == ("cancelled", None, None)
        go_on.set()
    assert (running.outcome, fresh(job).status, tasks.words()) == ("lost", "cancelled", [])
    assert run_by_id(job.id) == "skipped"
    assert run().keys() == {other.id}


def test_21_no_later_step_starts_and_the_result_of_the_running_one_is_not_recorded(app, workflow):
    inside, go_on = threading.Event(), threading.Event()

    def wait(step):
        inside.set()
        go_on.wait(LIMIT)
        return "late"

    def story(job):
        job.inline("first", lambda step: "early")
        job.inline("second", wait)
        job.inline("third", lambda step: tasks.add_effect(step.id, "third"))

    workflow("story", story)
    job = queue("story")
    with Meanwhile(app, job):
        assert inside.wait(LIMIT)
        cancel_by_id(job.id)
        go_on.set()
    assert [(line.event, line.step) for line in fresh(job).log] == [("succeeded", "first"), ("cancelled", None)]
    assert tasks.words() == []


def test_21_a_filter_for_all_jobs_is_refused(task):
    task("wait")
    job = queue("wait")
    with pytest.raises(BadFilter):
        cancel({})
    assert fresh(job).status == "queued"


def end_it(job):
    job.cancel("Nothing to do.")


def cancel_it(job):
    cancel_by_id(job.id, "Nothing to do.")


def cancel_it_in_its_effect(job):
    job.begin_effect()
    tasks.add_effect(job.id, "undone")
    cancel_by_id(job.id, "Nothing to do.")


def cancel_it_in_a_step(job):
    job.inline("only", cancel_it_in_its_effect)


@pytest.mark.parametrize("function", [end_it, cancel_it, cancel_it_in_its_effect, cancel_it_in_a_step])
def test_22_a_task_cancels_its_own_job(task, function):
    task("cancel", function, retries=3)
    job = queue("cancel")
    work_off()
    row = fresh(job)
    assert (row.status, row.token, row.lease_until, row.crashes) == ("cancelled", None, None, 0)
    assert (events(job), tasks.words()) == (["cancelled"], [])


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
def test_23_cancelling_a_finished_job_changes_nothing(task, status):
    def end(job):
        if job.input["text"] == "failed":
            raise FailedForGood("It broke.")
        if job.input["text"] == "cancelled":
            job.cancel("Nothing to do.")
        return "kept"

    task("end", end)
    job = queue("end", {"text": status})
    run()
    before = dict(fresh(job).__dict__)
    with pytest.raises(WrongState, match=f"is {status}"):
        cancel_by_id(job.id)
    assert cancel({"id": job.id}) == []
    after = fresh(job)
    assert after.status == status
    assert all(getattr(after, name) == before[name] for name in ("output", "error", "reason", "completed_at"))
    assert events(job) == [status]

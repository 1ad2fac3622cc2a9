"""perform_job: claims, runs, and ends a job in every way there is."""

from __future__ import annotations

import threading

import pytest

from tests.conftest import both_databases
from tests.support.rows import SYNC, change, events, fresh, let_lease_end
from webapp.database import db, utcnow
from webapp.jobs import cancel_by_id, queue
from webapp.jobs.sweep import rescue_stale
from webapp.models.page import Page, create_page
from workers import perform
from workers.interrupts import ShuttingDown, TimeIsUp
from workers.perform import JobFailed, perform_job
from workers.running import FailedForGood, NothingToDo

pytestmark = both_databases


def raising(error: BaseException):
    def task(job):
        job.begin_effect()
        create_page("Half done")
        raise error

    return task


def pages() -> int:
    return db.session.query(Page).count()


def test_the_effect_and_the_finish_are_one(job, handle):
    def task(job):
        job.begin_effect()
        create_page("Done")
        return {"ok": True}

    handle(task)
    assert perform_job(job.id) == "succeeded"
    assert (fresh(job).output, pages()) == ({"ok": True}, 1)


def test_a_second_ring_does_nothing(job, handle):
    handle(lambda job: {})
    assert [perform_job(job.id) for _ in range(3)] == ["succeeded", "skipped", "skipped"]
    assert events(job) == ["succeeded"]


@pytest.mark.parametrize(
    ("error", "outcome", "status", "tried"),
    [
        (ValueError("It broke."), "retrying", "queued", 1),
        (TimeIsUp("It took longer than 600 seconds."), "retrying", "queued", 1),
        (FailedForGood("The file is gone."), "failed", "failed", 1),
        (NothingToDo("The picture was deleted."), "cancelled", "cancelled", 1),
        (ShuttingDown(), "released", "queued", 0),
    ],
)
def test_nothing_is_left_of_an_effect_that_was_not_finished(job, handle, error, outcome, status, tried):
    handle(raising(error))
    assert perform_job(job.id) == outcome
    assert (fresh(job).status, fresh(job).total_tried, pages()) == (status, tried, 0)


def test_words_for_an_editor_are_kept_apart_from_the_error(job, handle):
    handle(raising(FailedForGood("The file is gone.")))
    perform_job(job.id)
    assert (fresh(job).reason, fresh(job).error) == ("The file is gone.", "The file is gone.")
    other = queue(SYNC, {"mediaId": 2})
    handle(raising(ValueError("secret detail")))
    perform_job(other.id)
    assert (fresh(other).reason, fresh(other).error) == (None, "ValueError: secret detail")


def test_a_result_that_comes_after_a_cancel_is_refused_with_its_effect(job, handle):
    def task(running):
        cancel_by_id(running.id, "Stop.")
        running.begin_effect()
        create_page("Too late")

    handle(task)
    assert perform_job(job.id) == "lost"
    assert (fresh(job).status, pages()) == ("cancelled", 0)


def test_a_stale_run_that_wakes_after_the_rescue_writes_nothing(job, handle):
    def task(running):
        let_lease_end(job)
        rescue_stale(utcnow())
        running.begin_effect()
        create_page("Too late")

    handle(task)
    assert perform_job(job.id) == "lost"
    assert (fresh(job).status, fresh(job).crashes, pages()) == ("queued", 1, 0)


def test_a_task_of_another_version_of_the_program_fails_with_clear_words(job):
    change(job, task_slug="fromTheFuture")
    assert perform_job(job.id) == "failed"
    assert "no task called 'fromTheFuture'" in fresh(job).reason


def test_a_healthy_job_longer_than_its_lease_keeps_it(app, job, handle, monkeypatch):
    app.config["SETTINGS"].job_lease = 0.3
    beaten = threading.Event()
    renew = perform.lease.renew

    def counted(held, beats=[]):  # noqa: B006
        beats.append(renew(held))
        if len(beats) == 5:
            beaten.set()
        return beats[-1]

    monkeypatch.setattr(perform.lease, "renew", counted)
    handle(lambda running: beaten.wait(10) and rescue_stale(utcnow()))
    assert perform_job(job.id) == "succeeded"
    assert (fresh(job).output, fresh(job).crashes) == (0, 0)


def test_an_effect_that_fails_while_the_heart_beats_does_not_wait_for_itself(app, job, handle):
    """The beat waits for the row that the effect holds; the effect must not wait for the beat."""
    app.config["SETTINGS"].job_lease = 0.03
    waited = threading.Event()

    def task(running):
        running.begin_effect()
        waited.wait(0.5)
        raise ValueError("It broke.")

    handle(task)
    ended = threading.Timer(20, lambda: None)
    ended.start()
    assert perform_job(job.id) == "retrying"
    assert ended.is_alive(), "it waited for a time limit"
    ended.cancel()


def test_rq_hears_of_a_failure_without_any_text_of_a_person(app, job, handle, monkeypatch):
    monkeypatch.setattr(perform, "_app", app)
    handle(raising(FailedForGood("Words of a person")))
    with pytest.raises(JobFailed) as failed:
        perform.perform(job.id)
    assert str(failed.value) == f"Job {job.id} failed. Its row says why: /admin/jobs/{job.id}"


def test_the_sweep_is_what_the_word_sweep_asks_for(app, monkeypatch, in_app):
    monkeypatch.setattr(perform, "_app", app)
    assert perform.perform("sweep") == str({"held": 0, "rescued": 0, "scheduled": 0, "rung": 0, "pruned": 0})

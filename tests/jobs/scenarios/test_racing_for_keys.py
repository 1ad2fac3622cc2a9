"""Scenarios 32 and 33: newer jobs that replace older ones, and workers that race for one key."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.jobs.scenarios.conftest import work_off
from tests.support import tasks
from tests.support.rows import claimed, events, fresh, rings, silence
from webapp.database import db, transaction, utcnow
from webapp.jobs import Concurrency, Job, cancel_by_id, lease, queue, run
from workers.perform import perform_job

pytestmark = both_databases
RACES = 200


def by_number(job):
    return job.input["number"]


def test_32_a_newer_job_replaces_those_that_wait(task):
    task("newest", by_number, concurrency=Concurrency(lambda input: "key", supersedes=True))
    finished = queue("newest", {"number": 0})
    run()
    running = queue("newest", {"number": 1})
    held = claimed(running)
    jobs = [queue("newest", {"number": number}) for number in range(2, 7)]
    assert [fresh(job).status for job in jobs] == ["cancelled"] * 4 + ["queued"]
    assert fresh(jobs[0]).reason == f"Replaced by job {jobs[1].id}." and events(jobs[0]) == ["cancelled"]
    assert (fresh(finished).status, fresh(finished).output, events(finished)) == ("succeeded", 0, ["succeeded"])
    assert (fresh(running).status, fresh(running).token) == ("running", held.token)
    with transaction():
        lease.finish(held, 1)
    assert run() == {jobs[-1].id: "succeeded"}


@pytest.mark.parametrize("joins", [False, True], ids=["supersedes", "joins"])
def test_32_of_many_queued_at_once_one_survives(app, task, joins):
    task("one", concurrency=Concurrency(lambda input: "key", supersedes=not joins, joins=joins))
    together = threading.Barrier(6)

    def queue_one(number: int) -> int:
        with app.app_context():
            together.wait(30)
            return queue("one", {"number": number}).id

    for _ in range(5):
        with ThreadPoolExecutor(6) as threads:
            ids = set(threads.map(queue_one, range(6)))
        db.session.rollback()
        waiting = db.session.scalars(select(Job.id).where(Job.status == "queued")).all()
        assert len(waiting) == 1 and waiting[0] == max(ids)
        assert len(ids) == (1 if joins else 6)
        work_off()


def test_32_a_job_that_joins_another_makes_it_no_later(task):
    task("one", concurrency=Concurrency(lambda input: "key", joins=True))
    task("other", concurrency=Concurrency(lambda input: "key", joins=True))
    later = utcnow() + timedelta(hours=1)
    first = queue("one", wait_until=later)
    assert queue("other", wait_until=later).id != first.id
    assert queue("one", wait_until=later + timedelta(hours=1)).id == first.id
    assert (fresh(first).wait_until, rings()) == (later, set())
    assert queue("one", priority=3).id == first.id
    assert (fresh(first).wait_until, fresh(first).priority, rings()) == (None, 3, {first.rq_id})


def test_33_two_workers_that_race_for_two_jobs_of_one_key_never_overlap(app, task):
    def take_turn(job):
        tasks.add_effect(job.id, "began")
        job.begin_effect()
        tasks.add_effect(job.id, "ended")

    task("turn", take_turn, concurrency=Concurrency(lambda input: "key"))
    together = threading.Barrier(2)

    def work(job_id: int) -> str:
        with app.app_context():
            together.wait(60)
            return perform_job(job_id)

    with ThreadPoolExecutor(2) as workers:
        for number in range(RACES):
            with transaction():
                jobs = [queue("turn"), queue("turn", priority=number % 2)]
            silence()
            outcomes = list(workers.map(work, [job.id for job in jobs]))
            for job, outcome in zip(jobs, outcomes, strict=True):
                if outcome == "skipped":
                    assert fresh(job).rq_id in rings(), "its ring was heard, and nobody rings again"
                    assert perform_job(job.id) == "succeeded"
    told = tasks.effects()
    assert len(told) == RACES * 4
    for began, ended in zip(told[::2], told[1::2], strict=True):
        assert (began[1], ended[1], began[0]) == ("began", "ended", ended[0])


def test_33_claims_of_two_jobs_of_one_key_that_both_seem_free(app, exclusive):
    """The older one is due only from this moment on, so that neither sees the other; the database decides."""
    together = threading.Barrier(2)

    def claim(job_id: int) -> bool:
        with app.app_context():
            together.wait(30)
            return lease.claim(job_id, "a worker") is not None

    with ThreadPoolExecutor(2) as workers:
        for _ in range(30):
            older, newer = exclusive(wait_until=utcnow() + timedelta(milliseconds=3)), exclusive()
            assert sum(workers.map(claim, [older.id, newer.id])) <= 1
            running = db.session.scalars(select(Job.id).where(Job.status == "running")).all()
            assert len(running) <= 1
            for job in (older, newer):
                cancel_by_id(job.id)

"""Scenarios 37 to 40, on real workers: many for one job, killed, stalled, slow."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from tests.conftest import both_databases
from tests.support import tasks
from tests.support.pauses import CLAIMED
from webapp.jobs import Job, JobLog, queue
from workers.perform import perform_job

pytestmark = both_databases
WORKERS = 10


def log_of(product, job_id: int) -> list[str]:
    with product.rows() as session:
        return list(session.scalars(select(JobLog.event).where(JobLog.job_id == job_id).order_by(JobLog.id)))


def queue_note(product, **input) -> int:
    with product.rows():
        return queue("note", input).id


def effects(product) -> list[tuple[int, str]]:
    with product.rows():
        return tasks.effects()


def test_37_ten_workers_and_one_job_make_one_result(product):
    for number in range(WORKERS):
        product.start_another(f"worker {number}", "default") if number else product.start("default")
    product.wait_until(lambda: len(product.workers()) == WORKERS, 60)
    product.hold(CLAIMED)
    job_id = queue_note(product, text="once")
    with product.rows() as session:
        ring = session.get_one(Job, job_id).rq_id
    product.redis.lpush("rq:queue:default", *[ring] * WORKERS)
    product.wait_held(CLAIMED)
    product.wait_until(lambda: product.redis.llen("rq:queue:default") == 0, 60)
    product.let_go(CLAIMED)
    done = product.wait_for_job(job_id, "succeeded", 60)
    assert (done.total_tried, effects(product), log_of(product, job_id)) == (1, [(job_id, "once")], ["succeeded"])


def test_37_ten_threads_that_start_in_the_same_moment(app, task):
    def work(job):
        job.begin_effect()
        tasks.add_effect(job.id, "once")

    task("work", work)
    together = threading.Barrier(WORKERS)

    def perform(job_id: int) -> str:
        with app.app_context():
            together.wait(60)
            return perform_job(job_id)

    with ThreadPoolExecutor(WORKERS) as workers:
        for number in range(1, 11):
            job = queue("work")
            outcomes = sorted(workers.map(perform, [job.id] * WORKERS))
            assert outcomes == ["skipped"] * (WORKERS - 1) + ["succeeded"]
            assert len(tasks.effects()) == number


def test_38_the_job_of_a_worker_that_was_killed_is_finished_by_another(product):
    product.start("default", "clock")
    product.hold(CLAIMED)
    job_id = queue_note(product)
    product.wait_held(CLAIMED)
    product.kill("default")
    product.let_go(CLAIMED)
    product.start_another("other", "default")
    done = product.wait_for_job(job_id, "succeeded", 60)
    assert (done.total_tried, done.crashes, effects(product)) == (1, 1, [(job_id, "done")])
    assert log_of(product, job_id) == ["crashed", "succeeded"]


def test_39_the_result_of_a_stalled_worker_that_was_replaced_is_refused(product):
    product.start("default")
    product.hold(CLAIMED)
    job_id = queue_note(product)
    stalled = product.wait_held(CLAIMED)
    os.kill(stalled, signal.SIGSTOP)
    product.let_go(CLAIMED)
    product.start("clock")
    product.start_another("other", "default")
    product.wait_for_job(job_id, "succeeded", 60)
    os.kill(stalled, signal.SIGCONT)
    product.wait_until(lambda: not product.family("default")[1:], 30)
    assert effects(product) == [(job_id, "done")]
    assert log_of(product, job_id) == ["crashed", "succeeded"]
    assert (product.job(job_id).status, product.job(job_id).total_tried) == ("succeeded", 1)


def test_40_a_healthy_job_longer_than_its_lease_is_not_stolen(product):
    product.start("default", "clock")
    product.start_another("other", "default")
    with product.rows():
        job_id = queue("last", {"seconds": product.settings.job_lease * 2.5}).id
    done = product.wait_for_job(job_id, "succeeded", 60)
    assert (done.total_tried, done.crashes, effects(product)) == (1, 0, [(job_id, "lasted")])
    assert log_of(product, job_id) == ["succeeded"]

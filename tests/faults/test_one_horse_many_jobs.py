"""A horse goes on from job to job: whatever happens to it in the middle, nothing is lost and RQ tells the truth."""

from __future__ import annotations

import os
import signal

import pytest
from rq import Worker
from rq.command import send_stop_job_command

from tests.conftest import both_databases
from tests.support.noop import ISOLATED_NOOP, NOOP
from tests.support.pauses import CLAIMED, FORK_SECONDS, POPPED_BY_HORSE
from webapp.database import transaction
from webapp.jobs import queue
from webapp.jobs.doorbell import PlainSerializer, Ring

FAILED, INTERMEDIATE = "rq:failed:default", "rq:queue:default:intermediate"


@pytest.fixture
def queued(product):
    """Queue this many jobs that do nothing, and ring for them; their ids."""
    product.valkey.start()

    def queued(number: int, task=NOOP) -> list[int]:
        with product.rows(), transaction():
            return [queue(task.slug).id for _ in range(number)]

    return queued


@pytest.fixture
def second_of_three(product, queued):
    """Three jobs, and a horse that has done the first of them and stands still in the second."""
    jobs = queued(3)
    go_on_to_the_second(product)
    return jobs


def go_on_to_the_second(product) -> None:
    wait_between_two(product)
    product.hold(CLAIMED)
    product.let_go(POPPED_BY_HORSE)
    product.wait_held(CLAIMED)


def wait_between_two(product) -> None:
    product.hold(CLAIMED)
    product.start("default")
    product.wait_held(CLAIMED)
    product.hold(POPPED_BY_HORSE)
    product.let_go(CLAIMED)
    product.wait_held(POPPED_BY_HORSE)


def wait_for_all(product, jobs) -> None:
    for job in jobs:
        product.wait_for_job(job, "succeeded", 30)


def horses_of(product, jobs) -> set[str]:
    """The processes that did them."""
    did = product.sql("SELECT job_id, worker FROM job_log WHERE event = 'succeeded'")
    return {row.worker for row in did if row.job_id in jobs}


def rq_id(job) -> str:
    return f"{NOOP.slug}-{job}"


@both_databases
def test_one_horse_does_many_jobs(product, queued):
    jobs = queued(50)
    product.start("default")
    wait_for_all(product, jobs)
    assert len(horses_of(product, jobs)) == 1
    product.wait_until(lambda: product.redis.zcard("rq:finished:default") == 50)
    assert product.redis.llen(INTERMEDIATE) == product.redis.zcard("rq:wip:default") == 0


def test_where_jobs_need_isolation_each_gets_a_horse(product, queued):
    jobs = queued(5, ISOLATED_NOOP)
    product.start("images")
    wait_for_all(product, jobs)
    assert len(horses_of(product, jobs)) == 5


def test_a_horse_whose_time_is_up_leaves_the_rest_to_the_next(product, queued):
    product.env[FORK_SECONDS] = "0"
    jobs = queued(5)
    product.start("default")
    wait_for_all(product, jobs)
    assert len(horses_of(product, jobs)) == 5


def test_rq_shows_the_job_that_the_horse_is_at(product, second_of_three):
    (worker,) = Worker.all(product.redis, job_class=Ring, serializer=PlainSerializer)
    assert (worker.get_current_job_id(), worker.get_state()) == (rq_id(second_of_three[1]), "busy")


@both_databases
def test_a_horse_killed_in_mid_of_its_second_job(product, second_of_three):
    first, second, third = second_of_three
    product.kill_horse("default")
    product.let_go(CLAIMED)
    product.wait_until(lambda: product.redis.zrange(FAILED, 0, -1) == [rq_id(second).encode()])
    product.start("clock")
    wait_for_all(product, second_of_three)
    assert [product.log_of(job) for job in (first, second, third)] == [
        ["succeeded"],
        ["crashed", "succeeded"],
        ["succeeded"],
    ]
    assert product.redis.zcard(FAILED) == 0


def test_horse_and_worker_killed_in_mid_of_the_second_job(product, second_of_three):
    product.kill("default")
    product.let_go(CLAIMED)
    product.start("default", "clock")
    wait_for_all(product, second_of_three)
    assert product.log_of(second_of_three[1]) == ["crashed", "succeeded"]


def test_an_orphan_finishes_its_job_and_begins_no_other(product, second_of_three):
    first, second, third = second_of_three
    product.kill_parent("default")
    product.let_go(CLAIMED)
    product.wait_for_job(second, "succeeded")
    product.start("default")
    product.wait_for_job(third, "succeeded")
    assert len(horses_of(product, [first, second])) == 1
    assert len(horses_of(product, [second, third])) == 2


def test_killed_between_pop_and_start_of_the_second_job(product, queued):
    jobs = queued(3)
    wait_between_two(product)
    product.kill("default")
    product.let_go(POPPED_BY_HORSE)
    product.start("default", "clock")
    wait_for_all(product, jobs)
    assert [product.job(job).crashes for job in jobs] == [0, 0, 0]
    product.wait_until(lambda: product.redis.llen(INTERMEDIATE) == 0)
    assert product.redis.zcard(FAILED) == 0


@both_databases
def test_a_stop_lets_the_running_job_end_and_begins_no_other(product, second_of_three):
    first, second, third = second_of_three
    os.kill(product.processes["default"].pid, signal.SIGTERM)
    product.let_go(CLAIMED)
    product.terminate("default", times=3)
    assert product.log_of(first) == ["succeeded"]
    assert product.log_of(second) in (["succeeded"], ["released"])
    assert (product.job(third).status, product.log_of(third)) == ("queued", [])


def test_a_stop_that_comes_while_the_horse_pops_is_not_lost(product, queued):
    first, second, third = queued(3)
    wait_between_two(product)
    os.kill(product.processes["default"].pid, signal.SIGTERM)
    product.hold(CLAIMED)
    product.let_go(POPPED_BY_HORSE)
    product.terminate("default")
    assert [product.log_of(job) for job in (first, second, third)] == [["succeeded"], ["released"], []]


@both_databases
def test_stopped_again_and_again_in_the_middle_of_many(product, queued):
    jobs = queued(300)
    product.start("clock")
    for done in (20, 100, 180):
        product.start("default")
        product.wait_until(lambda: product.number("SELECT count(*) FROM job_log") > done)  # noqa: B023
        product.terminate("default")
    product.start("default")
    wait_for_all(product, jobs)
    assert product.number("SELECT count(*) FROM job_log WHERE event = 'succeeded'") == 300
    assert product.number("SELECT count(*) FROM job_log WHERE event NOT IN ('succeeded', 'released')") == 0
    assert product.redis.zcard(FAILED) == 0


def test_flushall_in_mid_of_the_second_job(product, second_of_three):
    product.redis.flushall()
    product.let_go(CLAIMED)
    product.start("clock")
    wait_for_all(product, second_of_three)
    assert [product.log_of(job) for job in second_of_three] == [["succeeded"]] * 3
    product.wait_until(lambda: [worker[b"queues"] for worker in product.workers()] == [b"default"])


def test_a_stop_in_rq_is_for_the_job_that_the_horse_is_at(product, second_of_three):
    first, second, _ = second_of_three
    send_stop_job_command(product.redis, rq_id(first), PlainSerializer)
    send_stop_job_command(product.redis, rq_id(second), PlainSerializer)
    product.wait_until(lambda: product.redis.hget(f"rq:job:{rq_id(second)}", "status") == b"stopped")
    product.let_go(CLAIMED)
    assert product.log_of(first) == ["succeeded"]

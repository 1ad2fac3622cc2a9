"""Scenarios 29 to 31: the order of a queue, and jobs that share a key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.jobs.scenarios.conftest import work_off
from tests.support import tasks
from tests.support.rows import change, claimed, fresh, let_lease_end, rings, silence
from webapp.database import db, transaction, utcnow
from webapp.extensions import redis_client
from webapp.jobs import Job, Queue, cancel_by_id, lease, pause, queue, resume, retry_by_id, run
from webapp.jobs.catalog import QUEUES
from webapp.jobs.doorbell import ring_queue
from webapp.jobs.ringing import ring_due_in
from webapp.jobs.sweep import rescue_stale

pytestmark = both_databases


def note(job):
    job.begin_effect()
    tasks.add_effect(job.id, job.input["text"])


def in_redis(name: str) -> list[int]:
    """The jobs whose rings lie there, in the order in which a worker takes them."""
    return [int(ring.rpartition(b"-")[2]) for ring in redis_client().lrange(f"rq:queue:{name}", 0, -1)]


@pytest.fixture
def a_queue(monkeypatch):
    return lambda name, order: monkeypatch.setitem(QUEUES, name, Queue(name, order=order))


def queue_words(words: str, name: str = "default", **options) -> list[int]:
    return [queue("note", {"text": word}, queue=name, **options).id for word in words]


def test_29_the_oldest_first(task):
    task("note", note)
    queue_words("abc")
    run()
    assert tasks.words() == list("abc")


def test_29_the_newest_first_on_request(task):
    task("note", note)
    queue_words("abc")
    run(order="lifo", limit=2)
    assert tasks.words() == list("cb")


def test_29_the_newest_first_for_one_queue_only(task, a_queue):
    task("note", note)
    a_queue("stack", "lifo")
    queue_words("abc", "stack")
    queue_words("xyz")
    run("stack")
    run()
    assert tasks.words() == list("cbaxyz")


@pytest.mark.parametrize(("order", "expected"), [("fifo", "abc"), ("lifo", "cba"), ("priority", "bac")])
def test_29_the_most_important_first(task, a_queue, order, expected):
    task("note", note)
    a_queue("line", order)
    ids = [*queue_words("a", "line"), *queue_words("b", "line", priority=5), *queue_words("c", "line")]
    assert in_redis("line") == [ids["abc".index(word)] for word in expected]
    run("line")
    assert tasks.words() == list(expected)


def test_29_a_worker_keeps_the_order_of_its_queue(product):
    with product.rows():
        product.valkey.start()
        newest_first = [queue("noteOnStack", {"text": word}).id for word in "abc"]
        oldest_first = [queue("note", {"text": word}).id for word in "xyz"]
    product.start_another("stack", "stack")
    product.start("default")
    for job_id in newest_first + oldest_first:
        product.wait_for_job(job_id, "succeeded", 30)
    with product.rows():
        words = tasks.words()
    assert [word for word in words if word in "abc"] == list("cba")
    assert [word for word in words if word in "xyz"] == list("xyz")


def test_30_jobs_of_one_key_run_one_at_a_time_and_in_order(product):
    """Without a clock: only the end of one rings for the next."""
    product.start("default")
    product.start_another("second", "default")
    product.start_another("third", "default")
    product.wait_until(lambda: len(product.workers()) == 3, 30)
    with product.rows():
        ids = [queue("takeTurn", {"key": "same"}).id for _ in range(8)]
    for job_id in ids:
        product.wait_for_job(job_id, "succeeded", 60)
    with product.rows():
        assert tasks.effects() == [(job_id, word) for job_id in ids for word in ("began", "ended")]


def test_31_jobs_of_different_keys_run_side_by_side(product):
    product.start("default")
    product.start_another("second", "default")
    product.wait_until(lambda: len(product.workers()) == 2, 30)
    with product.rows():
        ids = [queue("meet", {"key": key, "others": 2}).id for key in ("one", "other")]
    for job_id in ids:
        product.wait_for_job(job_id, "succeeded", 60)


def test_30_a_run_takes_jobs_of_one_key_in_order_too(exclusive, task):
    task("other")
    jobs = [exclusive(number) for number in range(3)]
    other = queue("other")
    assert list(run(limit=3)) == [job.id for job in jobs]
    assert fresh(other).status == "queued"
    more = [exclusive(number).id for number in range(5)]
    assert list(run(sequential=False)) == [other.id, *more]


def test_30_the_most_important_of_a_key_comes_first(exclusive):
    low, high = exclusive(), exclusive(priority=5)
    assert lease.claim(low.id, "a worker") is None
    assert lease.claim(high.id, "a worker") is not None


def finish(job, held):
    with transaction():
        lease.finish(held, None)


def crash(job, held, *, crashes=0):
    change(job, crashes=crashes)
    let_lease_end(job)
    rescue_stale(utcnow())


ENDS = {
    "finish": finish,
    "fail": lambda job, held: lease.fail(held, "It broke.", reason="For good."),
    "wait for a retry": lambda job, held: lease.fail(held, "It broke."),
    "cancel": lambda job, held: cancel_by_id(job.id),
    "give up": lambda job, held: lease.cancel(held, "Nothing to do."),
    "release": lambda job, held: lease.release(held, "Bye."),
    "crash": crash,
    "crash for the third time": partial(crash, crashes=2),
}


@pytest.mark.parametrize("end", ENDS)
def test_30_however_a_job_ends_the_next_of_its_key_is_rung(exclusive, end):
    first, second = exclusive(), exclusive()
    held = claimed(first)
    assert lease.claim(second.id, "a worker") is None
    silence()
    ENDS[end](first, held)
    goes_next = first if end in ("release", "crash") else second
    assert rings() == {goes_next.rq_id}
    assert lease.claim(goes_next.id, "a worker") is not None


def test_30_the_cancel_of_one_that_waits_lets_the_next_go(exclusive):
    first, second = exclusive(), exclusive()
    assert lease.claim(second.id, "a worker") is None
    silence()
    cancel_by_id(first.id)
    assert rings() == {second.rq_id}


def test_30_the_next_is_not_rung_for_again_while_its_ring_waits(exclusive):
    jobs = [exclusive() for _ in range(5)]
    for job in jobs[:4]:
        cancel_by_id(job.id)
    assert ring_queue("default", redis_client()).job_ids == [job.rq_id for job in jobs]


def test_30_a_retried_job_takes_its_old_place(exclusive):
    first, second = exclusive(), exclusive()
    cancel_by_id(first.id)
    retry_by_id(first.id)
    assert lease.claim(second.id, "a worker") is None
    work_off()
    assert fresh(first).completed_at <= fresh(second).started_at


def test_30_a_paused_queue_holds_up_no_job_of_the_others(exclusive, a_queue):
    a_queue("line", "fifo")
    stuck, other = exclusive(queue="line"), exclusive()
    pause("line")
    assert lease.claim(stuck.id, "a worker") is None
    silence()
    with transaction():
        lease.finish(claimed(other), None)
    assert rings("line") == set()
    assert resume("line")
    assert rings("line") == {stuck.rq_id}
    assert (pause("line"), pause("line"), resume("line"), resume("line")) == (True, False, True, False)


def test_30_a_sweep_rings_for_the_first_of_a_key_only(exclusive):
    first = exclusive()
    for _ in range(20):
        exclusive()
    silence()
    assert ring_due_in("default", patience=0) == 1
    assert rings() == {first.rq_id}


def test_30_a_job_queued_while_another_ends_is_not_forgotten(app, exclusive):
    """Its ring is answered while the other still holds the key, and the other did not see it yet."""
    held = claimed(exclusive())

    def queue_and_answer() -> int:
        with app.app_context():
            job = exclusive()
            assert lease.claim(job.id, "a worker") is None
            silence()
            return job.id

    with ThreadPoolExecutor(1) as thread:
        if db.engine.dialect.name == "sqlite":  # which has one writer: it is queued before the other ends
            thread.submit(queue_and_answer).result()
        with transaction():
            lease.finish(held, None)
            if db.engine.dialect.name == "postgresql":
                thread.submit(queue_and_answer).result()
    (waiting,) = db.session.scalars(select(Job).where(Job.status == "queued"))
    assert rings() == {waiting.rq_id}

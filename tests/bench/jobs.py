"""What a job costs that does nothing: queueing, starting and finishing it, against bare RQ on the same Valkey."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rq import Queue

from tests.bench.bare_rq import enqueue_at_once, rq_worker, wait_for
from tests.bench.nothing import do_nothing
from tests.bench.table import PER_SECOND, Row
from tests.bench.timing import timed
from tests.support.noop import NOOP
from tests.support.product import Product
from webapp.database import on_commit, transaction
from webapp.jobs import Job, queue

NewDatabase = Callable[[], str]
AT_ONCE = 100  # jobs that are queued together
ROUNDS = 7
STARTS = 20
PAUSE = 0.25  # seconds


@contextmanager
def running(database_url: str, *names: str) -> Iterator[Product]:
    """A product with the intervals of production."""
    product = Product(database_url, breakable=False, sweep_interval=60, job_lease=60, worker_niceness=10)
    try:
        yield product.start(*names)
    finally:
        product.stop()


def no_op_jobs_per_second(new_database: NewDatabase) -> list[Row]:
    """One worker process each, idle and warm; then from the end of the first job to the end of the last."""
    with running(new_database(), "default") as product, rq_worker(product) as bare:
        rounds = [(ours_per_second(product), bare_per_second(product, bare)) for _ in range(ROUNDS + 1)]
    ours, theirs = medians(rounds)
    return [Row("durable no-op jobs", ours, theirs, "stock rq worker", min_ratio=3, unit=PER_SECOND)]


def ours_per_second(product: Product) -> float:
    with product.rows(), transaction():
        ids = [queue(NOOP.slug).id for _ in range(2 * AT_ONCE)]
    product.wait_for_job(ids[-1], "succeeded", 60)
    ended = product.sql("SELECT completed_at FROM jobs WHERE id >= :first ORDER BY completed_at", first=ids[0])
    return per_second([datetime.fromisoformat(str(row.completed_at)).timestamp() for row in ended])


def bare_per_second(product: Product, bare: Queue) -> float:
    jobs = [wait_for(product, job) for job in reversed(enqueue_at_once(bare, AT_ONCE))]
    return per_second([job.ended_at.timestamp() for job in jobs if job.ended_at])


def per_second(ended: Sequence[float]) -> float:
    return (len(ended) - 1) / (max(ended) - min(ended))


def queueing(new_database: NewDatabase) -> list[Row]:
    """The promise is for queue() as it is meant: in the transaction of the change that asks for the job.

    On its own it is a commit that survives a power cut, which a bare enqueue() never makes; that row is for comparison.
    """
    with running(new_database()) as product, product.rows():
        bare = Queue("bare", connection=product.redis)
        ways = (queue_one_by_one, queue_in_one_transaction, lambda: enqueue_one_by_one(bare))
        rounds = [[AT_ONCE / timed(way) for way in ways] for _ in range(ROUNDS + 1)]
    alone, together, theirs = medians(rounds)
    what = "enqueue()"
    return [
        Row("queue(), 100 in a transaction", together, theirs, what, min_ratio=0.5, unit=PER_SECOND),
        Row("queue(), a commit for each", alone, theirs, what, unit=PER_SECOND),
    ]


def queue_one_by_one() -> None:
    for _ in range(AT_ONCE):
        queue(NOOP.slug)


def queue_in_one_transaction() -> None:
    with transaction():
        queue_one_by_one()


def enqueue_one_by_one(bare: Queue) -> None:
    for _ in range(AT_ONCE):
        bare.enqueue(do_nothing)


def start_of_a_job(new_database: NewDatabase) -> list[Row]:
    """One job at a time; the clock starts when its row is committed, and before anything is sent to Redis."""
    with running(new_database(), "default") as product, rq_worker(product) as bare:
        rounds = [(idle(our_start, product), idle(bare_start, product, bare)) for _ in range(STARTS + 1)]
    ours, theirs = medians(rounds)
    return [Row("commit → start of the job, idle", ours, theirs, "bare RQ, enqueue → start", max_ratio=1.5)]


def idle(start: Callable[..., float], *args: Any) -> float:
    """A worker that has just ended a job is not idle: both still tidy up."""
    time.sleep(PAUSE)
    return start(*args)


def our_start(product: Product) -> float:
    committed: list[float] = []
    with product.rows(), transaction():
        on_commit(lambda: committed.append(time.time()))  # the first to be called, so before the ring
        job_id = queue(NOOP.slug).id
    product.wait_for_job(job_id, "succeeded")
    return began(product, job_id) - committed[0]


def began(product: Product, job_id: int) -> float:
    with product.rows() as session:
        return float(session.get_one(Job, job_id).output)


def bare_start(product: Product, bare: Queue) -> float:
    before = time.time()
    job = wait_for(product, bare.enqueue(do_nothing))
    return float(job.return_value()) - before


def medians(rounds: Sequence[Sequence[float]]) -> list[float]:
    """Of each column; the first round warms up."""
    return [statistics.median(column) for column in zip(*rounds[1:], strict=True)]


CASES = (no_op_jobs_per_second, queueing, start_of_a_job)

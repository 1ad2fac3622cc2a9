"""Bare RQ on the product's Valkey, used as its documentation says: what our jobs are measured against."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rq import Queue
from rq.job import Job

from tests.bench.nothing import do_nothing
from tests.support.launch import ROOT
from tests.support.product import Product

BARE = "bare"  # a queue that no worker of ours looks at
RQ = Path(sys.executable).with_name("rq")


@contextmanager
def rq_worker(product: Product) -> Iterator[Queue]:
    """The stock `rq worker` from the command line; its queue, once the worker is warm and idle."""
    command = [RQ, "worker", BARE, "--url", product.settings.redis_url]
    with (product.folder / "rq-worker.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        queue = Queue(BARE, connection=product.redis)
        wait_for(product, queue.enqueue(do_nothing))
        yield queue
    finally:
        process.kill()
        process.wait()


def enqueue_at_once(queue: Queue, number: int) -> list[Job]:
    """So that the worker never waits for one."""
    return queue.enqueue_many(Queue.prepare_data(do_nothing) for _ in range(number))


def wait_for(product: Product, job: Job) -> Job:
    """Until it is done; the job with its times."""
    product.wait_until(lambda: job.get_status() == "finished", 60)
    job.refresh()
    return job

"""How much memory the processes take, and how soon `make run` answers."""

from __future__ import annotations

import statistics
import time

from tests.bench.cases import NewDatabase, running, send
from tests.bench.table import MEGABYTES, Row
from tests.support.pictures import noisy_jpeg, tiny_jpeg
from tests.support.product import Product
from tests.support.site import Site

MEGABYTE = 1024 * 1024
LIMIT = 110


def memory(new_database: NewDatabase) -> list[Row]:
    """After some work, so that everything is loaded; of a worker also the horse that waits for the next job."""
    with running(new_database(), 10, max_upload_bytes=60 * MEGABYTE, max_pixels=100_000_000) as product:
        client = product.client()
        for number in range(20):
            send(client, tiny_jpeg(number))
        product.wait_until(lambda: product.number("SELECT count(*) FROM jobs WHERE status <> 'succeeded'") == 0, 60)
        web, worker = (megabytes(product, name) for name in ("web", "default"))
        for _ in range(3):
            send(client, noisy_jpeg(50_000_000))
        risen = megabytes(product, "web") - web
    return [
        Row("memory of an idle web process", web, LIMIT, "the bar", at_most=LIMIT, unit=MEGABYTES),
        Row("memory of an idle worker", worker, LIMIT, "the bar", at_most=LIMIT, unit=MEGABYTES),
        Row("rise by uploads of 50 MB", risen, 10, "the bar", at_most=10, unit=MEGABYTES),
    ]


def megabytes(product: Product, name: str) -> float:
    """Proportional: what a horse shares with its parent counts once."""
    return sum(process.memory_full_info().pss for process in product.family(name)) / MEGABYTE


def start_of_make_run(_: NewDatabase) -> list[Row]:
    """Set up before; until the first page answers."""
    site = Site(DEMO="1", AVIF_RENDITIONS="1", WORKER_NICENESS="10")
    try:
        site.start().wait_until_up()
        site.stop()
        taken = [seconds_to_first_page(site) for _ in range(3)]
    finally:
        site.remove()
    return [Row("start of make run", statistics.median(taken), 3, "the bar", at_most=3)]


def seconds_to_first_page(site: Site) -> float:
    started = time.perf_counter()
    site.start()
    while site.status("/") != 200:
        time.sleep(0.01)
    taken = time.perf_counter() - started
    site.stop()
    return taken


CASES = (memory, start_of_make_run)

"""The benchmarks. Each warms up, repeats, and takes medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text

from tests.bench import floor
from tests.bench.table import Row
from tests.bench.timing import timed
from tests.support.galleries import count_items, make_galleries
from tests.support.http import Client
from tests.support.pictures import noisy_jpeg, tiny_jpeg
from tests.support.product import Product
from webapp.jobs.catalog import QUEUES

HALF_A_MEGABYTE = 500_000
NewDatabase = Callable[[], str]


@contextmanager
def running(database_url: str, galleries: int, *names: str, **settings: Any) -> Iterator[Product]:
    """A product with the intervals of production and this many auto-sync galleries."""
    as_in_production = {"sweep_interval": 60, "job_lease": 60, "web_threads": 8}
    as_in_production |= {"worker_niceness": 10, "avif_renditions": True, "embedder": "local"}
    product = Product(database_url, breakable=False, **as_in_production | settings)
    try:
        make_galleries(product, galleries)
        yield product.start(*names)
    finally:
        product.stop()


def settle(product: Product, seconds: float = 120) -> None:
    """Until nothing is left to do for the workers that run."""
    unsettled = "SELECT count(*) FROM jobs WHERE status IN ('queued', 'running') AND queue = :queue"
    for queue in product.processes.keys() & set(QUEUES):
        product.wait_until(lambda: product.number(unsettled, queue=queue) == 0, seconds)  # noqa: B023


def send(client: Client, picture: bytes) -> int:
    """Upload; the id of the picture."""
    answer = client.upload(picture)
    assert answer.status == 201, answer
    return int(answer.body["id"])


def upload_with_few_and_many_galleries(new_database: NewDatabase) -> list[Row]:
    """One client, one picture after another, with the workers at their work meanwhile."""
    with running(new_database(), 10) as few, running(new_database(), 2000) as many:
        seconds: dict[Product, list[float]] = {few: [], many: []}
        for round_number in range(6):
            for product in (few, many):
                client, pictures = product.client(), [noisy_jpeg(HALF_A_MEGABYTE) for _ in range(6)]
                taken = [timed(lambda: send(client, picture)) for picture in pictures]  # noqa: B023
                settle(product)
                seconds[product] += taken if round_number else []
        ours, against = (statistics.median(seconds[product]) for product in (many, few))
    return [Row("upload answered, 500 KB, 2,000 galleries", ours, against, "10 galleries", max_ratio=1.2)]


def picture_in_a_thousand_galleries(new_database: NewDatabase) -> list[Row]:
    """On an idle machine: only what the sync needs is running, and one picture is on its way at a time."""
    with running(new_database(), 1000, "web", "default") as product:
        client = product.client()
        taken = [_until_everywhere(product, client, number) for number in range(12)][2:]
        start = floor.seconds_to_start_of_bare_rq(product, 10)
        product.terminate("default")
        media_ids = [send(client, tiny_jpeg(100 + number)) for number in range(10)]
        insert = floor.seconds_to_insert(product, media_ids)
        assert count_items(product) == 22 * 1000
    floors = f"bare RQ start {start * 1000:.1f} ms + 1.5 × bare INSERT {insert * 1000:.1f} ms + 30 ms"
    ours, least = statistics.median(taken), start + 1.5 * insert + 0.03
    return [Row("answer → in all 1,000 galleries", ours, least, floors, max_ratio=1, at_most=0.5)]


def _until_everywhere(product: Product, client: Client, number: int) -> float:
    media_id = send(client, tiny_jpeg(number))
    answered = time.perf_counter()
    with product.rows() as session:
        hanging = text("SELECT count(*) FROM items WHERE media_id = :id").bindparams(id=media_id)
        while session.scalar(hanging) < 1000:
            session.rollback()  # or it would look at the same snapshot for ever
            time.sleep(0.002)
    taken = time.perf_counter() - answered
    settle(product)
    return taken


def many_clients_at_once(new_database: NewDatabase) -> list[Row]:
    """200 uploads by 8 clients until every job is done, with 100 auto-sync galleries and with none."""
    with_galleries, answers = _two_hundred_uploads(new_database(), 100)
    without, answers_without = _two_hundred_uploads(new_database(), 0)
    return [
        Row("200 uploads, 8 clients → 20,000 items", with_galleries, without, "no auto-sync gallery", max_ratio=1.3),
        Row("upload answered, 8 clients", answers, answers_without, "no auto-sync gallery"),
    ]


def _two_hundred_uploads(database_url: str, galleries: int) -> tuple[float, float]:
    """Seconds until all is done, and the median answer."""
    with running(database_url, galleries) as product:
        client = product.client()
        send(client, tiny_jpeg(1000))
        settle(product)
        pictures = [tiny_jpeg(number) for number in range(200)]
        started = time.perf_counter()
        with ThreadPoolExecutor(8) as clients:
            answers = list(clients.map(lambda picture: timed(lambda: send(client, picture)), pictures))
        settle(product)
        taken = time.perf_counter() - started
        assert count_items(product) == 201 * galleries
        return taken, statistics.median(answers)


CASES = (
    upload_with_few_and_many_galleries,
    picture_in_a_thousand_galleries,
    many_clients_at_once,
)

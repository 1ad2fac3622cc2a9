"""Everything is restarted at any random moment, again and again, under load: nothing is lost, nothing is double.

`make restarts TIMES=100 SEED=1` does it more often, or again.
"""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from itertools import count
from threading import Event

from tests.conftest import both_databases
from tests.faults.rows import row
from tests.support.galleries import assert_all_hang_everywhere, make_galleries
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product

RESTARTS = int(os.environ.get("RESTARTS", "4"))
SEED = int(os.environ.get("RESTARTS_SEED") or random.randrange(10**6))
COMMANDS = {"web": "web", "clock": "clock", "first": "default", "second": "default", "images": "images"}
CLIENTS, GALLERIES = 3, 10
MAX_CRASHES = 3


@row(34)
@both_databases
def test_nothing_is_lost_or_doubled_by_restarts_of_everything(product):
    print(f"RESTARTS={RESTARTS} RESTARTS_SEED={SEED}")
    dice = random.Random(SEED)
    make_galleries(product, GALLERIES)
    product.valkey.start()
    start_all(product)
    over, numbers = Event(), count(1)
    with ThreadPoolExecutor(CLIENTS) as clients:
        sent = [clients.submit(upload_until, product, over, numbers) for _ in range(CLIENTS)]
        try:
            for _ in range(RESTARTS):
                restart_all(product, dice)
        finally:
            over.set()
    stored = [media for client in sent for media in client.result()]
    work_off(product)
    try_the_unlucky_again(product)
    print(f"{len(stored)} uploads, {crashes(product)} crashes of jobs")
    assert_that_nothing_is_lost_or_double(product, stored)


def start_all(product: Product) -> None:
    for name, command in COMMANDS.items():
        product.start_another(name, command)


def restart_all(product: Product, dice: random.Random) -> None:
    """Some of it is told to stop, the rest is killed; Valkey may keep what it holds or die with it."""
    let_it_work(product, dice)
    told = [name for name in COMMANDS if dice.random() < 0.5]
    killed = [name for name in COMMANDS if name not in told]
    harm = [
        lambda: product.terminate(*told, times=dice.randint(1, 3)),
        lambda: product.kill(*killed),
        dice.choice([product.valkey.stop, product.valkey.terminate, product.redis.flushall]),
    ]
    for stop in dice.sample(harm, len(harm)):
        stop()
    if product.valkey._process is None:
        product.valkey.start()
    start_all(product)


def let_it_work(product: Product, dice: random.Random) -> None:
    """Most times until some more pictures came in, and a moment longer; now and then it is stopped as it starts."""
    if dice.random() < 0.8:
        wanted = pictures(product) + dice.randint(1, 12)
        product.wait_until(lambda: pictures(product) >= wanted, 60)
    until = time.monotonic() + dice.uniform(0, 0.4)
    product.wait_until(lambda: time.monotonic() > until)


def pictures(product: Product) -> int:
    return product.number("SELECT count(*) FROM media")


def upload_until(product: Product, over: Event, numbers: count[int]) -> list[int]:
    """Upload on and on, also while nobody answers; the ids of the media that were answered as stored."""
    client, stored = product.client(), []
    while not over.is_set():
        with suppress(OSError, HTTPException):
            answer = client.upload(tiny_jpeg(next(numbers)))
            if answer.status == 201:
                stored.append(answer.body["id"])
        over.wait(0.02)
    return stored


def work_off(product: Product) -> None:
    """However many jobs are left: their number must go down and down."""

    def live() -> int:
        return product.number("SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')")

    while left := live():
        product.wait_until(lambda: live() < left, 30)


def try_the_unlucky_again(product: Product) -> None:
    """Killed three times, a job is taken for poison. As a person would; no other may have failed."""
    for job in product.sql("SELECT id, crashes FROM jobs WHERE status = 'failed'"):
        assert job.crashes == MAX_CRASHES
        assert product.client().post(f"/api/jobs/{job.id}/retry").status == 200
    work_off(product)


def crashes(product: Product) -> int:
    return product.number("SELECT count(*) FROM job_log WHERE event = 'crashed'")


def assert_that_nothing_is_lost_or_double(product: Product, stored: list[int]) -> None:
    media = {row.id for row in product.sql("SELECT id FROM media")}
    assert len(set(stored)) == len(stored)
    assert set(stored) <= media
    assert_all_hang_everywhere(product, len(media), GALLERIES)
    ended = product.sql("SELECT queue, status, count(*) FROM jobs GROUP BY queue, status")
    assert {tuple(row) for row in ended} == {(name, "succeeded", len(media)) for name in ("default", "images")}
    finished = "SELECT job_id FROM job_log WHERE event = 'succeeded' GROUP BY job_id HAVING count(*) > 1"
    assert product.sql(finished) == []
    assert product.number("SELECT count(*) FROM media WHERE NOT is_ready") == 0

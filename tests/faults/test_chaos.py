"""Everything is killed and stopped at random under load: nothing is lost and nothing is done twice.

`make chaos SECONDS=600 SEED=1` does it for longer, or again.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from itertools import count, cycle
from threading import Event

from tests.conftest import both_databases
from tests.support import ledger
from tests.support.galleries import count_items, make_galleries
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product

SECONDS = float(os.environ.get("CHAOS_SECONDS", "12"))
SEED = int(os.environ.get("CHAOS_SEED") or random.randrange(10**6))
WORKERS = ("first", "second")
GALLERIES = 20


@both_databases
def test_nothing_is_lost_or_doubled_whatever_dies(product, record_property):
    dice = random.Random(SEED)
    make_galleries(product, GALLERIES)
    product.start("web", "clock")
    restart(product, *WORKERS)
    over, sent = Event(), count(1)
    with ThreadPoolExecutor(2) as clients:
        stored = clients.submit(upload_until, product, over, sent)
        lines = clients.submit(queue_until, product, over)
        try:
            harm = do_harm(product, dice)
        finally:
            over.set()
    pictures = product.number("SELECT count(*) FROM media")
    assert stored.result() <= pictures  # what was answered as stored is stored
    work_off(product)
    missing, double = count_effects(product, pictures, lines.result())
    jobs = product.number("SELECT count(*) FROM jobs WHERE queue = 'default'")
    told = f"seed {SEED}, {harm.total()} faults {dict(harm)}, {jobs} jobs, effects missing {missing}, double {double}"
    print(told)
    record_property("chaos", told)
    ended = product.sql("SELECT DISTINCT status FROM jobs WHERE queue = 'default'")
    assert ([row.status for row in ended], missing, double) == (["succeeded"], 0, 0), told


def count_effects(product: Product, pictures: int, lines: int) -> tuple[int, int]:
    """Items in galleries and lines of the ledger: how many are missing, and how many were made once too often."""
    with product.rows() as session:
        outputs = session.scalars(ledger.sync_outputs())
        items, made = count_items(product), sum(output["galleriesUpdated"] for output in outputs)
        written, again = ledger.count_lines()
    return pictures * GALLERIES - items + lines - written, made - items + again


def do_harm(product: Product, dice: random.Random) -> Counter[str]:
    done: Counter[str] = Counter()
    ends = time.monotonic() + SECONDS
    while (now := time.monotonic()) < ends:
        harm = dice.choice(HARMS)
        print(f"{now:.2f} {harm.__name__}")
        harm(product, dice)
        done[harm.__name__] += 1
        pause = time.monotonic() + dice.uniform(0.1, 0.6)
        product.wait_until(lambda: time.monotonic() > pause)  # noqa: B023
    return done


def upload_until(product: Product, over: Event, numbers: count[int]) -> int:
    """Upload on and on, also while the web process is away; how many were answered as stored."""
    client, stored = product.client(), 0
    while not over.is_set():
        with suppress(OSError, HTTPException):  # the web process is away
            stored += client.upload(tiny_jpeg(next(numbers))).status == 201
        over.wait(0.1)
    return stored


def queue_until(product: Product, over: Event) -> int:
    """Queue tasks and workflows on and on; how many lines they must write."""
    slugs, lines = cycle(ledger.LINES), 0
    while not over.is_set():
        with product.app.app_context():
            lines += ledger.queue_some(next(slugs))
        over.wait(0.1)
    return lines


def work_off(product: Product) -> None:
    """However many jobs are left: their number must go down and down."""

    def live() -> int:
        return product.number("SELECT count(*) FROM jobs WHERE queue = 'default' AND status IN ('queued', 'running')")

    while left := live():
        product.wait_until(lambda: live() < left, 20)


def restart(product: Product, *names: str) -> None:
    for name in names:
        product.start_another(name, "default")


def kill_a_worker(product: Product, dice: random.Random) -> None:
    name = dice.choice(WORKERS)
    product.kill(name)
    restart(product, name)


def kill_a_horse(product: Product, dice: random.Random) -> None:
    product.kill_horse(dice.choice(WORKERS))


def kill_a_parent(product: Product, dice: random.Random) -> None:
    name = dice.choice(WORKERS)
    product.kill_parent(name)
    restart(product, name)


def deploy(product: Product, dice: random.Random) -> None:
    product.terminate(*WORKERS, "clock", times=dice.randint(1, 3))
    restart(product, *WORKERS)
    product.start_another("clock", "clock")


def kill_the_clock(product: Product, dice: random.Random) -> None:
    product.kill("clock")
    product.start_another("clock", "clock")


def kill_the_web(product: Product, dice: random.Random) -> None:
    product.kill("web")
    product.start("web")


def empty_redis(product: Product, dice: random.Random) -> None:
    product.redis.flushall()


def restart_redis(product: Product, dice: random.Random) -> None:
    dice.choice([product.valkey.stop, product.valkey.terminate])()
    product.valkey.start()


HARMS: tuple[Callable[[Product, random.Random], None], ...] = (
    kill_a_worker,
    kill_a_horse,
    kill_a_parent,
    deploy,
    kill_the_clock,
    kill_the_web,
    empty_redis,
    restart_redis,
)

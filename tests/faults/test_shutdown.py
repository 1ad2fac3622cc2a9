"""A deploy in the middle of the day: every process is told to stop, and is gone in good time with nothing lost."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from itertools import count
from threading import Event

import pytest

from tests.conftest import both_databases
from tests.support.galleries import make_galleries
from tests.support.gradients import big_jpeg
from tests.support.http import Client
from tests.support.product import Product
from tests.support.tasks import make_effects_table

PLATFORM_WAITS = 25  # seconds; Heroku kills after 30
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
EVERY = ("web", "default", "images", "clock")


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    """With the grace of production."""
    product = Product(database_url, with_test_tasks=True, breakable=False, shutdown_grace=10, job_lease=30)
    with product.rows():
        make_effects_table()
    yield product
    product.stop()


def upload_until(product: Product, over: Event, numbers: Iterator[int]) -> list[int]:
    """The ids of what was answered as stored."""
    client, stored = product.client(), []
    while not over.is_set():
        stored += upload(client, big_jpeg(next(numbers)), over)
    return stored


def upload(client: Client, picture: bytes, over: Event) -> list[int]:
    """Its id. Whoever gets no answer, or is told to, asks again a moment later with the same picture."""
    while not over.is_set():
        with suppress(OSError, HTTPException):
            answer = client.upload(picture)
            if answer.status in (200, 201):
                return [answer.body["id"]]
            assert answer.status == 503, answer
        over.wait(0.1)  # at once, they would keep the processors from those that are to end
    return []


@both_databases
def test_under_load_everything_is_gone_in_time_and_nothing_that_was_answered_is_lost(product, record_property):
    make_galleries(product, 20)
    product.start(*EVERY)
    slow = product.client().post("/api/jobs", {"taskSlug": "last", "input": {"seconds": 60}}).body["id"]
    product.wait_for_job(slow, "running")
    over, numbers = Event(), count(1)
    with ThreadPoolExecutor(4) as clients:
        sent = [clients.submit(upload_until, product, over, numbers) for _ in range(4)]
        product.wait_until(lambda: product.number("SELECT count(*) FROM jobs WHERE status = 'succeeded'") > 8, 60)
        processes = [product.processes[name] for name in EVERY]
        started = time.monotonic()
        product.terminate(*EVERY, times=3)  # as a platform does, to every process and more than once
        taken = time.monotonic() - started
        over.set()
    record_property("Shutdown under load", f"{taken:.1f} s")
    assert taken < PLATFORM_WAITS
    assert [process.exitcode for process in processes] == [0] * len(EVERY)
    assert_nothing_is_held(product, slow)
    stored = [media_id for client in sent for media_id in client.result()]
    assert stored
    there = {row.id for row in product.sql("SELECT id FROM media")}
    assert set(stored) <= there


def assert_nothing_is_held(product: Product, slow: int) -> None:
    """What was not done was given back, and costs no retry."""
    job = product.job(slow)
    assert (job.status, product.log_of(slow)) == ("queued", ["released"])
    assert product.number("SELECT count(*) FROM jobs WHERE status = 'running'") == 0
    assert product.number("SELECT count(*) FROM job_log WHERE event IN ('failed', 'crashed')") == 0


def test_a_request_under_way_is_answered_before_the_web_process_ends(product):
    product.start("web")
    client = product.client()
    job = client.post("/api/jobs", {"taskSlug": "last", "input": {"seconds": 2}}).body["id"]
    with ThreadPoolExecutor(1) as pool:
        asked: Future = pool.submit(product.client().post, f"/api/jobs/{job}/run")
        product.wait_for_job(job, "running")
        product.terminate("web", times=3)
        answer = asked.result()
    assert answer.status == 200, answer
    assert product.job(job).status == "succeeded"


def test_who_was_connected_and_not_yet_heard_is_answered_before_the_web_process_ends(product):
    """The system makes connections by itself while a process is busy, and would reset them when it closes its door."""
    product.start("web")
    (web,) = product.family("web")
    web.suspend()
    with connected(product) as asks_at_once, connected(product) as asks_a_moment_later:
        asks_at_once.sendall(REQUEST)
        web.terminate()
        web.resume()
        time.sleep(0.2)
        asks_a_moment_later.sendall(REQUEST)
        for one in (asks_at_once, asks_a_moment_later):
            assert one.recv(12) == b"HTTP/1.1 200"
    product.processes["web"].join(30)
    assert product.processes["web"].exitcode == 0


def connected(product: Product) -> socket.socket:
    return socket.create_connection(("127.0.0.1", product.port), timeout=30)

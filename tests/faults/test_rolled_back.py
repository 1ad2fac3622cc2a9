"""An upload whose transaction never commits: nothing is rung, nothing runs, and its file is collected later."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.conftest import both_databases
from tests.faults.rows import row
from tests.support.databases import END_CONNECTIONS_IN_A_TRANSACTION, on_postgresql
from tests.support.http import Answer
from tests.support.pauses import COMMITTED, QUEUED, STORED
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product
from webapp.models.orphans import collect_orphans

DAY = 24 * 3600  # seconds


@contextmanager
def upload_held_at(product: Product, point: str) -> Iterator[Future[Answer]]:
    """An upload whose web process stands still there inside of the block."""
    product.hold(point)
    with ThreadPoolExecutor(1) as client:
        sent = client.submit(product.client().upload, tiny_jpeg(1))
        try:
            product.wait_held(point)
            yield sent
        finally:
            product.let_go(point)


def kill_the_web_in_mid_upload(product: Product, point: str) -> None:
    with upload_held_at(product, point) as sent:
        product.kill("web")
        with pytest.raises((OSError, HTTPException)):
            sent.result()


def rings(product: Product) -> set[bytes]:
    """The messages of jobs that RQ knows."""
    return set(product.redis.keys("rq:job:*")) - {b"rq:job:sweep"}


def counts(product: Product) -> list[int]:
    return [product.number(f"SELECT count(*) FROM {table}") for table in ("media", "jobs", "job_log")]


def assert_that_the_next_upload_is_the_only_one(product: Product) -> None:
    job = product.client().upload(tiny_jpeg(2)).body["job"]["id"]
    product.wait_for_job(job, "succeeded")
    product.wait_until(lambda: counts(product) == [1, 2, 2], 30)


@row(9)
@both_databases
def test_web_killed_between_queue_and_commit_rings_and_runs_nothing(product):
    product.start()
    kill_the_web_in_mid_upload(product, QUEUED)
    assert (counts(product), rings(product)) == ([0, 0, 0], set())
    product.start("web")
    assert_that_the_next_upload_is_the_only_one(product)


@row(9)
@on_postgresql
def test_a_connection_lost_between_queue_and_commit_rings_and_runs_nothing(product):
    product.start()
    with upload_held_at(product, QUEUED) as sent:
        product.sql(END_CONNECTIONS_IN_A_TRANSACTION)
        product.let_go(QUEUED)
        answer = sent.result()
    assert (answer.status, "try again" in answer.body["error"]) == (503, True)
    assert (counts(product), rings(product)) == ([0, 0, 0], set())
    assert_that_the_next_upload_is_the_only_one(product)


@row(8)
@both_databases
def test_web_killed_between_commit_and_ring_is_rung_by_the_next_sweep(product):
    product.start("web", "default", "images")
    with upload_held_at(product, COMMITTED) as sent:
        assert sent.result().status == 201  # nobody waits for the ring
        product.kill("web")
    assert (counts(product), rings(product)) == ([1, 2, 0], set())
    product.start("clock")
    product.wait_until(lambda: counts(product) == [1, 2, 2], 30)


@row(25)
@both_databases
def test_a_file_stored_before_a_kill_is_collected_later_and_a_live_one_never(product):
    product.start("web", "images")
    kill_the_web_in_mid_upload(product, STORED)
    (orphan,) = files(product)
    product.start("web")
    upload = product.client().upload(tiny_jpeg(2)).body
    product.wait_until(lambda: product.client().get(f"/api/media/{upload['id']}").body["status"] == "ready", 30)
    live = files(product) - {orphan}
    assert live

    assert collected(product) == 0  # a young one may still get its row
    for file in files(product):
        os.utime(file, (time.time() - 2 * DAY,) * 2)
    assert collected(product) == 1
    assert files(product) == live
    assert collected(product) == 0


@row(25)
@on_postgresql
def test_a_file_stored_before_a_lost_connection_is_collected_later(product):
    product.start("web")
    with upload_held_at(product, QUEUED) as sent:
        product.sql(END_CONNECTIONS_IN_A_TRANSACTION)
        product.let_go(QUEUED)
        assert sent.result().status == 503
    (orphan,) = files(product)
    os.utime(orphan, (time.time() - 2 * DAY,) * 2)
    assert collected(product) == 1
    assert files(product) == set()


def files(product: Product) -> set[Path]:
    """All in storage, whole or not."""
    return {path for path in (product.folder / "files").rglob("*") if path.is_file()}


def collected(product: Product) -> int:
    with product.rows():
        return collect_orphans().files

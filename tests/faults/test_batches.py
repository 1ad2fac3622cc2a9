"""Batches under load and on processes that die: nothing missing, nothing double, and few jobs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.conftest import both_databases
from tests.support.batches import add_at_once, add_picture, new_batch
from tests.support.galleries import assert_all_hang_everywhere, count_items, make_galleries
from tests.support.pauses import CLAIMED, STEP
from tests.support.product import Product

pytestmark = both_databases

COUNT_SYNCS = "SELECT count(*) FROM jobs WHERE workflow_slug = 'syncBatch'"


def open_batch(product: Product, planned: int) -> int:
    with product.rows():
        return new_batch(planned)


def add(product: Product, batch_id: int, first: int, count: int) -> None:
    """From 8 clients at once."""

    def one(number: int) -> None:
        with product.rows():
            add_picture(batch_id, number)

    with ThreadPoolExecutor(8) as clients:
        list(clients.map(one, range(first, first + count)))


def fill(product: Product, batch_id: int, first: int, count: int) -> None:
    """All but the last hundred at once: a thousand uploads take long, and join one job like a hundred."""
    with product.rows():
        add_at_once(batch_id, range(first, first + count - 100))
    add(product, batch_id, first + count - 100, 100)


def number_of_syncs(product: Product, status: str) -> int:
    return product.number(f"{COUNT_SYNCS} AND status = :status", status=status)


def test_1000_pictures_of_a_batch_are_synced_by_two_jobs(product):
    make_galleries(product, 10)
    batch = open_batch(product, 1000)
    product.start("default", "clock")
    product.hold(CLAIMED)
    add(product, batch, 0, 1)
    product.wait_held(CLAIMED)
    fill(product, batch, 1, 999)
    assert (number_of_syncs(product, "running"), number_of_syncs(product, "queued")) == (1, 1)
    product.let_go(CLAIMED)
    product.wait_until(lambda: count_items(product) == 10_000, 60)
    product.wait_until(lambda: number_of_syncs(product, "succeeded") == 2, 30)
    assert_all_hang_everywhere(product, 1000, 10)
    assert product.number(COUNT_SYNCS) == 2


def test_no_picture_is_lost_while_the_worker_keeps_up(product):
    make_galleries(product, 10)
    product.start("default", "clock")
    batch = open_batch(product, 200)
    add(product, batch, 0, 200)
    product.wait_until(lambda: count_items(product) == 2000, 60)
    product.wait_until(lambda: number_of_syncs(product, "queued") + number_of_syncs(product, "running") == 0, 30)
    assert_all_hang_everywhere(product, 200, 10)
    assert number_of_syncs(product, "succeeded") == product.number(COUNT_SYNCS) < 200


def test_killed_in_mid_batch_it_goes_on_where_it_was(product):
    make_galleries(product, 10)
    batch = open_batch(product, 500)
    fill(product, batch, 0, 500)
    product.hold(STEP)
    product.start("default", "clock")
    product.wait_held(STEP)
    product.kill("default")
    product.let_go(STEP)
    assert (count_items(product), number_of_syncs(product, "running")) == (2000, 1)
    product.start("default")
    product.wait_until(lambda: number_of_syncs(product, "succeeded") == 1, 30)
    assert_all_hang_everywhere(product, 500, 10)
    (job,) = product.sql("SELECT id, crashes, total_tried FROM jobs WHERE workflow_slug = 'syncBatch'")
    assert (job.crashes, job.total_tried) == (1, 1)
    assert product.log_of(job.id) == ["succeeded", "crashed", "succeeded", "succeeded", "succeeded"]


def test_two_batches_side_by_side_on_two_workers(product):
    make_galleries(product, 10)
    one, other = open_batch(product, 150), open_batch(product, 150)
    product.start("default", "clock")
    product.start_another("second", "default")
    with ThreadPoolExecutor(2) as editors:
        list(editors.map(lambda batch: add(product, batch, 0, 150), (one, other)))
    product.wait_until(lambda: count_items(product) == 3000, 60)
    product.wait_until(lambda: number_of_syncs(product, "queued") + number_of_syncs(product, "running") == 0, 30)
    assert_all_hang_everywhere(product, 300, 10)
    assert number_of_syncs(product, "succeeded") == product.number(COUNT_SYNCS)

"""The clock of the machine jumps an hour: nothing that runs is taken from its worker, and nothing is stuck.

All processes of the product see the jump, and Valkey and this test do not: see tests/support/breaking.py for how.
That is as good as the real thing, because each of them asks for the time only in the ways that are shifted there;
and a Redis that is hosted elsewhere does not jump either. SQLite alone: no database tells the time here.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.rows import row
from tests.support.galleries import assert_all_hang_everywhere, make_galleries
from tests.support.pauses import CLAIMED, TICKING
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product

HOUR = 3600  # seconds


@pytest.fixture
def patient(database_url: str) -> Iterator[Product]:
    """Its leases are long, so that a sweep always comes between a jump and the next renewal."""
    product = Product(database_url, job_lease=90)
    yield product
    product.stop()


def jump(product: Product, seconds: int) -> None:
    new = product.folder / "clock-shift.new"
    new.write_text(str(seconds))
    new.rename(product.folder / "clock-shift")


def wait_for_a_sweep(product: Product) -> None:
    """To its end."""
    before = last_sweep(product)
    product.wait_until(lambda: last_sweep(product) != before, 30)


def last_sweep(product: Product) -> object:
    return product.sql("SELECT completed_at FROM sweep_state")[0][0]


@row(19)
@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_a_job_that_runs_is_not_taken_from_its_worker(patient, seconds):
    make_galleries(patient, 10)
    patient.start("web", "default")
    patient.hold(CLAIMED)
    job = patient.client().upload(tiny_jpeg(1)).body["job"]["id"]
    patient.wait_held(CLAIMED)
    patient.start("clock")
    patient.start_another("second", "default")  # for the sweeps
    wait_for_a_sweep(patient)
    jump(patient, seconds)
    for _ in range(5):
        wait_for_a_sweep(patient)
        assert patient.log_of(job) == []
    patient.let_go(CLAIMED)
    patient.wait_for_job(job, "succeeded", 30)
    assert patient.log_of(job) == ["succeeded"]
    assert_all_hang_everywhere(patient, 1, 10)


@row(19)
@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_what_waits_and_what_a_dead_worker_held_is_done_soon(product, upload, seconds):
    make_galleries(product, 10)
    product.start("web", "default", "clock")
    wait_for_a_sweep(product)
    product.hold(CLAIMED)
    held = upload(1)
    product.wait_held(CLAIMED)
    product.kill("default")
    product.let_go(CLAIMED)
    waiting = [upload(number) for number in range(2, 5)]
    product.redis.flushall()
    jump(product, seconds)
    product.start("default")
    for job in (held, *waiting):
        product.wait_for_job(job, "succeeded", 30)
    assert product.log_of(held) == ["crashed", "succeeded"]
    assert [product.log_of(job) for job in waiting] == [["succeeded"]] * 3
    last = product.client().upload(tiny_jpeg(5)).body["job"]["id"]  # the jump ended the idle connection
    product.wait_for_job(last, "succeeded", 30)
    assert_all_hang_everywhere(product, 5, 10)


@row(19)
@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_the_clock_process_goes_on_when_it_is_in_the_middle_of_a_tick(product, seconds):
    product.start("default", "clock")
    product.hold(TICKING)
    product.wait_held(TICKING)
    jump(product, seconds)
    product.let_go(TICKING)
    for _ in range(3):  # two may have been asked for before
        wait_for_a_sweep(product)

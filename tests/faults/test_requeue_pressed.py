"""Somebody presses "requeue" in RQ Dashboard, which knows nothing of the rows: it only rings, and the row decides."""

from __future__ import annotations

import pytest

from tests.faults.rows import row
from tests.support.galleries import assert_all_hang_everywhere, make_galleries
from tests.support.http import Client
from tests.support.pauses import CLAIMED
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product


@pytest.fixture
def admin(product: Product) -> Client:
    return Client(product.port, product.new_token("admin@example.org", "admin"))


@pytest.fixture
def failed_job(product: Product) -> int:
    """One that failed for good, because its file is gone."""
    product.start("web", "clock")
    assert product.client().upload(tiny_jpeg(1)).status == 201
    (original,) = (path for path in (product.folder / "files" / "originals").rglob("*") if path.is_file())
    original.unlink()
    product.start("images")
    job = product.number("SELECT id FROM jobs WHERE queue = 'images'")
    product.wait_for_job(job, "failed", 30)
    product.wait_until(lambda: is_failed_in_rq(product, "images", f"makeRenditions-{job}"))
    return job


def is_failed_in_rq(product: Product, queue: str, ring: str) -> bool:
    return product.redis.zscore(f"rq:failed:{queue}", ring) is not None


@row(30)
@pytest.mark.parametrize("button", ["job/makeRenditions-{job}/requeue", "requeue/images"])
def test_a_job_that_failed_for_good_is_looked_at_and_left_alone(product, admin, failed_job, button):
    before, log = product.job(failed_job), product.log_of(failed_job)
    assert admin.post(f"/admin/rq/{button.format(job=failed_job)}").status == 200
    ring = f"rq:job:makeRenditions-{failed_job}"
    product.wait_until(lambda: product.redis.hget(ring, "status") == b"finished")
    assert (product.job(failed_job), product.log_of(failed_job)) == (before, log)


@row(30)
def test_a_job_whose_process_just_died_runs_again_once_however_often_it_is_pressed(product, admin, upload):
    make_galleries(product, 10)
    product.start("web", "default")
    product.hold(CLAIMED)
    job = upload(1)
    ring = f"syncMediaToGalleries-{job}"
    product.wait_held(CLAIMED)
    product.kill_horse("default")
    product.let_go(CLAIMED)
    product.wait_until(lambda: is_failed_in_rq(product, "default", ring))
    pressed = [admin.post(f"/admin/rq/job/{ring}/requeue").status for _ in range(3)]
    assert pressed[0] == 200
    product.start("clock")
    product.wait_for_job(job, "succeeded", 30)
    assert product.log_of(job) == ["crashed", "succeeded"]
    assert_all_hang_everywhere(product, 1, 10)
    assert pressed == [200, 409, 409]  # it says that there is nothing to press any more

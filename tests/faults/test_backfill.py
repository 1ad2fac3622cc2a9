"""Backfills whose worker dies or that are undone while they run."""

from __future__ import annotations

import pytest

from tests.conftest import both_databases
from tests.support.galleries import assert_all_hang_everywhere, count_items, make_galleries
from tests.support.pauses import STEP
from tests.support.product import Product
from webapp.database import transaction
from webapp.models.backfill import start_backfill
from webapp.models.gallery import change_gallery
from webapp.models.media import Media

pytestmark = both_databases

PICTURES = 1200  # three chunks


@pytest.fixture
def gallery_id(product: Product) -> int:
    """A gallery whose auto-sync was switched on when the library held many pictures."""
    (gallery_id,) = make_galleries(product, 1, auto_sync=False)
    with product.rows():
        with transaction() as session:
            session.add_all(picture(number) for number in range(PICTURES))
        change_gallery(gallery_id, auto_sync=True)
    return gallery_id


def picture(number: int) -> Media:
    name = str(number)
    facts = {"mime_type": "image/jpeg", "filesize": 1, "width": 4, "height": 3}
    return Media(storage_key=name, filename=name, sha256=name, **facts)


def start(product: Product, gallery_id: int) -> int:
    with product.rows():
        return start_backfill(gallery_id).id


def test_killed_in_the_middle_it_goes_on_where_it_was(product, gallery_id):
    product.hold(STEP)
    product.start("default", "clock")
    job = start(product, gallery_id)
    product.wait_held(STEP)
    product.kill("default")
    product.let_go(STEP)
    product.start("default")
    done = product.wait_for_job(job, "succeeded", 30)
    assert_all_hang_everywhere(product, PICTURES, 1)
    assert (done.crashes, product.log_of(job)) == (1, ["succeeded", "crashed"] + ["succeeded"] * 4)


def test_undone_while_it_runs_it_leaves_nothing_and_adds_nothing_later(product, gallery_id):
    product.start("web", "default", "clock")
    product.hold(STEP)
    job = start(product, gallery_id)
    product.wait_held(STEP)
    answer = product.client().post(f"/api/galleries/{gallery_id}/backfill/{job}/undo")
    assert (answer.status, answer.body["job"]["status"]) == (200, "cancelled")
    product.let_go(STEP)
    product.wait_until(lambda: "outcome=lost" in product.log("default"))
    assert (count_items(product), product.job(job).status) == (0, "cancelled")

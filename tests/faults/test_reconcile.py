"""Bringing a gallery in line with its rule, by a worker that dies."""

from __future__ import annotations

from tests.conftest import both_databases
from tests.faults.test_backfill import picture
from tests.support.galleries import count_items, make_galleries
from tests.support.pauses import STEP
from tests.support.product import Product
from webapp.database import transaction
from webapp.models.gallery import add_item, change_gallery, set_hidden
from webapp.models.rule import queue_reconcile

pytestmark = both_databases

PICTURES = 1200  # three portions, and what is taken out


def test_killed_in_the_middle_it_ends_as_the_rule_says(product: Product) -> None:
    (gallery_id,) = make_galleries(product, 1)
    with product.rows():
        with transaction() as session:
            session.add_all(picture(number) for number in range(PICTURES))
        add_item(gallery_id, 2)  # the picture called "1"
        set_hidden(gallery_id, 2, True)
        change_gallery(gallery_id, rule={"text": "1"})
        job = queue_reconcile(gallery_id).id  # the one that waits
    product.hold(STEP)
    product.start("default", "clock")
    product.wait_held(STEP)
    product.kill("default")
    product.let_go(STEP)
    product.start("default")
    done = product.wait_for_job(job, "succeeded", 30)
    assert done.crashes == 1
    fitting = sum("1" in str(number) for number in range(PICTURES))
    assert count_items(product) == fitting
    assert product.number("SELECT count(*) FROM items WHERE hidden") == 1

"""What people do to a job while it runs."""

from __future__ import annotations

from tests.conftest import both_databases
from tests.faults.rows import row
from tests.support.galleries import count_items, make_galleries
from tests.support.pauses import CLAIMED

pytestmark = both_databases


@row(28)
def test_a_picture_deleted_in_mid_job_ends_it_as_cancelled_with_the_reason(product, upload):
    make_galleries(product, 10)
    product.start("web", "default")
    product.hold(CLAIMED)
    job = upload(1)
    product.wait_held(CLAIMED)
    assert product.client().delete("/api/media/1").status in (200, 204)
    product.let_go(CLAIMED)
    ended = product.wait_for_job(job, "cancelled")
    assert (ended.reason, count_items(product)) == ("The picture was deleted before it was synced.", 0)


@row(29)
def test_a_job_cancelled_while_it_runs_never_succeeds(product, upload):
    make_galleries(product, 10)
    product.start("web", "default")
    product.hold(CLAIMED)
    job = upload(1)
    product.wait_held(CLAIMED)
    assert product.client().post(f"/api/jobs/{job}/cancel").status == 200
    product.let_go(CLAIMED)
    product.wait_until(lambda: "outcome=lost" in product.log("default"))
    assert (product.job(job).status, product.log_of(job), count_items(product)) == ("cancelled", ["cancelled"], 0)

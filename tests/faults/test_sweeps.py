"""Sweeps that overlap, and that prune while everything runs: no work is done twice, and no live row is lost."""

from __future__ import annotations

from datetime import timedelta

from tests.conftest import both_databases
from tests.faults.rows import row
from tests.support.galleries import assert_all_hang_everywhere, make_galleries
from tests.support.pauses import CLAIMED, SWEEPING
from webapp.database import utcnow

pytestmark = both_databases
LONG_AGO = timedelta(days=1000)


@row(16)
def test_two_sweeps_in_the_middle_of_their_work_at_once_do_none_of_it_twice(product, upload):
    make_galleries(product, 10)
    product.start("web", "default")
    product.hold(CLAIMED)
    stale = upload(0)
    product.wait_held(CLAIMED)
    product.kill("default")
    product.let_go(CLAIMED)
    unheard = [upload(number) for number in range(1, 6)]
    product.redis.flushall()

    product.hold(SWEEPING)
    product.start("default", "clock")
    product.start_another("second clock", "clock")
    product.start_another("second", "default")
    first = product.wait_held(SWEEPING)
    product.wait_until(lambda: product.wait_held(SWEEPING) != first, 30)  # the first one's guard ended
    product.let_go(SWEEPING)
    for job in unheard:
        product.wait_for_job(job, "succeeded", 30)
        assert product.log_of(job) == ["succeeded"]
    product.wait_for_job(stale, "succeeded", 30)
    assert product.log_of(stale) == ["crashed", "succeeded"]
    assert_all_hang_everywhere(product, 6, 10)


@row(32)
def test_pruning_while_jobs_wait_run_and_finish_takes_only_what_is_finished_and_old(product, upload):
    make_galleries(product, 10)
    product.start("web", "default")
    old, young = [upload(number) for number in range(5)], upload(5)
    for job in (*old, young):
        product.wait_for_job(job, "succeeded")
    waiting = [row.id for row in product.sql("SELECT id FROM jobs WHERE queue = 'images'")]
    product.hold(CLAIMED)
    running = upload(6)
    product.wait_held(CLAIMED)
    long_ago = utcnow() - LONG_AGO
    product.change_jobs(*old, completed_at=long_ago)
    product.change_jobs(*waiting, running, created_at=long_ago, started_at=long_ago)

    product.start("clock")
    product.start_another("second", "default")
    product.wait_until(lambda: not {*old} & {row.id for row in product.sql("SELECT id FROM jobs")}, 30)
    product.let_go(CLAIMED)
    product.wait_for_job(running, "succeeded")
    left = {row.id: row.status for row in product.sql("SELECT id, status FROM jobs WHERE queue = 'default'")}
    assert left == {young: "succeeded", running: "succeeded"}
    ids = [row.id for row in product.sql("SELECT id FROM jobs WHERE queue = 'images' AND status = 'queued'")]
    assert set(waiting) <= set(ids)
    assert product.number("SELECT count(*) FROM job_log WHERE job_id NOT IN (SELECT id FROM jobs)") == 0
    assert product.log_of(running) == ["succeeded"]

"""Workers that are killed at the worst moments: everything is done, and once."""

from __future__ import annotations

import os
import signal

import pytest
from sqlalchemy import text

from tests.conftest import both_databases
from tests.faults.rows import row
from tests.support.databases import END_CONNECTIONS_IN_A_TRANSACTION, WAITING_FOR_A_LOCK, on_postgresql
from tests.support.galleries import assert_all_hang_everywhere, count_items, make_galleries
from tests.support.pauses import CLAIMED, EFFECT, FINISHED, POPPED
from webapp.database import transaction


@row(3)
@both_databases
def test_worker_and_horse_killed_in_mid_sync_of_1000_galleries(product, upload):
    make_galleries(product, 1000)
    product.start("web", "default", "clock")
    product.hold(EFFECT)
    job = upload(1)
    product.wait_held(EFFECT)
    product.kill("default")
    product.let_go(EFFECT)
    assert (count_items(product), product.job(job).status) == (0, "running")
    product.start("default")
    done = product.wait_for_job(job, "succeeded", product.settings.job_lease + 10)
    assert_all_hang_everywhere(product, 1, 1000)
    assert (done.total_tried, done.crashes, product.log_of(job)) == (1, 1, ["crashed", "succeeded"])


@on_postgresql
def test_killed_while_the_database_works_on_its_statement(product, upload):
    make_galleries(product, 100)
    product.start("web", "default", "clock")
    with product.rows(), transaction() as session:
        session.execute(text("LOCK TABLE items IN EXCLUSIVE MODE"))
        job = upload(1)
        product.wait_until(lambda: product.number(WAITING_FOR_A_LOCK) > 0)
        product.kill("default")
    product.start("default")
    product.wait_for_job(job, "succeeded")
    assert_all_hang_everywhere(product, 1, 100)
    assert product.log_of(job) == ["crashed", "succeeded"]


@row(5)
@row(6)
@both_databases
@pytest.mark.parametrize(("point", "times"), [(CLAIMED, 5), (EFFECT, 1)])
def test_sigterm_to_every_process_releases_the_job(product, upload, point, times):
    make_galleries(product, 10)
    product.start("web", "default")
    product.hold(point)
    job = upload(1)
    product.wait_held(point)
    product.terminate("default", times=times)
    released = product.job(job)
    assert (released.status, released.total_tried, released.crashes) == ("queued", 0, 0)
    assert (count_items(product), product.log_of(job)) == (0, ["released"])
    product.let_go(point)
    product.start("default")
    product.wait_for_job(job, "succeeded")
    assert_all_hang_everywhere(product, 1, 10)
    assert product.redis.zcard("rq:failed:default") == 0


@on_postgresql
def test_sigterm_while_the_database_works_on_its_statement_releases_the_job(product, upload):
    make_galleries(product, 10)
    product.start("web", "default")
    with product.rows(), transaction() as session:
        session.execute(text("LOCK TABLE items IN EXCLUSIVE MODE"))
        job = upload(1)
        product.wait_until(lambda: product.number(WAITING_FOR_A_LOCK) > 0)
        product.terminate("default", times=2)
        assert (product.job(job).status, product.log_of(job)) == ("queued", ["released"])


def test_a_job_that_ends_within_the_grace_is_finished_not_released(product, upload):
    make_galleries(product, 10)
    product.start("web", "default")
    product.hold(CLAIMED)
    job = upload(1)
    product.wait_held(CLAIMED)
    os.kill(product.processes["default"].pid, signal.SIGTERM)
    product.let_go(CLAIMED)
    product.terminate("default")
    assert (product.job(job).status, product.log_of(job)) == ("succeeded", ["succeeded"])


def test_an_idle_worker_stops_at_once(product):
    product.start("default", "images")
    product.terminate("default", "images")
    assert product.workers() == []


@row(1)
@both_databases
def test_only_the_horse_killed(product, upload):
    make_galleries(product, 10)
    product.start("web", "default", "clock")
    product.hold(CLAIMED)
    job = upload(1)
    product.wait_held(CLAIMED)
    product.kill_horse("default")
    product.let_go(CLAIMED)
    done = product.wait_for_job(job, "succeeded")
    assert (done.total_tried, done.crashes) == (1, 1)
    assert_all_hang_everywhere(product, 1, 10)


@row(2)
def test_only_the_parent_killed_lets_the_orphan_finish(product, upload):
    make_galleries(product, 10)
    product.start("web", "default", "clock")
    product.hold(CLAIMED)
    job = upload(1)
    product.wait_held(CLAIMED)
    product.kill_parent("default")
    product.start("default")
    product.let_go(CLAIMED)
    product.wait_for_job(job, "succeeded")
    assert product.log_of(job) == ["succeeded"]
    assert_all_hang_everywhere(product, 1, 10)


@row(4)
def test_killed_between_pop_and_start_loses_nothing(product, upload):
    make_galleries(product, 10)
    product.start("web", "default", "clock")
    product.hold(POPPED)
    job = upload(1)
    product.wait_held(POPPED)
    product.kill("default")
    product.let_go(POPPED)
    product.start("default")
    done = product.wait_for_job(job, "succeeded")
    assert (done.total_tried, done.crashes) == (1, 0)


def test_killed_after_the_commit_stays_done(product, upload):
    make_galleries(product, 10)
    product.start("web", "default", "clock")
    product.hold(FINISHED)
    job = upload(1)
    product.wait_held(FINISHED)
    product.kill("default")
    product.let_go(FINISHED)
    product.start("default")
    second = upload(2)
    product.wait_for_job(second, "succeeded")
    assert product.log_of(job) == ["succeeded"]
    assert_all_hang_everywhere(product, 2, 10)


@row(18)
@both_databases
def test_a_stalled_worker_that_wakes_after_it_was_replaced_is_refused(product, upload):
    make_galleries(product, 10)
    product.start("web", "default", "clock")
    product.hold(CLAIMED)
    job = upload(1)
    horse = product.wait_held(CLAIMED)
    os.kill(horse, signal.SIGSTOP)
    product.let_go(CLAIMED)
    product.start_another("second", "default")
    product.wait_for_job(job, "succeeded")
    os.kill(horse, signal.SIGCONT)
    product.wait_until(lambda: "outcome=lost" in product.log("default"))
    assert product.log_of(job) == ["crashed", "succeeded"]
    assert_all_hang_everywhere(product, 1, 10)


@row(14)
@on_postgresql
def test_the_database_connection_lost_before_the_commit_leaves_nothing(product, upload):
    make_galleries(product, 10)
    product.start("web", "default")
    product.hold(EFFECT)
    job = upload(1)
    product.wait_held(EFFECT)
    product.sql(END_CONNECTIONS_IN_A_TRANSACTION)
    product.let_go(EFFECT)
    waiting = product.wait_until(lambda: product.job(job).error and product.job(job))
    assert (waiting.status, waiting.total_tried, count_items(product)) == ("queued", 1, 0)
    assert product.client().post(f"/api/jobs/{job}/retry").status == 200
    product.wait_for_job(job, "succeeded")
    assert_all_hang_everywhere(product, 1, 10)

"""claim, renew, hold, finish, fail, release: only the holder of the live token changes a running job."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.conftest import both_databases
from tests.support.rows import SYNC, change, claimed, events, fresh, let_lease_end, rings, silence
from webapp.database import transaction, utcnow
from webapp.jobs import lease, queue
from webapp.jobs.catalog import CATALOG
from webapp.jobs.sweep import rescue_stale

pytestmark = both_databases


def test_one_of_ten_claims_wins(app, job):
    def try_to_claim(number: int) -> bool:
        with app.app_context():
            return lease.claim(job.id, f"worker {number}") is not None

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(try_to_claim, range(10))) == 1
    assert fresh(job).status == "running"


def test_a_claim_holds_what_the_task_needs(job):
    held = claimed(job)
    assert (held.task_slug, held.input, held.subject, held.attempt) == (SYNC, {"mediaId": 1}, "media:1", 1)
    row = fresh(job)
    assert row.token == held.token and row.lease_until > utcnow() and row.started_at == held.started_at


def test_not_before_its_time_but_after_it(in_app):
    job = queue(SYNC, {"mediaId": 1}, wait_until=utcnow() + timedelta(minutes=1))
    assert lease.claim(job.id, "a worker") is None
    change(job, wait_until=utcnow() - timedelta(seconds=1))
    assert lease.claim(job.id, "a worker") is not None


def test_nobody_claims_a_job_that_is_not_there(in_app):
    assert lease.claim(4711, "a worker") is None


def test_a_beat_pushes_the_end_of_the_lease_out(job):
    held = claimed(job)
    let_lease_end(job)
    assert lease.renew(held)
    assert fresh(job).lease_until > utcnow()


def test_finish_keeps_the_output_and_clears_the_lease(job):
    with transaction():
        lease.finish(claimed(job), {"answer": 42})
    row = fresh(job)
    assert (row.status, row.output, row.token, row.lease_until) == ("succeeded", {"answer": 42}, None, None)
    assert row.total_tried == 1 and row.completed_at >= row.started_at
    assert events(job) == ["succeeded"]


def test_a_stale_token_can_do_nothing(job):
    stale = claimed(job)
    let_lease_end(job)
    assert rescue_stale(utcnow()) == 1
    live = claimed(job)
    for attempt in (
        lambda: lease.hold(stale),
        lambda: lease.finish(stale, {}),
        lambda: lease.fail(stale, "It broke."),
        lambda: lease.release(stale, "Bye."),
        lambda: lease.cancel(stale, "No."),
    ):
        with pytest.raises(lease.LeaseLost), transaction():
            attempt()
    assert not lease.renew(stale)
    assert (fresh(job).status, fresh(job).token) == ("running", live.token)


def test_a_failed_try_waits_longer_each_time_and_then_fails_for_good(job):
    task = CATALOG[SYNC]
    for number in range(1, task.retries + 1):
        before = utcnow()
        next_try = lease.fail(claimed(job), f"Broken {number}.")
        waits = (next_try - before).total_seconds()
        assert task.backoff.first * 2 ** (number - 1) <= waits <= task.backoff.first * 2 ** (number - 1) * 1.1 + 1
        assert (fresh(job).status, fresh(job).total_tried, fresh(job).will_retry) == ("queued", number, True)
        change(job, wait_until=None)
    assert lease.fail(claimed(job), "Broken at last.") is None
    row = fresh(job)
    assert (row.status, row.error, row.total_tried) == ("failed", "Broken at last.", task.retries + 1)
    assert events(job) == ["failed"] * (task.retries + 1)


def test_a_reason_says_that_trying_again_cant_help(job):
    assert lease.fail(claimed(job), "details", reason="The file is broken.") is None
    assert (fresh(job).status, fresh(job).reason, fresh(job).total_tried) == ("failed", "The file is broken.", 1)


def test_success_after_a_failed_try_forgets_the_error(job):
    lease.fail(claimed(job), "It broke.")
    change(job, wait_until=None)
    with transaction():
        lease.finish(claimed(job), {})
    assert (fresh(job).status, fresh(job).error, fresh(job).total_tried) == ("succeeded", None, 2)


def test_release_costs_no_retry_and_rings_again(job):
    silence()
    lease.release(claimed(job), "The worker is shutting down.")
    row = fresh(job)
    assert (row.status, row.total_tried, row.crashes, row.wait_until) == ("queued", 0, 0, None)
    assert events(job) == ["released"]
    assert rings() == {job.rq_id}


def test_the_log_says_who_tried_when_and_what_came_of_it(job):
    held = claimed(job)
    lease.fail(held, "It broke.")
    (line,) = fresh(job).log
    assert (line.event, line.attempt, line.message, line.worker) == ("failed", 1, "It broke.", "a worker")
    assert line.started_at == held.started_at <= line.at

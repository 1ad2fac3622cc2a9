"""The sweep: rescues what died, rings for what was not heard, prunes what is old."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain, repeat

import pytest
from sqlalchemy import func, insert, select, update

from tests.conftest import both_databases
from tests.support.rows import (
    SYNC,
    age,
    change,
    claimed,
    events,
    fresh,
    let_lease_end,
    rings,
    silence,
)
from webapp.database import db, transaction, utcnow
from webapp.extensions import redis_client
from webapp.jobs import Job, JobLog, lease, queue
from webapp.jobs.job import SweepState
from webapp.jobs.sweep import BATCH, MAX_CRASHES, prune, rescue_stale, ring_due, sweep

pytestmark = both_databases


def test_a_stale_job_is_queued_and_rung_again_at_no_cost_of_a_retry(job):
    claimed(job)
    let_lease_end(job)
    silence()
    assert sweep() == {"held": 0, "rescued": 1, "scheduled": 0, "rung": 0, "pruned": 0}
    row = fresh(job)
    assert (row.status, row.total_tried, row.crashes, row.token) == ("queued", 0, 1, None)
    assert events(job) == ["crashed"]
    assert rings() == {job.rq_id}


def test_a_job_that_beats_is_left_alone(job):
    claimed(job)
    assert rescue_stale(utcnow()) == 0
    assert fresh(job).status == "running"


def test_a_clock_that_jumps_in_the_middle_of_a_sweep_takes_no_job_from_its_worker(job, monkeypatch):
    claimed(job)
    began = utcnow()
    times = chain([began], repeat(began + timedelta(hours=1)))
    monkeypatch.setattr("webapp.jobs.sweep.utcnow", lambda: next(times))
    assert sweep()["rescued"] == 0
    assert fresh(job).status == "running"
    report = sweep()
    assert (report["held"], report["rescued"]) == (1, 0)


def test_a_job_that_kills_its_worker_again_and_again_fails_as_poison(job):
    for _ in range(MAX_CRASHES):
        claimed(job)
        let_lease_end(job)
        rescue_stale(utcnow())
    row = fresh(job)
    assert (row.status, row.crashes) == ("failed", MAX_CRASHES)
    assert "died" in row.error and row.completed_at
    assert events(job) == ["crashed"] * MAX_CRASHES


def test_rings_for_a_job_that_was_never_rung(job):
    silence()
    age(job, minutes=2)
    assert sweep()["rung"] == 1
    assert rings() == {job.rq_id}


def test_gives_a_ring_on_its_way_some_time(job):
    silence()
    assert sweep()["rung"] == 0


def test_does_not_ring_what_lies_in_redis_already(job):
    age(job, hours=1)
    for _ in range(3):
        assert ring_due() == 0
    assert redis_client().llen("rq:queue:default") == 1


def test_does_not_ring_again_at_once_for_what_a_worker_may_just_be_claiming(job):
    silence()
    age(job, minutes=2)
    assert ring_due() == 1
    silence()
    assert ring_due() == 0
    change(job, rang_at=utcnow() - timedelta(minutes=1))
    assert ring_due() == 1


def test_rings_for_a_retry_when_it_is_due_and_not_before(job):
    age(job, minutes=2)
    lease.fail(claimed(job), "It broke.")
    silence()
    assert ring_due() == 0
    change(job, wait_until=utcnow() - timedelta(seconds=1))
    assert ring_due() == 1


def test_rings_in_each_queue_the_most_important_first(in_app):
    low = queue(SYNC, {"mediaId": 1})
    high = queue(SYNC, {"mediaId": 2}, priority=5)
    image = queue("makeRenditions", {"mediaId": 1})
    for job in (low, high, image):
        age(job, minutes=2)
    silence()
    assert ring_due() == 3
    assert redis_client().lrange("rq:queue:default", 0, -1) == [high.rq_id.encode(), low.rq_id.encode()]
    assert rings("images") == {image.rq_id}


def transactions() -> int:
    """Those that Redis has run so far."""
    return int(redis_client().info("commandstats").get("cmdstat_exec", {"calls": 0})["calls"])


def test_rings_for_more_than_one_batch_in_portions(in_app):
    old = {"task_slug": SYNC, "queue": "default", "created_at": utcnow() - timedelta(hours=1)}
    with transaction() as session:
        session.execute(insert(Job), [old | {"input": {"mediaId": n}} for n in range(1, BATCH + 2)])
    before = transactions()
    assert ring_due() == BATCH + 1
    assert len(rings()) == BATCH + 1
    assert transactions() == before + 2
    assert ring_due() == 0


@pytest.mark.parametrize(("status", "days", "goes"), [("succeeded", 8, True), ("succeeded", 6, False),
                                                       ("cancelled", 8, True), ("failed", 89, False),
                                                       ("failed", 91, True)])  # fmt: skip
def test_prunes_what_is_finished_and_old_with_its_log(job, status, days, goes):
    lease.cancel(claimed(job), "x")
    change(job, status=status, completed_at=utcnow() - timedelta(days=days))
    assert prune() == int(goes)
    assert db.session.scalar(select(func.count()).select_from(JobLog)) == (0 if goes else 1)


@pytest.mark.parametrize("status", ["queued", "running"])
def test_never_prunes_a_live_job(job, status):
    if status == "running":
        claimed(job)
    age(job, days=1000)
    assert prune() == 0
    assert fresh(job).status == status


def test_two_sweeps_at_once_are_one(app, in_app):
    def try_to_sweep(_: int) -> bool:
        with app.app_context():
            return sweep() is not None

    with transaction() as session:
        session.execute(update(SweepState).values(token="t", lease_until=utcnow() + timedelta(seconds=5)))
    assert sweep() is None
    with transaction() as session:
        session.execute(update(SweepState).values(token=None, lease_until=None))
    with ThreadPoolExecutor(4) as pool:
        assert any(pool.map(try_to_sweep, range(4)))


def test_a_sweep_that_died_does_not_stop_the_next_for_longer_than_half_an_interval(in_app, settings):
    with transaction() as session:
        session.execute(
            update(SweepState).values(token="dead", lease_until=utcnow() - timedelta(seconds=1), started_at=utcnow())
        )
    assert sweep() is not None
    state = db.session.get_one(SweepState, 1, populate_existing=True)
    assert state.token is None and state.report == {"held": 0, "rescued": 0, "scheduled": 0, "rung": 0, "pruned": 0}
    assert state.completed_at >= state.started_at

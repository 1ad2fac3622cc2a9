"""The clock: registers the sweep whenever Redis has forgotten it, and nothing stops it."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from redis import Redis

from webapp.extensions import connect_redis
from webapp.jobs.doorbell import PERFORM, Ring
from workers.clock import SWEEP, Clock

SCHEDULED = "rq:scheduler:scheduled_jobs"


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    client = connect_redis(redis_url, timeout=5)
    yield client
    client.close()


@pytest.fixture
def clock(redis: Redis) -> Clock:
    return Clock(redis, sweep_interval=60)


def sweeps_waiting(redis: Redis) -> int:
    return redis.lrange("rq:queue:default", 0, -1).count(SWEEP.encode())


def make_due(redis: Redis, entry: str | bytes) -> None:
    redis.zadd(SCHEDULED, {entry: 1})


def test_the_first_tick_enqueues_a_sweep_and_the_next_waits_for_the_interval(clock, redis):
    clock.enqueue_jobs()
    clock.enqueue_jobs()
    assert sweeps_waiting(redis) == 1
    assert redis.zscore(SCHEDULED, SWEEP) > datetime.now(UTC).timestamp() + 50


def test_a_sweep_is_a_ring_that_speaks_of_itself_and_never_expires(clock, redis):
    clock.enqueue_jobs()
    ring = Ring.fetch(SWEEP, connection=redis)
    assert (ring.func_name, tuple(ring.args), ring.description, ring.result_ttl) == (PERFORM, (SWEEP,), "sweep", -1)


def test_registers_again_after_flushall(clock, redis):
    clock.enqueue_jobs()
    redis.flushall()
    clock.enqueue_jobs()
    assert sweeps_waiting(redis) == 1


def test_registers_again_after_a_crash_between_its_two_writes(clock, redis):
    clock.enqueue_jobs()
    redis.delete("rq:job:sweep", "rq:queue:default")
    clock.enqueue_jobs()
    assert sweeps_waiting(redis) == 1


def test_a_row_of_sweeps_does_not_build_up_while_no_worker_runs(clock, redis):
    for _ in range(5):
        clock.enqueue_jobs()
        make_due(redis, SWEEP)
    assert sweeps_waiting(redis) == 1


def test_one_unreadable_entry_is_dropped_and_the_others_go_on(clock, redis):
    redis.hset("rq:job:bad", mapping={"data": b"\x00", "created_at": "never"})
    redis.set("rq:job:odd", "not a hash")
    redis.hset("rq:job:planted", mapping={"data": pickle.dumps(pickle.Unpickler), "meta": b"\x80"})
    for entry in ("bad", "odd", "planted", "missing", b"\xff\xfe"):
        make_due(redis, entry)
    clock.enqueue_jobs()
    assert sweeps_waiting(redis) == 1
    assert redis.zrange(SCHEDULED, 0, -1) == [SWEEP.encode()]


def test_two_clocks_are_one(clock, redis):
    other = Clock(redis, sweep_interval=60)
    assert clock.acquire_lock() and not other.acquire_lock()
    other.remove_lock()
    assert not other.acquire_lock()
    clock.remove_lock()
    assert other.acquire_lock()


def test_the_lock_of_a_clock_that_died_ends_by_itself(clock, redis):
    clock.acquire_lock()
    assert 0 < redis.ttl("rq:scheduler_lock") <= 60


def test_a_short_interval_is_looked_at_often_enough(redis):
    assert Clock(redis, sweep_interval=1)._interval <= 0.25
    assert Clock(redis, sweep_interval=60)._interval <= 5

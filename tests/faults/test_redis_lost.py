"""Redis stopped, killed, emptied or holding rubbish: time is lost, and nothing else."""

from __future__ import annotations

import pickle
import time
import zlib
from datetime import timedelta

import pytest

from tests.faults.rows import row
from tests.support.galleries import assert_all_hang_everywhere, count_items, make_galleries
from tests.support.pauses import CLAIMED, FINISHED
from tests.support.pictures import tiny_jpeg
from webapp.database import utcnow


@pytest.fixture
def galleries(product):
    make_galleries(product, 10)
    return 10


@row(7)
def test_uploads_take_no_longer_while_redis_is_stopped_and_are_all_synced_when_it_is_back(product, galleries):
    pictures = [tiny_jpeg(number) for number in range(40)]
    product.start("web", "default", "clock")
    client = product.client()

    def seconds_for(some: list[bytes]) -> float:
        started = time.monotonic()
        assert {client.upload(picture).status for picture in some} == {201}
        return time.monotonic() - started

    normal = seconds_for(pictures[:20])
    product.valkey.stop()
    without = seconds_for(pictures[20:])
    assert without < normal * 2 + 1
    assert "Waiting for galleries" in client.get(f"/admin/media/{product.number('SELECT max(id) FROM media')}").body
    product.valkey.start()
    product.wait_until(lambda: count_items(product) == 400)
    assert_all_hang_everywhere(product, 40, galleries)


def test_redis_killed_and_back_with_its_data(product, galleries, upload):
    product.start("web", "default", "clock")
    upload(1)
    product.valkey.terminate()
    upload(2)
    product.valkey.start()
    upload(3)
    product.wait_until(lambda: count_items(product) == 30)


@row(10)
def test_flushall_with_jobs_pending(product, galleries, upload):
    product.start("web", "clock")
    jobs = [upload(number) for number in range(20)]
    product.redis.flushall()
    product.start("default")
    product.wait_until(lambda: count_items(product) == 200)
    assert all(product.log_of(job) == ["succeeded"] for job in jobs)


@row(11)
def test_flushall_in_mid_run_finishes_once_and_the_worker_is_seen_again(product, galleries, upload):
    product.start("web", "default", "clock")
    product.hold(CLAIMED)
    job = upload(1)
    product.wait_held(CLAIMED)
    product.redis.flushall()
    product.let_go(CLAIMED)
    product.wait_for_job(job, "succeeded")
    product.wait_until(lambda: [worker[b"queues"] for worker in product.workers()] == [b"default"])
    assert product.log_of(job) == ["succeeded"]


@row(12)
def test_the_sweep_goes_on_after_flushall(product):
    product.start("default", "clock")
    first = product.wait_until(lambda: last_sweep(product))
    product.redis.flushall()
    product.wait_until(lambda: last_sweep(product) > first)


def last_sweep(product):
    return product.sql("SELECT completed_at FROM sweep_state")[0][0]


@row(13)
def test_redis_that_dies_as_a_job_finishes_takes_nothing_back(product, galleries, upload):
    product.start("web", "default", "clock")
    product.hold(FINISHED)
    first = upload(1)
    product.wait_held(FINISHED)
    product.valkey.stop()
    product.let_go(FINISHED)
    second = upload(2)
    product.valkey.start()
    product.wait_for_job(second, "succeeded")
    assert product.log_of(first) == ["succeeded"]
    assert_all_hang_everywhere(product, 2, galleries)


@row(8)
def test_web_killed_after_the_commit_and_before_the_ring(product, galleries, upload):
    product.start("web")
    product.valkey.stop()
    job = upload(1)
    product.kill("web")
    product.start("default", "clock")
    product.wait_for_job(job, "succeeded")


@row(17)
def test_one_ring_delivered_5_times_is_one_run(product, galleries, upload):
    product.start("web", "clock")
    job = upload(1)
    (ring,) = product.redis.lrange("rq:queue:default", 0, -1)[:1]
    product.redis.rpush("rq:queue:default", *[ring] * 4)
    product.start("default")
    product.wait_until(lambda: product.redis.llen("rq:queue:default") == 0)
    product.wait_for_job(job, "succeeded")
    assert product.log_of(job) == ["succeeded"]


@row(21)
def test_rubbish_and_planted_messages_stop_nobody_and_run_nothing(product, galleries, upload):
    product.start("web")
    trace = product.folder / "was-here"
    call = zlib.compress(pickle.dumps(("os.mkdir", None, (str(trace),), {})))
    plant(product, "planted", data=call, origin="default", status="queued")
    plant(product, "callback", data=b"\x80", failure_callback_name="os.abort", origin="default", status="queued")
    plant(product, "corrupt", data=b"\x00\x01", created_at="yesterday", timeout="x")
    product.redis.set("rq:job:odd", "not a hash")
    product.redis.rpush("rq:queue:default", "odd", "missing", b"\xff\xfe")
    job = upload(1)
    product.start("default")
    product.wait_for_job(job, "succeeded", 8)
    assert not trace.exists()
    assert set(product.redis.zrange("rq:failed:default", 0, -1)) == {b"planted", b"callback"}


def plant(product, name: str, **fields: object) -> None:
    product.redis.hset(f"rq:job:{name}", mapping=fields)
    product.redis.rpush("rq:queue:default", name)


@row(31)
def test_a_backlog_is_not_rung_again_and_again(product, galleries, upload):
    product.start("web", "clock")
    jobs = [upload(number) for number in range(5)]
    an_hour_ago = utcnow() - timedelta(hours=1)
    product.change_jobs(*jobs, created_at=an_hour_ago, rang_at=an_hour_ago)
    product.start_another("images", "images")
    product.wait_until(lambda: product.redis.lpos("rq:queue:default", "sweep") is not None)
    time_for_sweeps = time.monotonic() + 3 * product.settings.sweep_interval
    product.wait_until(lambda: time.monotonic() > time_for_sweeps)
    assert product.redis.llen("rq:queue:default") == len(jobs) + 1


@row(16)
def test_two_clocks_make_no_more_sweeps_than_one(product):
    product.start("default", "clock")
    product.start_another("second clock", "clock")
    started = time.monotonic()
    product.wait_until(lambda: sweeps(product) >= 4)
    assert sweeps(product) <= 3 + (time.monotonic() - started) / product.settings.sweep_interval


def sweeps(product) -> int:
    """Nothing else runs, so what the worker did are sweeps."""
    return sum(int(worker.get(b"successful_job_count", 0)) for worker in product.workers())


def test_everything_stops_on_sigterm_while_redis_is_away(product):
    product.start("web", "default", "clock")
    product.valkey.stop()
    product.wait_until(lambda: "redis_away" in product.log("clock"))
    product.terminate("web", "default", "clock")


@pytest.mark.parametrize("name", ["default", "clock"])
def test_starts_before_redis_does(product, name):
    product.start_another(name, name)
    product.wait_until(lambda: "redis_away" in product.log(name))
    product.start("default") if name == "clock" else product.valkey.start()
    product.wait_until(lambda: product.workers())

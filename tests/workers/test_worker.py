"""The worker process: a stop is never lost, and a Redis that comes and goes leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator

import pytest
from redis import ConnectionError as RedisGone
from rq.exceptions import StopRequested

from webapp.jobs.doorbell import PERFORM, Ring
from workers import worker as workers
from workers.horse import Horse
from workers.worker import GalleristWorker, new_worker


@pytest.fixture
def handlers() -> Iterator[None]:
    """The signal handlers of the test run come back afterwards."""
    before = {signum: signal.getsignal(signum) for signum in (signal.SIGTERM, signal.SIGINT)}
    yield
    for signum, handler in before.items():
        signal.signal(signum, handler)


@pytest.fixture
def worker(redis_url: str, handlers: None) -> GalleristWorker:
    worker = new_worker("default", redis_url)
    worker.register_birth()
    return worker


def test_a_stop_that_was_lost_is_asked_for_again_at_the_next_heartbeat(worker):
    worker.heartbeat()
    with pytest.raises(StopRequested):
        worker.request_stop(signal.SIGTERM, None)
    with pytest.raises(StopRequested):
        worker.heartbeat()


def test_a_busy_worker_finishes_its_job_first(worker):
    worker.set_state("busy")
    worker.request_stop(signal.SIGTERM, None)
    worker.heartbeat()
    assert worker.stopping and worker._stop_requested


def test_a_repeated_sigterm_changes_nothing(worker):
    worker.set_state("busy")
    worker.request_stop(signal.SIGTERM, None)
    worker.request_force_stop(signal.SIGTERM, None)


def test_is_seen_again_after_redis_lost_everything(worker):
    worker.connection.flushall()
    worker.heartbeat()
    assert worker.connection.smembers("rq:workers") == {worker.key.encode()}
    assert worker.connection.hget(worker.key, "queues") == b"default"
    assert worker.connection.ttl(worker.key) > 0


def test_when_it_breaks_it_leaves_no_thread_and_no_handler_behind(worker, monkeypatch):
    def break_down(*_: object) -> None:
        raise RedisGone

    monkeypatch.setattr(worker, "check_for_suspension", break_down)
    monkeypatch.setattr(worker, "register_birth", lambda: None)
    monkeypatch.setattr(worker, "register_death", break_down)
    before = threading.active_count()
    assert workers.work(worker) is False
    assert not worker.pubsub_thread._running.is_set()
    assert threading.active_count() <= before + 1
    for signum in (signal.SIGTERM, signal.SIGINT):
        with pytest.raises(SystemExit):
            signal.getsignal(signum)(signum, None)  # type: ignore[misc,operator]


def test_a_queue_that_is_not_there_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["worker", "bogus"])
    with pytest.raises(SystemExit):
        workers.main()
    assert "invalid choice: 'bogus'" in capsys.readouterr().err


@pytest.fixture
def ring_at_work(worker: GalleristWorker, monkeypatch) -> Iterator[Ring]:
    """What a horse that is only asleep seems to be at; its parent looks after it every second."""
    worker.job_monitoring_interval = 1
    for name in ("FORK_SECONDS", "DEAF_AFTER"):
        monkeypatch.setattr(workers, name, 0)
    ring = worker.queues[0].enqueue_call(PERFORM, args=(1,), timeout=1)
    worker.prepare_job_execution(ring)
    worker.prepare_execution(ring)
    worker.executions.clear()  # the horse's, not its parent's
    return ring


def let_sleep(worker: GalleristWorker, seconds: float) -> None:
    """A horse that only sleeps."""
    worker._horse_pid = subprocess.Popen(["sleep", str(seconds)], start_new_session=True).pid


def test_a_horse_that_does_not_hear_its_time_limit_is_killed(worker, ring_at_work):
    let_sleep(worker, 60)
    worker.watch_horse(0)
    assert worker.horse_pid == 0
    assert ring_at_work.get_status() == "failed"
    assert worker.get_current_executions(refresh=True) == []


def test_what_the_horse_is_at_is_kept_alive_in_rq(worker, ring_at_work):
    (execution,) = worker.get_current_executions(refresh=True)
    worker.connection.expire(execution.key, 5)
    let_sleep(worker, 1.5)
    worker.watch_horse(600)
    assert worker.connection.ttl(execution.key) > 5
    assert ring_at_work.get_status() == "started"


def test_a_horse_that_is_not_needed_any_more_ends(worker):
    horse = Horse(lambda wait_for_ring: wait_for_ring() and None)
    horse.let_go()
    with pytest.raises(ChildProcessError):
        os.waitpid(horse.pid, 0)


def test_a_horse_that_died_while_it_waited_is_found_out(worker):
    worker.waiting_horse = Horse(lambda _: None)
    os.waitid(os.P_PID, worker.waiting_horse.pid, os.WEXITED | os.WNOWAIT)
    ring = worker.queues[0].enqueue_call(PERFORM, args=(1,))
    worker.execute_job(ring, worker.queues[0])
    assert (worker.horse_pid, worker.get_state()) == (0, "idle")

"""The clock process: python -m workers.clock. rq-scheduler enqueues the sweep every SWEEP_INTERVAL seconds."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from redis import Redis, RedisError
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq_scheduler import Scheduler

import config
from webapp.extensions import connect_redis
from webapp.jobs.doorbell import PERFORM, Ring, ring_queue
from webapp.logs import configure_logs

log = structlog.get_logger(__name__)

SWEEP = "sweep"  # the fixed id of its registration: a second clock, or a deploy, does not double it
QUEUE = "default"
RECONNECT_AFTER = 1.0  # seconds


class Clock(Scheduler):
    """rq-scheduler that registers the sweep anew when Redis forgot it, and that one bad entry does not stop."""

    job_class = Ring

    def __init__(self, connection: Redis, sweep_interval: float) -> None:
        self.sweep_interval = max(1, round(sweep_interval))
        look_every = min(5.0, self.sweep_interval / 4)
        super().__init__(connection=connection, interval=look_every, queue=ring_queue(QUEUE, connection))

    def run(self) -> None:
        """For ever. rq-scheduler's own reckons its pause with the time of day: set back in the middle of a tick, it
        sleeps for as long as that was, an hour or more without a sweep.
        """
        self.register_birth()
        try:
            while True:
                self.tick()
                time.sleep(self._interval)
        finally:
            self.remove_lock()
            self.register_death()

    def tick(self) -> None:
        self.heartbeat()
        if self.acquire_lock():
            self.enqueue_jobs()
            self.remove_lock()

    def enqueue_jobs(self) -> list[Job]:
        self.register_sweep()
        due = self.connection.zrangebyscore(self.scheduled_jobs_key, 0, time.time())
        return [job for entry in due if (job := self._enqueue(entry)) is not None]

    def register_sweep(self) -> None:
        if self.is_registered():
            return
        self.schedule(
            datetime.now(UTC).replace(tzinfo=None),  # rq-scheduler wants naive UTC
            PERFORM,
            args=[SWEEP],
            id=SWEEP,
            interval=self.sweep_interval,
            result_ttl=-1,
            description="sweep",
            at_front=True,  # a long queue must not delay what looks after it
        )

    def is_registered(self) -> bool:
        """For a moment that will come soon: a clock that was set back would wait for it for as long."""
        next_at = self.connection.zscore(self.scheduled_jobs_key, SWEEP)
        is_soon = next_at is not None and next_at <= time.time() + 2 * self.sweep_interval
        return is_soon and bool(self.connection.exists(Ring.key_for(SWEEP)))

    def _enqueue(self, entry: bytes) -> Job | None:
        try:
            job = self.job_class.fetch(entry.decode(), connection=self.connection)
            # One that still waits is enough: no row of sweeps after an hour without a worker.
            self.get_queue_for_job(job).remove(job)
            self.enqueue_job(job)
            return job
        except RedisError:
            raise
        except NoSuchJobError:
            self.cancel(entry)
        except Exception as error:  # whatever an entry holds, the others must go on
            log.error("clock.bad_entry", entry=repr(entry), error=repr(error))
            self.cancel(entry)
        return None

    def get_queue_for_job(self, job: Job) -> Any:
        return ring_queue(job.origin, self.connection)

    def acquire_lock(self) -> bool:
        """A lock that ends soon by itself when its holder is killed, and that only its holder removes."""
        self._lock_acquired = bool(
            self.connection.set(self.scheduler_lock_key, self.name, ex=max(2, self.sweep_interval), nx=True)
        )
        return self._lock_acquired

    def remove_lock(self) -> None:
        with suppress(RedisError):  # then it ends by itself
            if self._lock_acquired and self.connection.get(self.scheduler_lock_key) == self.name.encode():
                self.connection.delete(self.scheduler_lock_key)
        self._lock_acquired = False

    def register_death(self) -> None:
        with suppress(RedisError):
            super().register_death()


def main() -> None:
    settings = config.load()
    configure_logs(settings)
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: exit_cleanly())
    while True:
        connection = connect_redis(settings.redis_url, timeout=10)
        try:
            Clock(connection, settings.sweep_interval).run()
        except (RedisError, OSError) as error:
            log.warning("clock.redis_away", error=str(error))
            time.sleep(RECONNECT_AFTER)


def exit_cleanly() -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()

"""The worker process: python -m workers.worker QUEUE."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
from redis import RedisError
from rq import Queue, worker_registration
from rq.exceptions import StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.timeouts import HorseMonitorTimeoutException
from rq.worker import WorkerStatus

import config
from webapp import create_app
from webapp.database import db, utcnow
from webapp.extensions import connect_redis
from webapp.jobs.catalog import QUEUES
from webapp.jobs.doorbell import PlainSerializer, Ring, ring_queue
from workers import perform
from workers.horse import FORK_SECONDS, Horse, HorseWorker
from workers.interrupts import YOU_MUST_GO, TimeLimit
from workers.rehearsal import rehearse

log = structlog.get_logger(__name__)

RECONNECT_AFTER = 1.0  # seconds
DEAF_AFTER = 60.0  # seconds beyond its time limit after which a horse is killed: it does not hear the alarm
UNKNOWN = -1  # the exit code of a horse whose end RQ's alarm hid
WORKER_TTL = 30  # seconds; an idle worker shows itself in Redis after half of it


class GalleristWorker(HorseWorker):
    """Takes a ring off the queue and hands it to the horse that waits for it, which goes on with further ones.

    After SIGTERM, however often it comes, a running job gets some seconds and is then released.
    """

    job_class = Ring
    death_penalty_class = TimeLimit
    max_connection_wait_time = 2.0  # seconds; Redis may come back long before RQ's minute is over
    horse_knows = False  # that it must go
    waiting_horse: Horse | None = None

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True
        super().request_stop(signum, frame)

    def handle_warm_shutdown_request(self) -> None:
        """Tell the horse, and not its group as RQ does: in its first moment that is ours, and later its helpers'."""
        if self.horse_pid and not self.horse_knows:
            self.horse_knows = True
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, YOU_MUST_GO)

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        """A platform repeats SIGTERM; only a person at the keyboard means it when they press Ctrl-C twice."""
        if signum == signal.SIGINT:
            super().request_force_stop(signum, frame)

    def dequeue_job_and_maintain_ttl(self, *args: Any, **kwargs: Any) -> tuple[Job, Queue] | None:
        self.waiting_horse = self.waiting_horse or Horse(self.live_as_horse)
        return super().dequeue_job_and_maintain_ttl(*args, **kwargs)

    def execute_job(self, job: Job, queue: Queue) -> None:
        self.set_state(WorkerStatus.BUSY)
        self.fork_work_horse(job, queue)
        self.watch_horse(job.timeout or 0)
        self.set_state(WorkerStatus.IDLE)

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """It is forked already. RQ forgets a stop that comes before it knows its horse."""
        assert self.waiting_horse is not None
        horse, self.waiting_horse = self.waiting_horse, None
        self._horse_pid = horse.pid
        horse.go(job.id)
        if self.stopping:
            self.handle_warm_shutdown_request()

    def watch_horse(self, time_limit: float) -> None:
        """Like RQ's `monitor_work_horse`, for a horse that goes from ring to ring."""
        started = time.monotonic()
        while (exit_code := self._exit_code_by_now()) is None:
            self.heartbeat()
            for job, execution in self.at_work():
                time_limit = max(time_limit, job.timeout or 0)
                self.maintain_heartbeats(job, execution)
            if time.monotonic() - started > FORK_SECONDS + time_limit + DEAF_AFTER:
                self.kill_horse()
        self._horse_pid = 0
        if exit_code != os.EX_OK:
            self.bury_horse(exit_code)

    def _exit_code_by_now(self) -> int | None:
        """Of the horse, negative for a signal; None while it is at work."""
        try:
            with self.death_penalty_class(self.job_monitoring_interval, HorseMonitorTimeoutException):
                status = self.wait_for_horse()[1]
        except HorseMonitorTimeoutException:
            return None
        return UNKNOWN if status is None else os.waitstatus_to_exitcode(status)

    def at_work(self) -> list[tuple[Job, Execution]]:
        """What the horse is at. Only Redis knows, and it may have lost everything."""
        found = self.get_current_executions(refresh=True)
        self.executions = {execution.id: execution for execution in found}
        jobs = self.job_class.fetch_many([execution.job_id for execution in found], self.connection, self.serializer)
        return [(job, execution) for job, execution in zip(jobs, found, strict=True) if job]

    def bury_horse(self, exit_code: int) -> None:
        """It died; RQ must not go on to show as running what it left."""
        for job, execution in self.at_work():
            log.warning("worker.horse_died", ring=job.id, exit_code=exit_code)
            job.ended_at = utcnow()
            if self._stopped_job_id == job.id:
                self._handle_stopped_job(job, self.queues[0], execution)
            else:
                words = f"The horse died ({exit_code})."
                self.handle_job_failure(job, self.queues[0], exc_string=words, execution=execution)

    def handle_payload(self, message: Any) -> None:
        """RQ's commands to stop a job are about the one that the horse is at now."""
        self.at_work()
        super().handle_payload(message)

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        if self.stopping and not self.is_horse and self.get_state() != WorkerStatus.BUSY:
            raise StopRequested  # again: what the signal raised may have been lost in somebody's `except Exception`
        super().heartbeat(*args, **kwargs)
        if not self.is_horse and not self.connection.sismember(self.redis_workers_keys, self.key):
            self._register_again()

    def teardown(self) -> None:
        if self.waiting_horse:
            self.waiting_horse.let_go()
        try:
            super().teardown()
        finally:
            if self.pubsub_thread:
                self.pubsub_thread.stop()  # RQ leaves it behind, one for each time that Redis goes away

    def _register_again(self) -> None:
        """Redis lost everything; without this nobody would see the worker any more."""
        with self.connection.pipeline() as pipeline:
            pipeline.hset(self.key, mapping=self.serialize())
            worker_registration.register(self, pipeline)
            pipeline.expire(self.key, self.worker_ttl + 60)
            pipeline.execute()


def main() -> None:
    parser = argparse.ArgumentParser(description="Work off one queue.")
    parser.add_argument("queue", choices=QUEUES, help="one queue a process: so a kill loses no ring")
    queue = parser.parse_args().queue
    app = create_app(config.for_worker(config.load()))
    perform.use(app)
    rehearse()  # what is compiled here, no horse has to compile
    with app.app_context():
        db.engine.dispose()
    let_the_web_go_first(app.config["SETTINGS"].worker_niceness)
    gc.freeze()  # a horse's garbage collector need not copy what it shares with us
    settings = app.config["SETTINGS"]
    GalleristWorker.imminent_shutdown_delay = settings.shutdown_grace
    work_until_stopped(queue, settings.redis_url)


def let_the_web_go_first(niceness: int) -> None:
    """On a machine that it shares with us, an answer must not wait until a picture is scaled."""
    if not niceness:
        return
    os.nice(niceness)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # Linux shares its processors among sessions first, and so has a niceness for each
            Path("/proc/self/autogroup").write_text(str(niceness))


def work_until_stopped(queue: str, redis_url: str) -> None:
    """Work on through every outage of Redis, until SIGTERM or SIGINT."""
    exit_on_signals()
    stopped = False
    while not stopped:
        try:
            worker = new_worker(queue, redis_url)
            stopped = work(worker)
        except RedisError as error:
            log.warning("worker.redis_away", queue=queue, error=str(error))
        if not stopped:
            time.sleep(RECONNECT_AFTER)
            _reap_orphaned_horses()


def exit_on_signals() -> None:
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, _exit)


def new_worker(queue: str, redis_url: str) -> GalleristWorker:
    connection = connect_redis(redis_url, timeout=None)
    queues = [ring_queue(queue, connection)]
    return GalleristWorker(queues, connection=connection, serializer=PlainSerializer, worker_ttl=WORKER_TTL)


def work(worker: GalleristWorker) -> bool:
    """Work until told to stop (True), or until something broke (False)."""
    try:
        worker.work(logging_level="WARNING")
    except RedisError as error:
        log.warning("worker.redis_away", queue=worker.queue_names()[0], error=str(error))
    except SystemExit:  # told to stop while it was just starting
        with suppress(RedisError):
            worker.register_death()
        raise
    finally:
        exit_on_signals()  # at once: RQ's handlers tell a worker that has ended
    return worker.stopping


def _exit(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _reap_orphaned_horses() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    main()

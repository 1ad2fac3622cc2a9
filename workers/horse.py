"""The process that does the jobs. It is forked before there is one, so that no job waits for a fork or a connection."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

import structlog
from redis import RedisError
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.registry import StartedJobRegistry
from rq.worker import HerokuWorker

from webapp.database import db, utcnow
from webapp.jobs.catalog import QUEUES
from workers import perform
from workers.interrupts import SHUTDOWN_SIGNALS, YOU_MUST_GO, ShuttingDown
from workers.rehearsal import rehearse

log = structlog.get_logger(__name__)

FORK_SECONDS = 5.0  # for so long a horse takes further rings; when its parent looks (30 s), it is at its last one

WaitForRing = Callable[[], str]


class Horse:
    """A forked process that waits for its first ring. It ends when its parent does, or lets go of it."""

    def __init__(self, live: Callable[[WaitForRing], None]) -> None:
        """Fork. `live` is given a function that waits for the ring's id, which is empty when there will be none."""
        reading, self._writing = os.pipe()
        signal.pthread_sigmask(signal.SIG_BLOCK, SHUTDOWN_SIGNALS)  # one that reaches a newborn horse would kill it
        try:
            self.pid = os.fork()
            if self.pid == 0:
                os.close(self._writing)
                _live_and_die(live, reading)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SHUTDOWN_SIGNALS)
        os.close(reading)
        with suppress(OSError):  # the horse did it first, or is gone
            os.setpgid(self.pid, self.pid)

    def go(self, ring_id: str) -> None:
        """Begin. When the horse is gone, whoever waits for its end learns it."""
        with suppress(BrokenPipeError):
            os.write(self._writing, ring_id.encode())
        os.close(self._writing)

    def let_go(self) -> None:
        """It has not begun, so nothing is lost."""
        os.close(self._writing)
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


def _live_and_die(live: Callable[[WaitForRing], None], reading: int) -> NoReturn:
    status = 1
    try:
        os.setpgrp()
        with os.fdopen(reading, "rb") as pipe:
            live(lambda: pipe.read().decode())
        status = os.EX_OK
    except RedisError as error:
        log.warning("horse.redis_away", error=str(error))
    except Exception:
        log.exception("horse.broke")
    finally:
        os._exit(status)


class HorseWorker(HerokuWorker):
    """What a worker does in its horse: one ring after the other, each with RQ's own bookkeeping."""

    stopping = False

    def live_as_horse(self, wait_for_ring: WaitForRing) -> None:
        self._is_horse = True
        self.get_ready()
        if ring_id := wait_for_ring():
            self.work_off(ring_id, self.queues[0])

    def get_ready(self) -> None:
        random.seed()
        self.setup_work_horse_signals()
        self.procline("Waiting for a job")
        with perform.app().app_context():
            db.engine.dispose(close=False)  # the parent's connections are its own
        rehearse()
        with suppress(RedisError):  # it may be back when there is a ring
            self.connection.ping()

    def setup_work_horse_signals(self) -> None:
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, signal.SIG_IGN)
        signal.signal(YOU_MUST_GO, self.begin_grace)

    def begin_grace(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True
        if self.imminent_shutdown_delay <= 0:
            self.end_grace(signum, frame)
        signal.signal(signal.SIGALRM, self.end_grace)
        signal.alarm(self.imminent_shutdown_delay)

    def end_grace(self, signum: int, frame: FrameType | None) -> NoReturn:
        raise ShuttingDown

    def work_off(self, ring_id: str, queue: Queue) -> None:
        """This ring, and then those that wait in the queue. A stop that comes in between finds no ring begun."""
        until = time.monotonic() + FORK_SECONDS
        job = self.first_ring(ring_id)
        while job:
            self.perform_job(job, queue, self.prepare_execution(job))
            job = self.next_ring(queue) if time.monotonic() < until and self.may_go_on(queue) else None

    def first_ring(self, ring_id: str) -> Job | None:
        try:
            return self.job_class.fetch(ring_id, self.connection, self.serializer)
        except NoSuchJobError:  # Redis has lost it since
            return None

    def handle_execution_ended(self, job: Job, queue: Queue, heartbeat_ttl: int) -> None:
        """Without RQ's heartbeat: what it writes next says more."""
        job.ended_at = utcnow()

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: StartedJobRegistry | None = None,
        exc_string: str = "",
        execution: Execution | None = None,
    ) -> None:
        """RQ blames the ring that was answered; a more pressing job that was done in its place has one of its own."""
        error = sys.exc_info()[1]
        if execution and isinstance(error, perform.JobFailed) and error.rq_id != job.id:
            self.blame(error.rq_id, queue, exc_string)
            self.handle_job_success(job, queue, queue.started_job_registry, execution)
        else:
            super().handle_job_failure(job, queue, started_job_registry, exc_string, execution)

    def blame(self, ring_id: str, queue: Queue, words: str) -> None:
        """And nobody need look at it any more."""
        ring = self.first_ring(ring_id)
        if ring is None:
            return
        with self.connection.pipeline() as pipeline:
            pipeline.lrem(queue.key, 0, ring_id)
            ring.set_status(JobStatus.FAILED, pipeline=pipeline)
            ring._handle_failure(words, pipeline=pipeline, worker_name=self.name)
            pipeline.execute()

    def may_go_on(self, queue: Queue) -> bool:
        told_to_go = self.stopping or YOU_MUST_GO in signal.sigpending()
        orphan = os.getppid() != self.pid
        return not (QUEUES[queue.name].isolated or told_to_go or orphan)

    def next_ring(self, queue: Queue) -> Job | None:
        found = self.queue_class.dequeue_any([queue], None, self.connection, self.job_class, self.serializer)
        return found[0] if found else None

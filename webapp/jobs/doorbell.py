"""Rows → RQ, after commit. The only caller of RQ's enqueue.

A ring says "there is a row to look at" and nothing more, so a lost, doubled or late one costs time and no work.
"""

from __future__ import annotations

import pickle
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from operator import attrgetter
from typing import Any

import structlog
from flask import Response, after_this_request, current_app, has_request_context
from redis import Redis, RedisError, ResponseError
from redis.client import Pipeline
from rq import Queue
from rq.exceptions import NoSuchJobError, StopRequested
from rq.job import Job as RqJob

from webapp.database import ON_COMMIT, db, on_commit
from webapp.extensions import redis_client
from webapp.jobs.catalog import CATALOG, QUEUES
from webapp.jobs.job import Job, rq_id

log = structlog.get_logger(__name__)

PERFORM = "workers.perform.perform"  # the one function that RQ may call
TO_RING = "gallerist_to_ring"
RESULT_TTL = 3600  # seconds that RQ shows a finished ring; the row keeps the history
PLAIN_SUBJECT = re.compile(r"[a-z]+:[0-9]+")  # RQ Dashboard shows a description as if it were HTML
PAUSE_AFTER_FAILURE = 2.0  # seconds; with Redis away, not every upload should wait for the time limit
# What is read of a message. The rest of what RQ knows could make it import and call code or open a web address.
FIELDS = {
    b"data", b"meta", b"origin", b"status", b"description", b"timeout", b"result_ttl", b"failure_ttl", b"ttl",
    b"created_at", b"enqueued_at", b"started_at", b"ended_at", b"last_heartbeat", b"worker_name", b"exc_info",
    b"enqueue_at_front",
}  # fmt: skip


class ForbiddenFunction(Exception):
    """Somebody planted a message in Redis that asks for another function than ours."""


class PlainSerializer:
    """RQ's own format, but reading it creates nothing except plain values, whoever wrote it."""

    @staticmethod
    def dumps(value: Any) -> bytes:
        return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)

    @staticmethod
    def loads(data: bytes) -> Any:
        return _PlainUnpickler(BytesIO(data)).load()


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise ForbiddenFunction(f"A message in Redis asks to load {module}.{name}")


class Ring(RqJob):
    """An RQ job that can only call `perform`, whatever its message in Redis says."""

    def __init__(self, id: str | None = None, connection: Redis | None = None, serializer: Any = None) -> None:
        super().__init__(id, connection, PlainSerializer)  # rq-scheduler asks for none, which would mean any pickle

    def refresh(self) -> None:
        try:
            super().refresh()
        except ResponseError as error:  # the key holds something else than a message
            raise self._unreadable(error) from error

    def restore(self, raw_data: dict[bytes, bytes]) -> None:
        try:
            super().restore({field: value for field, value in raw_data.items() if field in FIELDS})
        except (NoSuchJobError, StopRequested):  # a worker that is told to stop is told by an exception, anywhere
            raise
        except Exception as error:  # whatever is wrong with one message, the worker must go on to the next
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> NoSuchJobError:
        log.error("doorbell.unreadable_message", ring=self.id, error=repr(error))
        return NoSuchJobError(f"The message of {self.id} can't be read")

    def perform(self) -> Any:
        if self.func_name != PERFORM:
            raise ForbiddenFunction(f"A message in Redis asks to call {self.func_name}")
        return super().perform()


def ring_queue(name: str, connection: Redis) -> Queue:
    return Queue(name, connection=connection, job_class=Ring, serializer=PlainSerializer)


def ring_on_commit(bell: Bell) -> None:
    """Ring it once the running transaction is committed; in a request, once its answer is sent, too."""
    info = db.session.info
    if _ring_committed not in info.get(ON_COMMIT, ()):
        info[TO_RING] = []  # forgets those of a transaction that was rolled back
    info[TO_RING].append(bell)
    on_commit(_ring_committed)


def _ring_committed() -> None:
    bells = db.session.info.pop(TO_RING)
    if has_request_context():
        after_this_request(partial(_ring_after, bells))
    else:
        ring(bells)


def _ring_after(bells: list[Bell], response: Response) -> Response:
    """Nobody waits for Redis. If the process dies in between, the next sweep rings."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def ring_now() -> None:
        with app.app_context():
            ring(bells)

    response.call_on_close(ring_now)
    return response


def ring(bells: Iterable[Bell]) -> bool:
    """Ring each; False when Redis is away. Then the next sweep rings for the rows."""
    state = current_app.extensions.setdefault("gallerist_doorbell", {"quiet_until": 0.0})
    if time.monotonic() < state["quiet_until"]:
        return False
    try:
        unheard = _unheard(bells)
        with redis_client().pipeline() as pipeline:
            pipeline.multi()
            for bell in sorted(unheard, key=attrgetter("gives_way")):  # or what waits for it begins later
                bell.ring(redis_client(), pipeline)
            pipeline.execute()
    except (RedisError, OSError) as error:
        state["quiet_until"] = time.monotonic() + PAUSE_AFTER_FAILURE
        log.warning("doorbell.redis_away", error=str(error))
        return False
    return True


def _unheard(bells: Iterable[Bell]) -> list[Bell]:
    """Without what lies in Redis already: workers would look at each, and those at the front hold up all others."""
    bells = list(bells)
    heard = _heard([bell for bell in bells if bell.may_wait])
    return [bell for bell in bells if not (bell.may_wait and bell.rq_id in heard)]


def _heard(bells: list[Bell]) -> set[str]:
    """The ids of those that lie in Redis, and of others. For one alone Redis looks: a queue may hold 100,000."""
    if len(bells) != 1:
        return set().union(*(waiting_rq_ids(queue) for queue in {bell.queue for bell in bells}))
    (bell,) = bells
    position = ring_queue(bell.queue, redis_client()).get_job_position(bell.rq_id)
    return set() if position is None else {bell.rq_id}


@dataclass(frozen=True)
class Bell:
    """What RQ and its dashboard get to know of a row: nothing that a person wrote."""

    job_id: int
    rq_id: str
    queue: str
    description: str
    timeout: int | None  # seconds
    at_front: bool
    gives_way: bool
    may_wait: bool = False  # in Redis, since an earlier ring

    @classmethod
    def of(cls, job: Job) -> Bell:
        return cls.for_row(job.slug, job.id, job.queue, job.priority, job.subject)

    @classmethod
    def for_row(cls, slug: str, job_id: int, queue: str, priority: int, subject: str | None) -> Bell:
        """Of a row that is not loaded."""
        about = f" for {subject}" if PLAIN_SUBJECT.fullmatch(subject or "") else ""
        work = CATALOG.get(slug)
        order = QUEUES[queue].order if queue in QUEUES else "fifo"
        return cls(
            job_id=job_id,
            rq_id=rq_id(slug, job_id),
            queue=queue,
            description=f"{slug}{about} (job {job_id})",
            timeout=work.timeout if work else None,
            at_front=goes_to_front(queue, priority),
            # What comes behind it in the list may still be more pressing: whoever answers this ring must look.
            gives_way=order == "priority" and priority < 0,
        )

    def ring(self, connection: Redis, pipeline: Pipeline) -> None:
        queue = ring_queue(self.queue, connection)
        # What is no longer true: that it failed, or that a worker which has died is about to begin it.
        queue.failed_job_registry.remove(self.rq_id, pipeline)
        pipeline.lrem(queue.intermediate_queue_key, 0, self.rq_id)
        queue.enqueue_call(
            PERFORM,
            args=(self.job_id, True) if self.gives_way else (self.job_id,),
            job_id=self.rq_id,
            description=self.description,
            timeout=self.timeout or current_app.config["SETTINGS"].job_timeout,
            result_ttl=RESULT_TTL,
            at_front=self.at_front,
            pipeline=pipeline,
        )


def goes_to_front(queue: str, priority: int) -> bool:
    """A list in Redis knows two ends; this is as near as it comes to the order of the queue."""
    order = QUEUES[queue].order if queue in QUEUES else "fifo"
    return order == "lifo" or (order == "priority" and priority > 0)


def waiting_rq_ids(queue: str) -> set[str]:
    """The ids of all rings that lie in this queue in Redis."""
    return set(ring_queue(queue, redis_client()).job_ids)

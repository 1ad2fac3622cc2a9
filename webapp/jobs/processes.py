"""The worker processes and the next sweep, as Redis knows them.

Read directly: RQ's own Worker objects set the time limit of the connection they are given to minutes, and a page
must not wait that long for Redis.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import RedisError
from rq import Worker
from rq.executions import WORKER_EXECUTIONS_KEY_TEMPLATE
from rq.utils import utcparse
from rq_scheduler import Scheduler

from webapp.database import utcnow
from webapp.extensions import redis_client

SWEEP = "sweep"  # the id of its registration and of its rings
SILENT_AFTER = timedelta(seconds=60)  # an idle worker shows itself each 15 seconds, a busy one each 30
DEAD_AFTER = timedelta(minutes=2)  # a worker that lives has said so since, whatever it does
STATES = {"busy": "working", "idle": "waiting for work", "started": "starting", "suspended": "suspended"}
PREFIX = Worker.redis_worker_namespace_prefix


@dataclass(frozen=True)
class WorkerProcess:
    name: str
    queues: tuple[str, ...]
    state: str
    heartbeat_at: datetime | None
    born_at: datetime | None
    ring: str | None  # the id of what it does, such as "makeRenditions-42"

    @property
    def job_id(self) -> int | None:
        number = (self.ring or "").rpartition("-")[2]
        return int(number) if number.isdecimal() and len(number) < 19 else None

    @property
    def sweeps(self) -> bool:
        return self.ring == SWEEP

    @property
    def silent(self) -> bool:
        return self.heartbeat_at is None or utcnow() - self.heartbeat_at > SILENT_AFTER

    @property
    def lives(self) -> bool:
        return self.heartbeat_at is not None and utcnow() - self.heartbeat_at < DEAD_AFTER


@dataclass(frozen=True)
class InRedis:
    workers: list[WorkerProcess]
    next_sweep: datetime | None  # None: no clock has planned one


def look() -> InRedis | None:
    """None when Redis does not answer. Two round trips, whatever the number of workers."""
    try:
        connection = redis_client()
        names = sorted(text(key).removeprefix(PREFIX) for key in connection.smembers(Worker.redis_workers_keys))
        with connection.pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.hgetall(PREFIX + name)
                pipeline.smembers(WORKER_EXECUTIONS_KEY_TEMPLATE.format(name))
            pipeline.zscore(Scheduler.scheduled_jobs_key, SWEEP)
            *answers, score = pipeline.execute()
    except (RedisError, OSError):
        return None
    pairs = zip(names, answers[::2], answers[1::2], strict=True)
    workers = [worker(name, facts, doing) for name, facts, doing in pairs if facts]
    return InRedis(workers, datetime.fromtimestamp(score, UTC) if score else None)


def worker(name: str, facts: dict[bytes, bytes], doing: set[bytes]) -> WorkerProcess:
    state = text(facts.get(b"state", b""))
    rings = sorted(text(execution).rpartition(":")[0] for execution in doing)
    return WorkerProcess(
        name=name,
        queues=tuple(text(facts.get(b"queues", b"")).split(",")),
        state=STATES.get(state, state or "unknown"),
        heartbeat_at=moment(facts.get(b"last_heartbeat")),
        born_at=moment(facts.get(b"birth")),
        ring=rings[0] if rings else None,
    )


def text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def moment(value: bytes | None) -> datetime | None:
    try:
        return utcparse(text(value)).astimezone(UTC) if value else None
    except ValueError:  # Redis holds whatever somebody wrote there
        return None

"""Does the background work? Each question answered from the rows and Redis, with what to do in words."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from flask import current_app
from redis import RedisError, ResponseError
from sqlalchemy import ColumnElement, SQLColumnExpression, func, select

from webapp.database import db, utcnow
from webapp.extensions import redis_client
from webapp.findings import Finding, check_part
from webapp.jobs import health
from webapp.jobs.catalog import CATALOG, QUEUES
from webapp.jobs.job import Job
from webapp.jobs.keys import due_since, is_due, is_free, is_open
from webapp.jobs.pausing import paused
from webapp.jobs.states import FAILED, QUEUED, RUNNING

OVERDUE = timedelta(minutes=10)
A_DAY = timedelta(days=1)
SLUG = func.coalesce(Job.task_slug, Job.workflow_slug)


def check() -> list[Finding]:
    return [check_part("redis", redis), check_part("clock", clock), *check_jobs()]


def check_jobs() -> list[Finding]:
    readable = check_part("jobs", rows)
    staffed = [check_part("workers", partial(workers, queue)) for queue in QUEUES]
    return [*staffed, *(check_rows() if readable.ok else [readable])]


def check_rows() -> list[Finding]:
    return [
        *(check_part("queues", partial(paused_queue, queue)) for queue in QUEUES),
        check_part("stuck", stuck),
        check_part("overdue", overdue),
        check_part("failed", failed),
        check_part("unknown", unknown),
    ]


def redis() -> str | None:
    if trouble := health.redis_trouble():
        return trouble
    try:
        policy = redis_client().config_get("maxmemory-policy").get("maxmemory-policy", "noeviction")
    except ResponseError:  # a hosted Redis does not say
        return None
    except (RedisError, OSError):
        return "Redis stopped answering just now. Try again."
    if policy == "noeviction":
        return None
    return f"Redis may throw rings away when it is full ({policy}). Set maxmemory-policy to noeviction."


def clock() -> str | None:
    if not health.sweep_is_late():
        return None
    state = health.last_sweep()
    if state is None or state.completed_at is None:
        return "No sweep has ever run. Start the clock process, and a worker for the queue “default”."
    return f"The last sweep ended {state.completed_at:%Y-%m-%d %H:%M} UTC. Start the clock process and a worker."


def workers(queue: str) -> str | None:
    found = health.workers()
    if found is None:
        return f"Queue “{queue}”: can't be told, because Redis does not answer."
    if health.is_staffed(queue, found):
        return None
    return f"Nobody works on the queue “{queue}”. Start a worker: python -m workers.worker {queue}"


def rows() -> str | None:
    db.session.execute(select(Job).limit(1))
    return None


def paused_queue(queue: str) -> str | None:
    state = paused().get(queue)
    if state is None:
        return None
    since, waiting = f"{state.paused_at:%Y-%m-%d %H:%M} UTC", _count(Job.queue == queue, Job.status == QUEUED)
    return (
        f"The queue “{queue}” is paused since {since}; {_jobs(waiting)} in it. Let it go on: flask jobs resume {queue}"
    )


def stuck() -> str | None:
    """Held by workers that died, for so long that a sweep should have rescued them."""
    patience = timedelta(seconds=health.SWEEPS_MISSED * current_app.config["SETTINGS"].sweep_interval)
    count = _count(Job.status == RUNNING, Job.lease_until < utcnow() - patience)
    if not count:
        return None
    return f"{_jobs(count)} still held by a worker that is gone. Start the clock process, or now: flask jobs sweep"


def overdue() -> str | None:
    now = utcnow()
    late = (is_due(Job, now), is_open(Job), due_since(Job) < now - OVERDUE, is_free(now))
    count = _count(*late)
    if not count:
        return None
    minutes = OVERDUE.seconds // 60
    return f"{_jobs(count)} due for over {minutes} minutes. Start more workers, or now: flask jobs run --all-queues"


def failed() -> str | None:
    lately = (Job.status == FAILED, Job.completed_at > utcnow() - A_DAY)
    found = _by(SLUG, *lately)
    if not found:
        return None
    return (
        f"Failed in the last day: {_listed(found)}. Look: flask jobs list --status failed. "
        "Try again: flask jobs retry --where status=failed"
    )


def unknown() -> str | None:
    """Jobs that wait for a task, workflow or queue that this program does not have."""
    waiting = Job.status.in_((QUEUED, RUNNING))
    slugs = _by(SLUG, waiting, SLUG.not_in(CATALOG))
    queues = _by(Job.queue, waiting, Job.queue.not_in(QUEUES))
    named = [("slug", "task or workflow", slugs), ("queue", "queue", queues)]
    return " ".join(_missing(name, kind, found) for name, kind, found in named if found) or None


def _missing(name: str, kind: str, found: dict[str, int]) -> str:
    cancel = f"flask jobs cancel --where {name}={next(iter(found))}"
    return f"Jobs wait for a {kind} that is not in this program: {_listed(found)}. Cancel them: {cancel}"


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(Job).where(*conditions)) or 0


def _by(what: SQLColumnExpression[str], *conditions: ColumnElement[bool]) -> dict[str, int]:
    rows = db.session.execute(select(what, func.count()).where(*conditions).group_by(what).order_by(what))
    return dict(rows.all())


def _jobs(count: int) -> str:
    return "1 job is" if count == 1 else f"{count:,} jobs are"


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} ({count:,})" for name, count in counts.items())

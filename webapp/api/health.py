"""/healthz, /readyz and /metrics: for load balancers and monitors. They say nothing about content."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from webapp import doctor
from webapp.api.fields import Answer
from webapp.api.http import Contract, endpoint
from webapp.counters import COUNTERS
from webapp.database import utcnow
from webapp.findings import check_part
from webapp.jobs import doctor as jobs
from webapp.jobs import health
from webapp.jobs.catalog import QUEUES
from webapp.jobs.statistics import count_errors, took_of
from webapp.security import PUBLIC, access
from webapp.storage import StorageError

blueprint = Blueprint("health", __name__)

PARTS = {
    "database": doctor.database,
    "migrations": doctor.migrations,
    "redis": jobs.redis,
    "storage": doctor.files,
    "clock": jobs.clock,
}
SYNC = "syncMediaToGalleries"
LATELY = timedelta(hours=1)
NEEDED = {"database", "migrations", "storage"}  # without the others uploads succeed, and the rest is done later


State = Literal["ready", "degraded", "unavailable"]


class Alive(Answer):
    status: Literal["alive"] = "alive"


class PartAnswer(Answer):
    ok: bool
    words: str


class Ready(Answer):
    """Degraded: uploads succeed, and the background catches up later."""

    status: State
    parts: dict[str, PartAnswer]


@blueprint.get("/healthz")
@access(PUBLIC)
@endpoint(Contract("Whether the web process is alive", answers={200: Alive}))
def alive() -> Alive:
    return Alive()


@blueprint.get("/readyz")
@access(PUBLIC)
@endpoint(Contract("How database, migrations, Redis, storage and clock are", answers={200: Ready, 503: Ready}))
def ready() -> tuple[Ready, int]:
    findings = [check_part(part, look) for part, look in PARTS.items()]
    wrong = {finding.part for finding in findings if not finding.ok}
    status: State = "unavailable" if wrong & NEEDED else "degraded" if wrong else "ready"
    parts = {finding.part: PartAnswer(ok=finding.ok, words=finding.words) for finding in findings}
    return Ready(status=status, parts=parts), 503 if wrong & NEEDED else 200


@blueprint.get("/metrics")
@access(PUBLIC)
@endpoint(Contract("Figures for Prometheus", answers={}, is_text=True))
def metrics() -> Response:
    registry = CollectorRegistry()
    registry.register(JobCollector())
    return Response(generate_latest(COUNTERS) + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class JobCollector(Collector):
    """Read from the database at each scrape, so every web process says the same."""

    def describe(self) -> list[Metric]:
        return []  # or else registering it would collect once in vain

    def collect(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("gallerist_jobs", "Jobs by queue and status.", labels=["queue", "status"])
        for labels, count in health.counts_by_queue().items():
            jobs.add_metric(labels, count)
        yield jobs
        yield from queue_metrics()
        yield from sweep_metrics()
        yield from sync_metrics()
        yield from storage_metrics()
        yield from worker_metrics()


def queue_metrics() -> Iterator[Metric]:
    waits = GaugeMetricFamily(
        "gallerist_jobs_oldest_wait_seconds", "How long the oldest due job waits.", labels=["queue"]
    )
    pauses = GaugeMetricFamily("gallerist_queue_paused", "1 when the queue is paused.", labels=["queue"])
    for state in health.queues():
        waits.add_metric([state.queue.name], (state.oldest_wait or timedelta()).total_seconds())
        pauses.add_metric([state.queue.name], int(state.paused is not None))
    yield waits
    yield pauses


def seconds(name: str, words: str, length: timedelta) -> Metric:
    return GaugeMetricFamily(name, words, value=length.total_seconds())


def sweep_metrics() -> Iterator[Metric]:
    """Nothing before the first sweep: an age that there is not must not look like a young one."""
    state = health.last_sweep()
    if state and state.completed_at:
        age = utcnow() - state.completed_at
        yield seconds("gallerist_last_sweep_age_seconds", "Seconds since the last sweep ended.", age)


def sync_metrics() -> Iterator[Metric]:
    """Of the last hour: how many, and from the claim to the commit the average and the longest."""
    found = took_of(SYNC, LATELY)
    yield GaugeMetricFamily("gallerist_syncs_last_hour", "Pictures synced in the last hour.", value=found.number)
    if found.number:
        yield seconds("gallerist_sync_average_seconds", "Of a sync in the last hour.", found.average)
        yield seconds("gallerist_sync_longest_seconds", "Of a sync in the last hour.", found.longest)


def storage_metrics() -> Iterator[Metric]:
    words = "Jobs that wait for another try, or failed, because files could not be kept or read."
    yield GaugeMetricFamily("gallerist_jobs_storage_errors", words, value=count_errors(StorageError.__name__))


def worker_metrics() -> Iterator[Metric]:
    found = health.workers()
    takes_rings = found is not None and health.redis_trouble() is None
    yield GaugeMetricFamily("gallerist_redis_up", "1 when Redis takes rings.", value=int(takes_rings))
    if found is not None:
        workers = GaugeMetricFamily("gallerist_workers", "Worker processes by queue.", labels=["queue"])
        for queue in QUEUES:
            workers.add_metric([queue], sum(queue in worker.queues for worker in found))
        yield workers

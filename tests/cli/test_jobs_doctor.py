"""flask jobs doctor: paused queues, jobs that are stuck, overdue, failed or unknown, each with what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from redis import Redis
from rq import Worker

from tests.conftest import both_databases
from tests.support.rows import age, change, claimed
from webapp import create_app
from webapp.database import utcnow
from webapp.jobs import Job, doctor, pause, queue
from webapp.jobs.catalog import QUEUES
from webapp.jobs.sweep import sweep

pytestmark = both_databases


@pytest.fixture
def healthy(in_app: Flask, own_redis: Redis):
    workers = [Worker([name], connection=own_redis) for name in QUEUES]
    for worker in workers:
        worker.register_birth()
    sweep()


@pytest.fixture
def job(healthy) -> Job:
    return queue("makeRenditions", {"mediaId": 1})


def wrong() -> dict[str, str]:
    return {finding.part: finding.words for finding in doctor.check() if not finding.ok}


def test_nothing_is_wrong_with_jobs_that_wait_run_and_end(app, healthy):
    queue("makeRenditions", {"mediaId": 1})
    claimed(queue("makeRenditions", {"mediaId": 1}))
    queue("makeRenditions", {"mediaId": 1}, wait_until=utcnow() + timedelta(days=9))
    change(queue("makeRenditions", {"mediaId": 1}), status="failed", completed_at=utcnow() - timedelta(days=2))
    answer = app.test_cli_runner().invoke(args=["jobs", "doctor"])
    assert (answer.exit_code, "WRONG" in answer.output) == (0, False), answer.output


def test_a_paused_queue_is_told_with_what_waits(app, job):
    pause("images")
    age(job, days=1)
    answer = app.test_cli_runner().invoke(args=["jobs", "doctor"])
    assert answer.exit_code == 1
    assert "“images” is paused since" in answer.output and "1 job is in it" in answer.output
    assert "flask jobs resume images" in answer.output
    assert set(wrong()) == {"queues"}  # what it holds up is not overdue


def test_a_job_whose_worker_is_gone_for_long_is_told(job):
    claimed(job)
    change(job, lease_until=utcnow() - timedelta(seconds=10))
    assert wrong() == {}  # the next sweep will see to it
    change(job, lease_until=utcnow() - timedelta(hours=1))
    assert set(wrong()) == {"stuck"} and "flask jobs sweep" in wrong()["stuck"]


def test_jobs_that_nobody_takes_are_told(job):
    age(job, minutes=5)
    assert wrong() == {}
    age(job, minutes=15)
    assert set(wrong()) == {"overdue"}
    assert "1 job is due for over 10 minutes" in wrong()["overdue"]
    change(job, wait_until=utcnow() + timedelta(minutes=1))
    assert wrong() == {}


def test_jobs_that_failed_lately_are_told_by_task(job):
    for failed in (job, queue("makeRenditions", {"mediaId": 2}), queue("syncMediaToGalleries", {"mediaId": 2})):
        change(failed, status="failed", completed_at=utcnow() - timedelta(hours=3))
    assert set(wrong()) == {"failed"}
    assert "makeRenditions (2), syncMediaToGalleries (1)" in wrong()["failed"]


def test_jobs_that_wait_for_what_there_is_not_are_told(job):
    change(job, task_slug=None, workflow_slug="gone")
    change(queue("makeRenditions", {"mediaId": 1}), queue="closed")
    found = wrong()["unknown"]
    assert "gone (1)" in found and "--where slug=gone" in found
    assert "closed (1)" in found and "--where queue=closed" in found
    change(job, status="cancelled")
    assert "gone" not in wrong()["unknown"]


def test_without_redis_it_says_so(settings):
    away = create_app(settings.model_copy(update={"redis_url": "redis://127.0.0.1:1"}))
    answer: FlaskCliRunner = away.test_cli_runner().invoke(args=["jobs", "doctor"])
    assert answer.exit_code == 1
    assert "REDIS_URL" in answer.output

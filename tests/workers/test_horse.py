"""What RQ, and so its dashboard, is told of a ring that was answered by doing another job."""

from __future__ import annotations

import pytest
from redis import Redis

from tests.support.rows import fresh
from webapp.jobs import Job, queue
from webapp.jobs.doorbell import PlainSerializer, Ring, ring_queue
from workers import perform
from workers.horse import HorseWorker
from workers.running import FailedForGood
from workers.tasks import HANDLERS


@pytest.fixture
def answer(in_app, own_redis: Redis):
    """Answer the ring of this job as a horse does."""
    perform.use(in_app)
    rings = ring_queue("images", own_redis)
    horse = HorseWorker([rings], connection=own_redis, job_class=Ring, serializer=PlainSerializer)
    horse.register_birth()

    def answer(job: Job) -> None:
        rings.remove(job.rq_id)
        horse.work_off(job.rq_id, rings)

    return answer


def test_what_fails_in_the_place_of_another_is_the_one_that_failed(answer, own_redis, monkeypatch):
    def fail(_job):
        raise FailedForGood("It broke.")

    monkeypatch.setitem(HANDLERS, "makeRenditions", fail)
    patient = queue("makeAvifRenditions", {"mediaId": 1})
    pressing = queue("makeRenditions", {"mediaId": 1})
    answer(patient)
    assert (fresh(patient).status, fresh(pressing).status) == ("queued", "failed")
    rings = ring_queue("images", own_redis)
    assert (rings.failed_job_registry.get_job_ids(), rings.job_ids) == ([pressing.rq_id], [patient.rq_id])
    ring = Ring.fetch(pressing.rq_id, own_redis)
    assert ring.is_failed
    assert f"/admin/jobs/{pressing.id}" in ring.latest_result().exc_string
    answer(patient)
    assert rings.failed_job_registry.get_job_ids() == [pressing.rq_id]
    assert Ring.fetch(patient.rq_id, own_redis).is_finished

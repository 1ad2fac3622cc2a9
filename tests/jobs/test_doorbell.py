"""The doorbell: what RQ gets to know, and what it may never be talked into."""

from __future__ import annotations

import os
import pickle
import socket
import zlib
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO

import pytest
from redis import Redis
from rq import Queue
from rq.exceptions import DeserializationError, NoSuchJobError, StopRequested

from tests.security.rows import threat
from tests.support.people import bearer_client
from tests.support.pictures import tiny_jpeg
from tests.support.rows import SYNC, age, fresh, rings
from webapp import create_app
from webapp.database import transaction
from webapp.extensions import connect_redis, redis_client
from webapp.jobs import cancel_by_id, doorbell, queue, retry, retry_by_id
from webapp.jobs.doorbell import Bell, ForbiddenFunction, PlainSerializer, Ring, ring, ring_queue
from webapp.jobs.sweep import sweep


@pytest.fixture
def redis(in_app) -> Redis:
    return redis_client()


def test_a_ring_speaks_of_its_task_and_subject_and_holds_no_more_than_the_id(job, redis):
    seen = Ring.fetch(job.rq_id, connection=redis)
    assert seen.id == f"{SYNC}-{job.id}"
    assert seen.description == f"{SYNC} for media:1 (job {job.id})"
    assert (seen.func_name, tuple(seen.args), seen.kwargs) == ("workers.perform.perform", (job.id,), {})


def test_standard_tools_can_read_it(job, redis):
    (seen,) = Queue("default", connection=redis).jobs
    assert (seen.id, seen.args[0], seen.get_status()) == (job.rq_id, job.id, "queued")


def test_ringing_twice_replaces_the_message(job, redis):
    assert ring([Bell.of(job), Bell.of(job)])
    assert rings() == {job.rq_id}
    assert len(redis.keys("rq:job:*")) == 1


def test_a_ring_takes_back_that_rq_says_failed(job, redis):
    failed = ring_queue("default", redis).failed_job_registry
    failed.add(Ring.fetch(job.rq_id, connection=redis), ttl=60)
    ring([Bell.of(job)])
    assert failed.get_job_ids() == []


def test_nobody_who_uploads_waits_until_redis_has_heard_of_it(app, redis):
    sent = {"file": (BytesIO(tiny_jpeg(1)), "a.jpg")}
    answer = bearer_client(app, "editor").post("/api/media", data=sent, buffered=False)
    assert (answer.status_code, rings()) == (201, set())
    answer.close()  # as a server does once it has sent it
    assert rings() == {f"{SYNC}-{answer.json['job']['id']}"}


def test_what_gives_way_to_others_is_rung_after_what_was_asked_for_with_it(in_app, redis):
    with transaction():
        patient = queue("vector-upsert", {"docId": 1, "collection": "media"})
        pressing = queue(SYNC, {"mediaId": 1})
    assert Queue("default", connection=redis).job_ids == [pressing.rq_id, patient.rq_id]


def test_what_waits_is_rung_once_however_often_a_person_asks_for_it(job, redis):
    other = queue(SYNC, {"mediaId": 2})
    for _ in range(2):
        retry({"status": "queued"})
        retry_by_id(job.id)
        cancel_by_id(job.id)
        retry_by_id(job.id)
    assert Queue("default", connection=redis).job_ids == [job.rq_id, other.rq_id]


def test_what_redis_has_lost_is_rung_when_a_person_asks_for_it(job, redis):
    redis.flushall()
    retry_by_id(job.id)
    assert Queue("default", connection=redis).job_ids == [job.rq_id]


class TestWithoutRedis:
    @pytest.fixture
    def app(self, settings):
        return create_app(settings.model_copy(update={"redis_url": "redis://127.0.0.1:1"}))

    def test_queueing_goes_on(self, in_app):
        jobs = [queue(SYNC, {"mediaId": n}) for n in range(1, 21)]
        assert all(fresh(job).status == "queued" for job in jobs)

    def test_a_sweep_goes_on_without_ringing(self, job):
        age(job, minutes=2)
        assert sweep() == {"held": 0, "rescued": 0, "scheduled": 0, "rung": 0, "pruned": 0}
        assert fresh(job).rang_at is None


def test_a_silent_redis_is_waited_for_once_and_not_for_each_upload(in_app, settings, monkeypatch):
    monkeypatch.setattr(doorbell, "PAUSE_AFTER_FAILURE", 60)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"redis://127.0.0.1:{mute.getsockname()[1]}"
        app = create_app(settings.model_copy(update={"redis_url": url, "redis_timeout": 0.2}))
        with app.app_context():
            for number in range(1, 21):
                queue(SYNC, {"mediaId": number})
        assert len(list(callers(mute))) == 1


def callers(server: socket.socket) -> Iterator[socket.socket]:
    """Whoever has called by now."""
    server.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            connection, _ = server.accept()
            with connection:
                yield connection


class Planted:
    """Unpickling it would run a command."""

    def __reduce__(self):
        return os.system, ("touch /tmp/gallerist-was-here",)


@pytest.mark.parametrize("planted", [Planted(), [Planted()], {"a": Planted()}, os.system, ValueError("x")])
def test_reading_a_message_creates_only_plain_values(planted):
    with pytest.raises(ForbiddenFunction):
        PlainSerializer.loads(pickle.dumps(planted))


@pytest.mark.parametrize("plain", [("f", None, (1, "x"), {"k": 2.5}), [True, None, b"x"], {"interval": 60}])
def test_plain_values_come_through(plain):
    assert PlainSerializer.loads(PlainSerializer.dumps(plain)) == plain


@threat(16)
def test_only_our_function_is_called(redis):
    planted = Queue("default", connection=redis).enqueue("os.system", "touch /tmp/gallerist-was-here")
    with pytest.raises(ForbiddenFunction, match=r"os\.system"):
        Ring.fetch(planted.id, connection=redis).perform()


def test_callbacks_and_webhooks_of_a_planted_message_are_not_read(job, redis):
    names = {f"{when}_callback_name": "os.abort" for when in ("success", "failure", "stopped")}
    hook = '[{"url": "http://127.0.0.1:1/", "job_status": "finished"}]'
    redis.hset(f"rq:job:{job.rq_id}", mapping={**names, "webhooks": hook})
    seen = Ring.fetch(job.rq_id, connection=redis)
    assert (seen.success_callback, seen.failure_callback, seen.stopped_callback) == (None, None, None)
    assert seen.webhooks == []


def test_rq_scheduler_reads_messages_as_carefully(job, redis):
    redis.hset(f"rq:job:{job.rq_id}", mapping={"data": zlib.compress(pickle.dumps(Planted()))})
    with pytest.raises(DeserializationError):
        Ring.fetch(job.rq_id, connection=redis).func_name  # noqa: B018
    assert Ring(connection=redis).serializer is PlainSerializer


@pytest.mark.parametrize("harm", [{"created_at": "yesterday"}, {"timeout": "x"}, {"status": "odd"}, {"ttl": b"\xff"}])
def test_an_unreadable_message_counts_as_gone(job, redis, harm):
    redis.hset(f"rq:job:{job.rq_id}", mapping=harm)
    with pytest.raises(NoSuchJobError):
        Ring.fetch(job.rq_id, connection=redis)


def test_a_key_of_another_kind_counts_as_gone(job, redis):
    redis.delete(f"rq:job:{job.rq_id}")
    redis.set(f"rq:job:{job.rq_id}", "not a hash")
    with pytest.raises(NoSuchJobError):
        Ring.fetch(job.rq_id, connection=redis)


def test_a_stop_that_comes_while_a_message_is_read_is_not_taken_for_rubbish(redis):
    class Interrupted(dict):
        def items(self):
            raise StopRequested

    with pytest.raises(StopRequested):
        Ring("any", connection=redis).restore(Interrupted())


def test_a_client_that_outlived_a_redis_works_with_the_next(redis_url):
    client = connect_redis(redis_url, timeout=1)
    client.ping()
    client.connection_pool.disconnect()
    assert client.ping()

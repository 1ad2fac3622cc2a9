"""queue(), cancel_by_id() and retry_by_id(): what people and the app do with jobs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import both_databases
from tests.support.rows import SYNC, claimed, events, fresh, rings, silence
from webapp.database import db, transaction, utcnow
from webapp.extensions import redis_client
from webapp.jobs import BadInput, Job, UnknownTask, WrongState, cancel_by_id, lease, queue, retry_by_id

pytestmark = both_databases


def count_jobs() -> int:
    return db.session.scalar(select(func.count()).select_from(Job)) or 0


def test_a_job_has_its_id_and_policy_inside_the_transaction(in_app):
    with transaction():
        job = queue("makeRenditions", {"mediaId": 3}, subject="media:3", created_by=None)
        assert job.id and (job.queue, job.priority, job.input) == ("images", 0, {"mediaId": 3})


def test_rings_only_after_the_commit(in_app):
    with transaction():
        job = queue(SYNC, {"mediaId": 1})
        assert rings() == set()
    assert rings() == {f"{SYNC}-{job.id}"}


def test_a_rollback_queues_nothing_and_rings_nothing(in_app):
    with pytest.raises(RuntimeError), transaction():
        queue(SYNC, {"mediaId": 1})
        raise RuntimeError
    assert (count_jobs(), rings()) == (0, set())


def test_a_ring_of_a_rolled_back_transaction_is_not_rung_by_the_next(in_app):
    with pytest.raises(RuntimeError), transaction():
        queue(SYNC, {"mediaId": 1}, priority=9)
        queue("makeRenditions", {"mediaId": 1})
        raise RuntimeError
    with transaction():
        kept = queue(SYNC, {"mediaId": 2})
    assert (rings(), rings("images")) == ({kept.rq_id}, set())


def test_many_jobs_of_one_transaction_are_all_rung_in_order(in_app):
    with transaction():
        ids = [queue(SYNC, {"mediaId": n}).id for n in range(1, 51)]
    waiting = [int(name.rpartition(b"-")[2]) for name in redis_client().lrange("rq:queue:default", 0, -1)]
    assert waiting == ids


@pytest.mark.parametrize("bad", [{}, {"mediaId": 0}, {"mediaId": "x"}, {"mediaId": 1, "extra": 1}])
def test_bad_input_is_refused_with_words_for_each_field(in_app, bad):
    with pytest.raises(BadInput) as refused:
        queue(SYNC, bad)
    assert refused.value.fields.keys() <= {"mediaId", "extra"} and all(refused.value.fields.values())
    assert count_jobs() == 0


def test_an_unknown_task_is_refused_and_the_known_ones_are_named(in_app):
    with pytest.raises(UnknownTask, match=f"'bogus'.*{SYNC}"):
        queue("bogus", {})
    assert count_jobs() == 0


def test_a_job_for_later_is_not_rung(in_app):
    queue(SYNC, {"mediaId": 1}, wait_until=utcnow() + timedelta(hours=1))
    assert rings() == set()


def test_a_queued_job_is_cancelled_with_the_reason_and_never_runs(job):
    cancel_by_id(job.id, "Not needed.")
    assert (fresh(job).status, fresh(job).reason, events(job)) == ("cancelled", "Not needed.", ["cancelled"])
    assert lease.claim(job.id, "a worker") is None


def test_a_running_job_is_cancelled_and_its_result_refused(job):
    held = claimed(job)
    cancel_by_id(job.id, "Stop.")
    with pytest.raises(lease.LeaseLost), transaction():
        lease.finish(held, {})
    assert not lease.renew(held)
    assert (fresh(job).status, fresh(job).token, fresh(job).output) == ("cancelled", None, None)


@pytest.mark.parametrize("ended", ["succeeded", "cancelled", "failed"])
def test_cancelling_a_finished_job_changes_nothing(job, ended):
    end(job, ended)
    with pytest.raises(WrongState, match=f"is {ended}"):
        cancel_by_id(job.id, "Too late.")
    assert (fresh(job).status, fresh(job).reason) == (ended, None if ended == "succeeded" else "Because.")


def end(job: Job, how: str) -> None:
    held = claimed(job)
    if how == "failed":
        lease.fail(held, "It broke.", reason="Because.")
    elif how == "cancelled":
        lease.cancel(held, "Because.")
    else:
        with transaction():
            lease.finish(held, {})


@pytest.mark.parametrize("ended", ["cancelled", "failed"])
def test_retry_queues_it_again_with_all_its_tries_and_rings(job, ended):
    end(job, ended)
    silence()
    retry_by_id(job.id, "Try again")
    again = fresh(job)
    assert (again.status, again.total_tried, again.crashes) == ("queued", 0, 0)
    assert (again.error, again.reason, again.completed_at) == (None, None, None)
    assert events(job) == [ended, "retried"]
    assert rings() == {job.rq_id}


def test_retry_lets_a_waiting_job_run_now(job):
    lease.fail(claimed(job), "It broke.")
    assert lease.claim(job.id, "a worker") is None
    retry_by_id(job.id, "Now")
    assert lease.claim(job.id, "a worker") is not None


@pytest.mark.parametrize("newer", [False, True])
def test_one_that_was_cancelled_while_it_waited_goes_on_waiting_for_the_same_moment(in_app, newer):
    later, document = utcnow() + timedelta(days=3), {"collection": "posts", "docId": 1}
    job = queue("vector-upsert", document, wait_until=later)
    if newer:
        queue("vector-upsert", document)
    else:
        cancel_by_id(job.id)
    silence()
    retry_by_id(job.id)
    assert (fresh(job).status, fresh(job).wait_until, rings()) == ("queued", later, set())


@pytest.mark.parametrize("state", ["running", "succeeded"])
def test_a_running_or_succeeded_job_is_not_retried(job, state):
    if state == "succeeded":
        end(job, state)
    else:
        claimed(job)
    with pytest.raises(WrongState, match=f"is {state}"):
        retry_by_id(job.id, "Again")
    assert fresh(job).status == state


@pytest.mark.parametrize("change", [cancel_by_id, retry_by_id])
def test_an_unknown_job_is_a_lookup_error(in_app, change):
    with pytest.raises(LookupError, match="no job 4711"):
        change(4711, "x")

"""Depths, throughput and waiting times, as the database counts them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, insert, literal, select, true

from tests.conftest import both_databases
from webapp.database import db, transaction, utcnow
from webapp.jobs import health
from webapp.jobs.job import Job, JobLog
from webapp.jobs.statistics import Depth, depths, slots

pytestmark = [both_databases, pytest.mark.usefixtures("in_app")]

MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)


def add_jobs(number: int = 1, **values: object) -> None:
    row = {"task_slug": "syncMediaToGalleries", "input": {}, "queue": "default", "meta": {}} | values
    with transaction() as session:
        session.execute(insert(Job), [row] * number)


def copy_jobs(times: int) -> None:
    """Of each that there is so many more, which the database is quicker at than we are."""
    columns = [column for column in Job.__table__.c if column.name != "id"]
    numbers = select(literal(1).label("number")).cte(recursive=True)
    numbers = numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < times))
    with transaction() as session:
        copies = select(*columns).join_from(Job, numbers, true())
        session.execute(insert(Job).from_select([column.name for column in columns], copies))


def ended(at: datetime, status: str = "succeeded", waited: float = 0, **values: object) -> None:
    begun = at - timedelta(seconds=1)
    due = begun - timedelta(seconds=waited)
    add_jobs(status=status, created_at=due, started_at=begun, completed_at=at, **values)


def count_statements(call) -> int:
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(statements)


def test_a_depth_tells_what_is_due_what_waits_for_its_time_and_what_runs():
    now = utcnow()
    hour = timedelta(hours=1)
    add_jobs(2, created_at=now - hour)
    add_jobs(created_at=now - 3 * hour, wait_until=now - 2 * hour)
    add_jobs(3, wait_until=now + hour)
    add_jobs(2, wait_until=now + hour, error="ConnectionError: away")
    add_jobs(status="running", token="t", lease_until=now, queue="images")
    add_jobs(9, status="succeeded", completed_at=now)
    found = depths()
    assert found == {"default": Depth(3, 5, 0, found["default"].due_since, again=2), "images": Depth(running=1)}
    assert abs(found["default"].due_since - (now - 2 * hour)) < timedelta(seconds=1)


def test_without_jobs_there_is_nothing():
    assert depths() == {}
    assert slots(MINUTE, 60) == {}


def test_each_minute_counts_what_ended_in_it():
    ended(NOON)
    ended(NOON.replace(second=0))
    ended(NOON, "failed")
    ended(NOON - MINUTE, "cancelled")
    ended(NOON, queue="images")
    ended(NOON - timedelta(hours=2))
    found = slots(MINUTE, 60, now=NOON)
    assert {queue: len(some) for queue, some in found.items()} == {"default": 60, "images": 60}
    now, before = found["default"][-1], found["default"][-2]
    assert (now.start, now.succeeded, now.failed, now.cancelled, now.ended) == (NOON.replace(second=0), 2, 1, 0, 3)
    assert (before.start, before.cancelled) == (NOON.replace(second=0) - MINUTE, 1)
    assert sum(slot.ended for slot in found["default"]) == 4
    assert found["images"][-1].succeeded == 1


def test_the_last_moment_of_a_minute_still_belongs_to_it():
    ended(NOON.replace(second=59, microsecond=900_000))
    assert slots(MINUTE, 2, now=NOON)["default"][-1].ended == 1


def test_hours_begin_at_the_hour():
    ended(NOON - timedelta(hours=23))
    found = slots(timedelta(hours=1), 24, now=NOON)["default"]
    assert (len(found), found[0].start.hour, found[0].ended) == (24, 13, 1)


def test_waiting_is_from_when_it_was_due_until_it_was_begun():
    ended(NOON, waited=2)
    ended(NOON, "failed", waited=4)
    due = NOON - timedelta(seconds=1.5)
    add_jobs(
        status="succeeded",
        created_at=NOON - timedelta(days=1),
        wait_until=due,
        started_at=NOON - timedelta(seconds=1),
        completed_at=NOON,
    )
    slot = slots(MINUTE, 1, now=NOON)["default"][0]
    assert slot.waits == 3
    assert slot.longest == pytest.approx(4, abs=0.01)
    assert slot.average == pytest.approx(6.5 / 3, abs=0.01)


def test_what_should_have_begun_before_it_was_queued_waits_only_since_then():
    """A post of today may say that it was published years ago."""
    years_ago = NOON - timedelta(days=2000)
    ended(NOON, waited=2, wait_until=years_ago)
    assert slots(MINUTE, 1, now=NOON)["default"][0].longest == pytest.approx(2, abs=0.01)
    add_jobs(created_at=utcnow() - MINUTE, wait_until=years_ago)
    waits = utcnow() - depths()["default"].due_since
    in_queue = next(state.oldest_wait for state in health.queues() if state.queue.name == "default")
    for wait in (waits, in_queue, health.oldest_wait()):
        assert MINUTE <= wait < 2 * MINUTE


@pytest.mark.parametrize("what", ["retried", "released", "crashed"])
def test_a_job_that_began_anew_does_not_tell_how_long_it_waited(what):
    ended(NOON, waited=3600)
    with transaction() as session:
        session.add(JobLog(job_id=session.query(Job.id).scalar(), event=what, attempt=1))
    slot = slots(MINUTE, 1, now=NOON)["default"][0]
    assert (slot.ended, slot.waits, slot.longest, slot.average) == (1, 0, 0, 0)


def test_one_cancelled_before_it_was_begun_waited_for_nothing():
    add_jobs(status="cancelled", completed_at=NOON)
    slot = slots(MINUTE, 1, now=NOON)["default"][0]
    assert (slot.cancelled, slot.waits) == (1, 0)


def test_many_jobs_take_as_many_queries_as_none():
    now = utcnow()
    for number in range(100):
        add_jobs(queue=f"queue {number % 4}")
        done = {"started_at": now, "completed_at": now - MINUTE * (number % 50)}
        add_jobs(status="succeeded", queue=f"queue {number % 4}", **done)
    copy_jobs(499)
    db.session.rollback()
    assert count_statements(depths) == 1
    assert count_statements(lambda: slots(MINUTE, 60)) == 1
    assert sum(depth.due for depth in depths().values()) == 50_000
    assert sum(slot.ended for some in slots(MINUTE, 60).values() for slot in some) == 50_000

"""Scenarios 34 to 36: jobs for later, and jobs that queue themselves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from tests.conftest import both_databases
from tests.jobs.scenarios.conftest import work_off
from tests.support.rows import change, fresh
from webapp.database import db, transaction, utcnow
from webapp.jobs import Concurrency, Job, Schedule, queue, run, run_by_id
from webapp.jobs.job import ScheduleState
from webapp.jobs.schedules import queue_scheduled
from webapp.jobs.sweep import sweep

pytestmark = both_databases

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BERLIN = "Europe/Berlin"


def count(slug: str = "tidy") -> int:
    return db.session.scalar(select(func.count()).where(Job.task_slug == slug))


def test_34_a_job_for_later_runs_when_its_time_has_come(task):
    task("tidy")
    job = queue("tidy", wait_until=utcnow() + timedelta(days=1))
    assert run() == {}
    assert run_by_id(job.id) == "skipped"
    assert (fresh(job).status, fresh(job).total_tried) == ("queued", 0)
    change(job, wait_until=utcnow())
    assert run() == {job.id: "succeeded"}


@pytest.fixture
def hourly(task):
    """A task that is due at each full hour, and whose schedule has been seen before noon."""
    task("tidy", schedules=(Schedule("0 * * * *", input={"number": 7}),))
    assert queue_scheduled(NOON - HOUR / 2) == 0


def test_35_asked_3_times_it_queues_one(hourly):
    assert [queue_scheduled(NOON + timedelta(seconds=second)) for second in range(3)] == [1, 0, 0]
    (job,) = db.session.scalars(select(Job))
    assert (job.input["number"], job.schedule, job.status) == (7, "tidy default 0 * * * * UTC", "queued")


def test_35_over_3_periods_it_queues_3(hourly):
    for period in range(3):
        assert queue_scheduled(NOON + period * HOUR) == 1
        work_off()
    assert count() == 3


def test_35_while_one_waits_no_other_is_queued(hourly):
    assert [queue_scheduled(NOON + period * HOUR) for period in range(3)] == [1, 0, 0]


def test_35_what_was_missed_is_queued_once(hourly):
    assert queue_scheduled(NOON + 40 * HOUR) == 1
    work_off()
    assert queue_scheduled(NOON + 40 * HOUR + HOUR / 2) == 0


def test_35_after_the_clock_was_ahead_it_goes_on_with_the_next_tick(hourly):
    assert queue_scheduled(NOON) == 1
    assert queue_scheduled(NOON + 999 * HOUR) == 0  # as one still waits; but it takes the tick
    work_off()
    assert [queue_scheduled(NOON + minutes * HOUR / 60) for minutes in (1, 2, 60)] == [0, 0, 1]


def test_35_a_tick_that_a_clock_ahead_by_a_second_took_is_not_taken_again(hourly):
    assert queue_scheduled(NOON) == 1
    work_off()
    assert [queue_scheduled(NOON + timedelta(seconds=second)) for second in (-1, 0, 1)] == [0, 0, 0]


@pytest.mark.parametrize("seen", [True, False], ids=["seen before", "seen for the first time"])
def test_35_two_that_ask_at_once_queue_one(app, hourly, seen):
    if not seen:
        with transaction() as session:
            session.execute(delete(ScheduleState))

    def ask(_: int) -> int:
        with app.app_context():
            return queue_scheduled(NOON)

    with ThreadPoolExecutor(4) as sweeps:
        assert sum(sweeps.map(ask, range(4))) == int(seen)
    assert count() == int(seen)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(ScheduleState)) == 1


def test_35_jobs_queued_by_hand_do_not_count(hourly):
    queue("tidy", {"number": 7})
    assert queue_scheduled(NOON) == 1
    assert count() == 2


@pytest.mark.parametrize(
    ("cron", "begin", "hours", "expected"),
    [
        ("30 2 * * *", datetime(2026, 10, 24, 12, tzinfo=UTC), 24, ["2026-10-25T00:30"]),
        ("0 * * * *", datetime(2026, 10, 24, 22, tzinfo=UTC), 5, [f"2026-10-{d}" for d in
            ("24T23:00", "25T00:00", "25T01:00", "25T02:00", "25T03:00")]),
        ("30 2 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC), 24, ["2026-03-29T01:00"]),
        ("0 3 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC), 24, ["2026-03-29T01:00"]),
    ],
)  # fmt: skip
def test_35_in_the_nights_in_which_the_clocks_change(task, cron, begin, hours, expected):
    """An hour that comes twice, and one that does not come: what is due in it is done, and once."""
    task("tidy", schedules=(Schedule(cron, timezone=BERLIN),))
    queue_scheduled(begin)
    due = []
    for minutes in range(10, hours * 60 + 10, 10):
        if queue_scheduled(begin + timedelta(minutes=minutes)):
            due.append((begin + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M"))
            run()
    assert due == expected


def test_36_a_schedule_that_cannot_be_queued_does_not_stop_the_others(task):
    def no_key(input):
        raise KeyError("colour")

    task("broken", schedules=(Schedule("0 * * * *"),), concurrency=Concurrency(no_key))
    task("tidy", schedules=(Schedule("0 * * * *"),))
    queue_scheduled(NOON - HOUR / 2)
    assert queue_scheduled(NOON) == 1
    assert (count("broken"), count("tidy")) == (0, 1)


def test_36_after_a_database_error_in_a_tick_the_next_ones_work(task):
    task("tidy")
    job = queue("tidy")
    change(job, created_at=utcnow() - HOUR)
    with transaction() as session:
        session.execute(text("ALTER TABLE jobs RENAME TO lost"))
    with pytest.raises(SQLAlchemyError):
        sweep()
    with transaction() as session:
        session.execute(text("ALTER TABLE lost RENAME TO jobs"))
    assert sweep() is not None
    assert sweep() is not None
    assert run() == {job.id: "succeeded"}

"""A few jobs, and whatever people, workers, sweeps and bad luck may do to them: a machine for Hypothesis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import delete, select, update

from tests.support import tasks
from webapp.database import db, transaction, utcnow
from webapp.jobs import (
    Input,
    Job,
    WrongState,
    cancel_by_id,
    doorbell,
    edit_input,
    lease,
    pause,
    paused,
    queue,
    resume,
    retry_by_id,
)
from webapp.jobs.doorbell import Bell
from webapp.jobs.job import PausedQueue
from webapp.jobs.lease import LeaseLost
from webapp.jobs.states import CANCELLED, FAILED, QUEUED, RUNNING, SUCCEEDED, TRANSITIONS
from webapp.jobs.sweep import rescue_stale

MOST_JOBS = 4
LONG_AGO = utcnow().replace(year=2020)
which = st.integers(0, 11)


class ModelInput(Input):
    key: str


class JobsInAnyOrder(RuleBasedStateMachine):
    app: Flask
    seen: Counter[str]

    @initialize()
    def begin(self) -> None:
        self.context = self.app.app_context()
        self.context.push()
        self.jobs: list[int] = []
        self.claims: list[lease.Claim] = []  # all there ever were; two workers and their stale selves
        with transaction() as session:
            for table in (tasks.EFFECTS, PausedQueue, Job):
                session.execute(delete(table))
        self.queue("any")
        self.queue("alone")
        self.queue("alone")

    def teardown(self) -> None:
        if hasattr(self, "context"):
            self.context.pop()

    def rows(self) -> dict[int, Any]:
        db.session.rollback()
        found = select(Job.id, Job.status, Job.token, Job.wait_until, Job.lease_until, Job.concurrency_key)
        return {row.id: row for row in db.session.execute(found)}

    def a_job(self, number: int) -> int:
        return self.jobs[number % len(self.jobs)]

    def a_claim(self, number: int) -> lease.Claim:
        """A live one, where there is one, two times of three."""
        tokens = {row.token for row in self.rows().values()}
        live = [held for held in self.claims if held.token in tokens]
        claims = live if live and number % 3 else self.claims
        return claims[number % len(claims)]

    def is_live(self, held: lease.Claim) -> bool:
        return self.rows()[held.job_id].token == held.token

    @contextmanager
    def only(self, *verbs: str) -> Iterator[None]:
        """Whatever changes its state meanwhile, changes it by one of these verbs."""
        before = self.rows()
        yield
        for job_id, row in self.rows().items():
            old = before[job_id].status if job_id in before else None
            if old is not None and old != row.status:
                way = [v for v in verbs if old in TRANSITIONS[v].sources and TRANSITIONS[v].target == row.status]
                assert way, f"{verbs}: {old} → {row.status}"
                self.seen.update(way)

    # People

    @precondition(lambda self: len(self.jobs) < MOST_JOBS)
    @rule(slug=st.sampled_from(["alone", "any"]))
    def queue(self, slug: str) -> None:
        with self.only():
            self.jobs.append(queue(slug, {"key": "same"}).id)

    @precondition(lambda self: self.jobs)
    @rule(number=which)
    def cancel(self, number: int) -> None:
        self.change("cancel", self.a_job(number), cancel_by_id)

    @precondition(lambda self: self.jobs)
    @rule(number=which)
    def retry(self, number: int) -> None:
        self.change("retry", self.a_job(number), retry_by_id)

    def change(self, verb: str, job_id: int, function: Any) -> None:
        allowed = self.rows()[job_id].status in TRANSITIONS[verb].sources
        with self.only(verb):
            try:
                function(job_id)
                assert allowed and self.rows()[job_id].status == TRANSITIONS[verb].target
            except WrongState:
                assert not allowed

    @precondition(lambda self: self.jobs)
    @rule(number=which, key=st.sampled_from(["same", "other"]))
    def edit(self, number: int, key: str) -> None:
        job_id = self.a_job(number)
        with self.only():
            try:
                edit_input(job_id, {"key": key})
                assert self.rows()[job_id].status in (FAILED, CANCELLED)
            except WrongState:
                assert self.rows()[job_id].status not in (FAILED, CANCELLED)

    @rule()
    def pause_and_see(self) -> None:
        with self.only():
            assert pause("default") and not pause("default")
        self.claim(1, "one")
        with self.only():
            assert resume("default") and not resume("default")

    # Workers, and the sweep

    @precondition(lambda self: self.jobs)
    @rule(number=which)
    def ring(self, number: int) -> None:
        with self.only():
            doorbell.ring([Bell.of(db.session.get_one(Job, self.a_job(number)))])

    @precondition(lambda self: self.jobs)
    @rule(number=which, worker=st.sampled_from(["one", "two"]))
    def claim(self, number: int, worker: str) -> None:
        rows = {} if paused() else self.rows()
        free = [job_id for job_id in rows if self.may_be_claimed(job_id, rows)]
        job_id = free[number % len(free)] if free and number % 3 else self.a_job(number)
        expected = job_id in free
        with self.only("claim"):
            held = lease.claim(job_id, worker)
        assert (held is not None) == expected
        if held:
            self.claims.append(held)

    def may_be_claimed(self, job_id: int, rows: dict[int, Any]) -> bool:
        now = utcnow()
        due = {i for i, row in rows.items() if row.status == QUEUED and not (row.wait_until and row.wait_until > now)}
        key = rows[job_id].concurrency_key
        mates = {i for i, row in rows.items() if key and row.concurrency_key == key and i != job_id}
        busy = any(rows[i].status == RUNNING or (i in due and i < job_id) for i in mates)
        return job_id in due and not busy

    @precondition(lambda self: self.claims)
    @rule(number=which)
    def finish(self, number: int) -> None:
        def finish(held: lease.Claim) -> None:
            with transaction():
                tasks.add_effect(held.job_id, "effect")
                lease.finish(held, None)

        self.end(number, finish, "finish")

    @precondition(lambda self: self.claims)
    @rule(number=which, for_good=st.booleans())
    def fail(self, number: int, for_good: bool) -> None:
        reason = "It can't be." if for_good else None
        self.end(number, lambda held: lease.fail(held, "It broke.", reason=reason), "fail", "wait")

    @precondition(lambda self: self.claims)
    @rule(number=which)
    def release(self, number: int) -> None:
        self.end(number, lambda held: lease.release(held, "Bye."), "release")

    @precondition(lambda self: self.claims)
    @rule(number=which)
    def give_up(self, number: int) -> None:
        self.end(number, lambda held: lease.cancel(held, "Nothing to do."), "cancel")

    def end(self, number: int, function: Any, *verbs: str) -> None:
        held = self.a_claim(number)
        live = self.is_live(held)
        with self.only(*verbs):
            try:
                function(held)
                assert live
            except LeaseLost:
                assert not live
        assert not self.is_live(held)

    @precondition(lambda self: self.claims)
    @rule(number=which)
    def beat(self, number: int) -> None:
        held = self.a_claim(number)
        with self.only():
            live = self.is_live(held)
            assert lease.renew(held) == live
        assert not live or self.rows()[held.job_id].lease_until > utcnow()

    @precondition(lambda self: self.claims)
    @rule(number=which)
    def stall(self, number: int) -> None:
        job_id = self.a_claim(number).job_id
        with self.only(), transaction() as session:
            job = (Job.id == job_id, Job.status == RUNNING)
            session.execute(update(Job).where(*job).values(lease_until=LONG_AGO))

    @rule()
    def rescue(self) -> None:
        with self.only("rescue", "bury"):
            rescue_stale(utcnow())
        assert all(row.lease_until > LONG_AGO for row in self.rows().values() if row.status == RUNNING)

    @rule()
    def time_goes_by(self) -> None:
        with self.only(), transaction() as session:
            session.execute(update(Job).where(Job.wait_until.is_not(None)).values(wait_until=LONG_AGO))

    # Promises

    @invariant()
    def at_most_one_live_token_and_one_running_of_a_key(self) -> None:
        rows = self.rows()
        for job_id, row in rows.items():
            live = [held for held in self.claims if held.job_id == job_id and held.token == row.token]
            assert len(live) == (1 if row.status == RUNNING else 0)
            assert (row.token is not None) == (row.lease_until is not None) == (row.status == RUNNING)

        running = Counter(row.concurrency_key for row in rows.values() if row.status == RUNNING)
        assert all(count == 1 for key, count in running.items() if key)

    @invariant()
    def one_effect_of_what_succeeded_and_none_of_anything_else(self) -> None:
        counts = Counter(job_id for job_id, _ in tasks.effects())
        for job_id, row in self.rows().items():
            assert counts[job_id] == (1 if row.status == SUCCEEDED else 0)

"""Any order of what people, workers, sweeps and bad luck do to a few jobs: the promises hold after each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    run_state_machine_as_test,
)

from tests.conftest import both_databases
from tests.jobs.job_model import JobsInAnyOrder, ModelInput
from tests.support import tasks
from webapp.jobs import (
    Concurrency,
    Task,
)
from webapp.jobs.states import TRANSITIONS

pytestmark = both_databases
LIVE = 1  # the number of a live claim, where there is one


@pytest.fixture
def model(in_app: Flask) -> Iterator[type[JobsInAnyOrder]]:
    tasks.make_effects_table()
    alone = Concurrency(lambda input: str(input["key"]))
    with ExitStack() as stack:
        stack.enter_context(tasks.declared(Task("alone", "A", ModelInput, retries=1, concurrency=alone), print))
        stack.enter_context(tasks.declared(Task("any", "B", ModelInput, retries=1), print))
        yield type("Model", (JobsInAnyOrder,), {"app": in_app, "seen": Counter()})


def test_jobs_in_any_order(model):
    run_state_machine_as_test(
        model,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    walk_every_way(model())
    assert model.seen.keys() == TRANSITIONS.keys()


def walk_every_way(jobs: JobsInAnyOrder) -> None:
    """Deliberately, whatever the luck of the run before it was: claim the job that needs no key, and end it."""
    jobs.begin()
    jobs.claim(0, "one")
    jobs.release(LIVE)
    jobs.claim(0, "one")
    jobs.fail(LIVE, for_good=False)
    jobs.retry(0)
    jobs.claim(0, "two")
    jobs.fail(LIVE, for_good=True)
    jobs.retry(0)
    for _ in range(3):
        jobs.claim(0, "one")
        jobs.stall(LIVE)
        jobs.rescue()
    jobs.retry(0)
    jobs.cancel(0)
    jobs.retry(0)
    jobs.claim(0, "two")
    jobs.finish(LIVE)
    jobs.at_most_one_live_token_and_one_running_of_a_key()
    jobs.one_effect_of_what_succeeded_and_none_of_anything_else()
    jobs.teardown()

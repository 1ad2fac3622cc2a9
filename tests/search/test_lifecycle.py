"""Any order of what people, workers and bad luck do: once the jobs are done, the index is what is published."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import both_databases
from tests.search.lifecycle import DocumentsInAnyOrder

pytestmark = both_databases


def test_the_index_ends_as_what_is_published(in_app, by_meaning):
    machine = type("Machine", (DocumentsInAnyOrder,), {"app": in_app, "server": by_meaning})
    how = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=how)

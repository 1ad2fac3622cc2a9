"""Any order of what people, workers and bad luck do: once the jobs are done, the index is what is published."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.search.lifecycle import DocumentsInAnyOrder
from tests.search.stores import on_every_store
from webapp.search.rows import DATABASE, UPSTASH
from webapp.search.stores import choice

pytestmark = on_every_store


def test_the_index_ends_as_what_is_published(in_app, by_meaning, kind, request, monkeypatch):
    vectors = request.getfixturevalue("at_upstash") if kind == UPSTASH else None
    if kind == DATABASE:
        monkeypatch.setattr(choice.pgvector, "is_usable", lambda dims: False)
    machine = type("Machine", (DocumentsInAnyOrder,), {"app": in_app, "server": by_meaning, "vectors": vectors})
    how = settings(max_examples=12, stateful_step_count=25, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=how)

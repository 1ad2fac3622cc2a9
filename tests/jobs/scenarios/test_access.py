"""Scenarios 27 and 28: who may."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.support.apps import CRON_SECRET
from tests.support.rows import events, fresh, rings, silence
from webapp.database import db
from webapp.jobs import AccessDenied, Job, allow, cancel, cancel_by_id, edit_input, queue, retry_by_id, run, run_by_id

pytestmark = both_databases

VERBS = {
    "queue": lambda job: queue("count", override_access=False),
    "run": lambda job: run(override_access=False),
    "run_by_id": lambda job: run_by_id(job.id, override_access=False),
    "cancel": lambda job: cancel({"id": job.id}, override_access=False),
    "cancel_by_id": lambda job: cancel_by_id(job.id, override_access=False),
}


@pytest.fixture
def counted(task):
    task("count")
    return queue("count")


@pytest.mark.parametrize("verb", VERBS)
def test_27_refused_without_access_and_nothing_is_changed(app, counted, verb):
    silence()
    with pytest.raises(AccessDenied):
        VERBS[verb](counted)
    assert (fresh(counted).status, events(counted), rings()) == ("queued", [], set())
    assert len(db.session.scalars(select(Job)).all()) == 1


@pytest.mark.parametrize("verb", VERBS)
def test_27_allowed_with_access(app, counted, verb):
    allow(app, queue=lambda: True, run=lambda: True, cancel=lambda: True)
    VERBS[verb](counted)
    count = len(db.session.scalars(select(Job)).all())
    expected = {"queue": ("queued", 2), "run": ("succeeded", 1), "run_by_id": ("succeeded", 1)}
    assert (fresh(counted).status, count) == expected.get(verb, ("cancelled", 1))


def test_27_what_changes_a_finished_job_asks_too(app, counted):
    cancel_by_id(counted.id)
    for change in (
        lambda: retry_by_id(counted.id, override_access=False),
        lambda: edit_input(counted.id, {"number": 2}, override_access=False),
    ):
        with pytest.raises(AccessDenied):
            change()
    assert (fresh(counted).status, fresh(counted).input["number"]) == ("cancelled", 0)


def test_28_the_run_endpoint_is_closed_to_strangers(anonymous, counted):
    for bearer in ({}, {"Authorization": "Bearer wrong"}):
        assert anonymous.post("/api/jobs/run", headers=bearer).status_code == 401
        assert anonymous.get("/api/jobs/run", headers=bearer).status_code == 401
    assert fresh(counted).status == "queued"


@pytest.mark.parametrize("method", ["get", "post"])
def test_28_and_open_to_the_secret_of_the_cron_service(anonymous, counted, method):
    answer = getattr(anonymous, method)("/api/jobs/run", headers={"Authorization": f"Bearer {CRON_SECRET}"})
    assert (answer.status_code, answer.json["success"], fresh(counted).status) == (200, True, "succeeded")


def test_28_and_to_editors(editor_api, counted):
    assert editor_api.post("/api/jobs/run").status_code == 200
    assert fresh(counted).status == "succeeded"

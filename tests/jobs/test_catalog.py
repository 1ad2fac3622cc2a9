"""The catalog names every task; workers/tasks supplies the functions."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

from webapp.jobs.catalog import CATALOG, QUEUES, CollectionName, find
from webapp.jobs.policy import Backoff
from webapp.models.searchable import SEARCHABLE
from workers.tasks import HANDLERS


def test_every_task_has_a_function_and_every_function_a_task():
    assert HANDLERS.keys() == CATALOG.keys()


def test_every_task_runs_on_a_queue_that_has_a_worker():
    assert {task.queue for task in CATALOG.values()} == set(QUEUES)


def test_documents_are_of_the_collections_that_are_searched():
    assert set(get_args(CollectionName)) == set(SEARCHABLE)


def test_every_task_has_a_label_for_people():
    assert all(task.label and task.slug == slug for slug, task in CATALOG.items())


def test_the_wait_before_a_retry_has_a_cap():
    backoff = Backoff(first=10, cap=60)
    assert timedelta(seconds=60) <= backoff.before_retry(30) <= timedelta(seconds=66)


def test_the_pauses_of_a_webhook_grow_to_an_hour():
    pauses = [find("deliverWebhook").backoff.before_retry(n).total_seconds() for n in range(1, 9)]
    assert pauses == sorted(pauses)
    assert 30 <= pauses[0] < 34
    assert 3600 <= pauses[-1] < 3961

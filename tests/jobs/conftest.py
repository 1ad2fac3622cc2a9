"""A queued job, and a way to say what its task does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.rows import SYNC
from webapp.jobs import queue
from webapp.jobs.job import Job
from workers.tasks import HANDLERS


@pytest.fixture
def job(in_app) -> Job:
    """A queued job."""
    return queue(SYNC, {"mediaId": 1}, subject="media:1")


@pytest.fixture
def handle(monkeypatch) -> Callable[[Callable[..., Any]], None]:
    """Let this function be what the sync task does."""
    return lambda function: monkeypatch.setitem(HANDLERS, SYNC, function)

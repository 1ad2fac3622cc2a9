"""Tasks that a test declares for itself, and a product that knows those of tests/support/tasks.py."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.support import tasks
from tests.support.product import Product
from webapp.jobs import Backoff, Concurrency, Input, Job, Task, Workflow, queue, run
from webapp.jobs.catalog import CATALOG
from workers.perform import perform_job

AT_ONCE = Backoff(first=0)


class Free(Input):
    """Whatever a test wants to hand over."""

    number: int = 0
    text: str = ""
    flag: bool = False


@pytest.fixture(autouse=True)
def no_other_schedules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever hour it is, only what a test declares is queued by itself."""
    for slug, work in CATALOG.items():
        monkeypatch.setitem(CATALOG, slug, replace(work, schedules=()))


@pytest.fixture
def in_app(in_app: Flask) -> Flask:
    """With the table of effects."""
    tasks.make_effects_table()
    return in_app


@pytest.fixture
def task(in_app: Flask) -> Iterator[Callable[..., None]]:
    """Declare a task until the test is over: its slug, its function, its policy."""
    with ExitStack() as stack:

        def task(slug: str, function: Callable[..., Any] = lambda job: None, **policy: Any) -> None:
            kind = policy.pop("kind", Task)
            options = {"input": Free, "backoff": AT_ONCE} | policy
            stack.enter_context(tasks.declared(kind(slug, slug, **options), function))

        yield task


@pytest.fixture
def workflow(task: Callable[..., None]) -> Callable[..., None]:
    return lambda slug, function, **policy: task(slug, function, kind=Workflow, **policy)


@pytest.fixture
def exclusive(task: Callable[..., None]) -> Callable[..., Job]:
    """Queue a job of a key of which one runs at a time."""
    task("alone", concurrency=Concurrency(lambda input: input["text"]), retries=3, backoff=Backoff(60))
    return lambda number=0, **options: queue("alone", {"text": "key", "number": number}, **options)


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    """In all of whose processes, and in this one, the test tasks are known."""
    tasks.install()
    product = Product(database_url, with_test_tasks=True)
    with product.rows():
        tasks.make_effects_table()
    yield product
    product.stop()
    tasks.uninstall()


def work_off(queue: str | None = None, **options: Any) -> None:
    """Run what is due, until nothing is."""
    for _ in range(50):
        if not run(queue, limit=200, **options):
            return
    raise AssertionError("There is no end to it")


class Meanwhile:
    """A job that runs in a thread, of which the test decides when it goes on: `with Meanwhile(app, job) as inside`."""

    def __init__(self, app: Flask, job: Job) -> None:
        self.app, self.job = app, job
        self.outcome = ""
        self.thread = threading.Thread(target=self._perform)

    def _perform(self) -> None:
        with self.app.app_context():
            self.outcome = perform_job(self.job.id)

    def __enter__(self) -> Meanwhile:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thread.join(30)
        assert not self.thread.is_alive()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    outcome = yield
    report = outcome.get_result()
    product = getattr(item, "funcargs", {}).get("product")
    if report.failed and product is not None and report.when == "call":
        report.sections.append(("Logs of the product", product.logs()))

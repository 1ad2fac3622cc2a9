"""The example in README.md is short, and it does what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import both_databases
from tests.support.rows import fresh
from tests.support.tasks import remove
from webapp.database import transaction
from webapp.jobs import run
from webapp.models.page import live_page

README = Path(__file__).parents[2] / "README.md"


def block(marker: str, language: str) -> str:
    """The code between the two comments."""
    section = README.read_text().partition(f"<!-- {marker}")[2].partition(f"<!-- /{marker} -->")[0]
    return section.partition(f"```{language}\n")[2].partition("```")[0]


@pytest.fixture
def example(in_app) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "an_example"}
    try:
        with transaction():
            exec(compile(block("example", "python"), str(README), "exec"), names)
        yield names
    finally:
        remove("makeWelcomePage")


def test_it_is_15_lines():
    assert len([line for line in block("example", "python").splitlines() if line.strip()]) <= 15


@both_databases
def test_it_runs(example):
    job = example["job"]
    assert fresh(job).status == "queued"
    assert run() == {job.id: "succeeded"}
    assert live_page(fresh(job).output["pageId"]).title == "Welcome, Ann"

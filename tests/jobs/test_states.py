"""The states of a job: each way from one to another is walked, and README.md draws them all."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import both_databases
from tests.jobs.test_readme_example import block
from tests.support.rows import change, claimed, fresh, let_lease_end
from webapp.database import transaction, utcnow
from webapp.jobs import cancel_by_id, lease, retry_by_id
from webapp.jobs.states import FAILED, QUEUED, RUNNING, STATUSES, TRANSITIONS, drawing
from webapp.jobs.sweep import MAX_CRASHES, rescue_stale

ROOT = Path(__file__).parents[2]
# Where the code writes a status, and by which verbs of the table.
WRITERS = {
    "_claiming": {"claim"},
    "finish": {"finish"},
    "cancel": {"cancel"},
    "fail": {"fail", "wait"},
    "release": {"release"},
    "_give_back": {"rescue", "bury"},
    "_cancel": {"cancel"},
    "replace_older": {"cancel"},
    "_replace_older": {"cancel"},  # of many at once
    "AS_NEW": {"retry"},
}


def test_readme_draws_them():
    assert block("states", "mermaid").strip() == drawing(), "Put what `make states` prints into README.md"


@both_databases
@pytest.mark.parametrize(("verb", "source"), [(one.verb, s) for one in TRANSITIONS.values() for s in one.sources])
def test_each_way_is_walked(job, verb, source):
    held = bring(job, source)
    if verb in ("rescue", "bury"):
        change(job, crashes=MAX_CRASHES - 1 if verb == "bury" else 0)
        let_lease_end(job)
    assert fresh(job).status == source
    walk(job, verb, held)
    assert fresh(job).status == TRANSITIONS[verb].target


def bring(job, status: str) -> lease.Claim | None:
    """Into this state; the claim, when it runs."""
    if status == RUNNING:
        return claimed(job)
    if status == FAILED:
        lease.fail(claimed(job), "It broke.", reason="For good.")
    elif status != QUEUED:
        cancel_by_id(job.id)
    return None


def walk(job, verb: str, held: lease.Claim | None) -> None:
    ways = {
        "claim": lambda: claimed(job),
        "finish": lambda: finish(held),
        "fail": lambda: lease.fail(held, "It broke.", reason="For good."),
        "wait": lambda: lease.fail(held, "It broke."),
        "release": lambda: lease.release(held, "Bye."),
        "rescue": lambda: rescue_stale(utcnow()),
        "bury": lambda: rescue_stale(utcnow()),
        "cancel": lambda: cancel_by_id(job.id),
        "retry": lambda: retry_by_id(job.id),
    }
    assert ways.keys() == TRANSITIONS.keys()
    ways[verb]()


def finish(held: lease.Claim) -> None:
    with transaction():
        lease.finish(held, None)


def test_nothing_else_in_the_code_writes_a_status_of_a_job():
    written: dict[str, set[str]] = {}
    for file in (*(ROOT / "webapp" / "jobs").glob("*.py"), *(ROOT / "workers").rglob("*.py")):
        for statement in ast.parse(file.read_text()).body:
            if targets := set(statuses_written_in(statement)):
                written.setdefault(name_of(statement), set()).update(targets)
    allowed = {name: {TRANSITIONS[verb].target for verb in verbs} for name, verbs in WRITERS.items()}
    assert written == allowed
    assert set().union(*WRITERS.values()) == TRANSITIONS.keys()


def name_of(statement: ast.stmt) -> str:
    return statement.targets[0].id if isinstance(statement, ast.Assign) else statement.name


def statuses_written_in(statement: ast.stmt):
    """In `x.status = …`, `{"status": …}` and `call(status=…)`; the default of the column is no change."""
    for node in ast.walk(statement):
        targets = node.targets if isinstance(node, ast.Assign) else []
        is_argument = isinstance(node, ast.keyword) and node.arg == "status"
        if is_argument or any(getattr(target, "attr", "") == "status" for target in targets):
            yield from statuses_in(node.value)
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "status":
                    yield from statuses_in(value)


def statuses_in(value: ast.expr):
    return (node.id.lower() for node in ast.walk(value) if isinstance(node, ast.Name) and node.id.lower() in STATUSES)

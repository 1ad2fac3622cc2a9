"""Each row of the table of faults has a test that runs in `make test`, whichever files were selected now."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.faults.rows import LAST

FOLDER = Path(__file__).parent
LEFT_OUT = {"chaos", "skip"}  # marks of tests that prove nothing in `make test`


def test_every_row_has_a_test():
    tests = [test for file in FOLDER.glob("test_*.py") for test in functions_in(ast.parse(file.read_text()))]
    proven = {number for test in tests for number in rows_of(test)}
    assert proven == set(range(1, LAST + 1))


def functions_in(module: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def rows_of(test: ast.FunctionDef, mark: str = "row") -> set[int]:
    """The numbers in `@row(7)` above it."""
    nodes = [node for decorator in test.decorator_list for node in ast.walk(decorator)]
    if any(isinstance(node, ast.Attribute) and node.attr in LEFT_OUT for node in nodes):
        return set()
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return {ast.literal_eval(call.args[0]) for call in calls if call.func.id == mark}


def test_a_row_without_a_test_would_be_noticed():
    module = ast.parse(
        "@row(1)\n@row(2)\ndef test_a(): ...\n@pytest.mark.chaos\n@row(3)\ndef test_b(): ...\n@row(4)\ndef c(): ..."
    )
    assert [rows_of(test) for test in functions_in(module)] == [{1, 2}, set()]

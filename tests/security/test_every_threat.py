"""Each row of the table of threats has a test that tries it in `make test`, whichever files were selected now."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.faults.test_every_row import functions_in, rows_of
from tests.security.rows import LAST

TESTS = Path(__file__).parent.parent


def test_every_threat_is_tried():
    tests = [test for file in TESTS.rglob("test_*.py") for test in functions_in(ast.parse(file.read_text()))]
    tried = {number for test in tests for number in rows_of(test, "threat")}
    assert tried == set(range(1, LAST + 1))


def test_a_threat_without_a_test_would_be_noticed():
    module = ast.parse("@threat(1)\n@row(2)\ndef test_a(): ...\n@pytest.mark.skip\n@threat(3)\ndef test_b(): ...")
    assert [rows_of(test, "threat") for test in functions_in(module)] == [{1}, set()]

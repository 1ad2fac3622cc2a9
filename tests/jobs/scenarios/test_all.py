"""Every scenario of the list has a test, whose name begins with its number."""

from __future__ import annotations

import ast
import re
from pathlib import Path

SCENARIOS = set(range(1, 42))


def test_every_scenario_has_a_test():
    found = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and (numbered := re.match(r"test_(\d\d)_", node.name)):
                found.add(int(numbered[1]))
    assert found == SCENARIOS

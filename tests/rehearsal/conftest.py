"""What the processes said is shown when a day ends badly."""

from __future__ import annotations

from tests.faults.conftest import pytest_runtest_makereport

__all__ = ["pytest_runtest_makereport"]

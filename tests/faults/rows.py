"""Which row of the table of faults a test proves; `pytest -m 'row(number=7)'` runs those of one row."""

from __future__ import annotations

import pytest

LAST = 34


def row(number: int) -> pytest.MarkDecorator:
    """To be written above a test; test_every_row.py reads it there."""
    return pytest.mark.row(number=number)

"""Which row of the table of threats a test tries; `pytest -m 'threat(number=7)'` runs those of one row."""

from __future__ import annotations

import pytest

LAST = 23


def threat(number: int) -> pytest.MarkDecorator:
    """To be written above a test; test_every_threat.py reads it there."""
    return pytest.mark.threat(number=number)

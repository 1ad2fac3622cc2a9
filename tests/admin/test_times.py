"""Times in words, as the server tells them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from webapp.database import utcnow
from webapp.template_helpers import ago

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(seconds=-2), "just now"),
        (timedelta(seconds=0.5), "just now"),  # two machines seldom agree to the second
        (timedelta(seconds=3), "in a moment"),
        (timedelta(seconds=40), "in 40 seconds"),
        (timedelta(seconds=100), "in 2 minutes"),
        (timedelta(minutes=59.8), "in 1 hour"),
        (7 * DAY, "in 7 days"),
        (6.4 * DAY, "in 6 days"),
        (-6.9 * DAY, "6 days ago"),
    ],
)
def test_what_is_to_come_is_rounded_and_never_just_now(ahead, words):
    assert ago(utcnow() + ahead) == words

"""Relative times stay true while a page is open, in the words that the server uses."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_story import make_first_account
from tests.support.site import Site
from webapp.database import utcnow
from webapp.template_helpers import ago

pytestmark = pytest.mark.browser

HOUR, DAY = 3600, 86_400  # seconds
DISTANCES = (
    0.3,
    4.3,
    5.3,
    59.3,
    60.3,
    119.3,
    150.3,
    HOUR - 0.3,
    HOUR + 0.3,
    5 * HOUR + 0.3,
    DAY + 0.3,
    2 * DAY - 0.3,
    13.6 * DAY,
)  # seconds


def test_a_time_goes_on_while_the_page_is_open(page: Page, site: Site) -> None:
    make_first_account(page, site)
    page.clock.install()
    page.goto(f"{site.url}/admin/audit")
    time = page.locator("main time").first
    exactly = time.get_attribute("title")
    time.evaluate("element => { element.isTheSame = true; }")
    expect(time).to_have_text(re.compile("just now|seconds ago"))

    page.clock.fast_forward("05:30")
    expect(time).to_have_text("5 minutes ago")
    page.clock.fast_forward("01:00:00")
    expect(time).to_have_text("1 hour ago")
    assert time.get_attribute("title") == exactly
    assert time.evaluate("element => element.isTheSame")

    page.clock.fast_forward(20 * DAY * 1000)
    expect(time).to_have_text(exactly.partition(",")[0])


def test_a_clock_that_is_wrong_changes_nothing(page: Page, site: Site) -> None:
    make_first_account(page, site)
    page.clock.install(time=utcnow() - timedelta(days=400))
    page.goto(f"{site.url}/admin/audit")
    page.clock.fast_forward("02:30")
    expect(page.locator("main time").first).to_have_text("2 minutes ago")


def test_its_words_are_those_of_the_server(page: Page, site: Site) -> None:
    make_first_account(page, site)
    distances = [seconds for each in DISTANCES for seconds in (each, -each)]
    said = page.evaluate(
        "async (distances) => { const { ago } = await import('/static/js/times.js'); return distances.map(ago); }",
        distances,
    )
    assert said == [ago(utcnow() - timedelta(seconds=seconds)) for seconds in distances]

"""Fragments that fetch themselves, whatever happens to the clock and to what they show."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_story import make_first_account
from tests.support.site import Site

pytestmark = pytest.mark.browser

FRAGMENT = '<div class="live" data-poll-url="/admin/live">The same words<img alt="" src="/static/{}.svg"></div>'


def test_a_fragment_goes_on_when_the_clock_is_set_back_and_shows_another_picture(page: Page, site: Site) -> None:
    make_first_account(page, site)
    answers: list[int] = []

    def answer(route: Route) -> None:
        answers.append(len(answers))
        route.fulfill(body=FRAGMENT.format(f"picture-{len(answers)}"), content_type="text/html")

    page.route("**/admin/live", answer)
    page.evaluate(f"document.querySelector('main').insertAdjacentHTML('beforeend', '{FRAGMENT.format('none')}')")
    picture = page.locator(".live img")
    expect(picture).to_have_attribute("src", "/static/picture-1.svg")
    page.evaluate("() => { const now = Date.now; Date.now = () => now() - 3_600_000; }")
    expect(picture).to_have_attribute("src", "/static/picture-2.svg")

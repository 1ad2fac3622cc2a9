"""The search index in a browser: a page says by itself that it is found, and a new index that it is built."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import look_closely
from tests.browser.test_story import make_first_account
from tests.support.databases import SqliteTemplates
from tests.support.site import ForkedSite, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def site(sqlite_templates: SqliteTemplates) -> Iterator[Site]:
    """With search by meaning switched on."""
    site = ForkedSite(sqlite_templates, EMBEDDER="local", SWEEP_INTERVAL="1").start().wait_until_up()
    yield site
    print(site.output[-5000:])  # shown when a test fails
    site.remove()


def test_what_the_background_did_for_the_index_is_shown_by_itself(page: Page, site: Site) -> None:
    make_first_account(page, site)
    page.goto(f"{site.url}/admin/pages/new")
    page.get_by_label("Title").fill("Summer fair")
    page.get_by_role("button", name="Make the page").click()
    page.get_by_label("Status").select_option("published")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("In the search index")).to_be_visible(timeout=60_000)
    look_closely(page)

    page.goto(f"{site.url}/admin/search")
    page.get_by_role("link", name="Search index").click()
    expect(page.get_by_role("row", name="Pages")).to_contain_text("1")
    page.get_by_role("button", name="Build it anew").click()
    expect(page.get_by_text("Built anew")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Every document that shall be found is in it")).to_be_visible()
    page.get_by_role("button", name="Look through all of it").click()
    expect(page.get_by_text("Looked through: nothing is to be mended")).to_be_visible(timeout=60_000)
    look_closely(page)

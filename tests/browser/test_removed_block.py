"""Removing a text of a page and bringing it back, and going back to a page that was moved to the trash."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import look_closely
from tests.browser.test_story import make_first_account
from tests.support.site import Site
from webapp.models.page import create_page

pytestmark = pytest.mark.browser


def open_page_with_text(page: Page, site: Site) -> None:
    make_first_account(page, site)
    with site.rows():
        page_id = create_page("Summer fair", layout=[{"blockType": "text", "body": "  One\n\nTwo"}]).id
    page.goto(f"{site.url}/admin/pages/{page_id}")


def remove_and_bring_back(page: Page) -> None:
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("main").get_by_text("The text is removed.")).to_be_visible()
    expect(page.locator("textarea")).to_have_count(0)
    page.get_by_label("Title", exact=True).fill("Winter fair")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("main").get_by_text("It is back at its place.")).to_be_visible()
    expect(page.locator("textarea")).to_have_value("  One\n\nTwo")
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter fair")


def test_a_removed_text_comes_back_without_a_script(plain_page: Page, site: Site) -> None:
    open_page_with_text(plain_page, site)
    remove_and_bring_back(plain_page)


def test_enter_saves_and_never_undoes(page: Page, site: Site) -> None:
    open_page_with_text(page, site)
    page.get_by_role("button", name="Remove").click()
    look_closely(page)
    page.get_by_label("Title", exact=True).press("Enter")
    expect(page.locator("main").get_by_text("Saved.", exact=True)).to_be_visible()
    expect(page.locator("textarea")).to_have_count(0)


def test_going_back_after_the_trash_leads_to_a_way_back(page: Page, site: Site) -> None:
    open_page_with_text(page, site)
    url = page.url
    page.get_by_role("button", name="Move the page to the trash").click()
    expect(page.locator("main").get_by_text("“Summer fair” is in the trash")).to_be_visible()
    page.goto(url)
    look_closely(page)
    page.get_by_role("button", name="Restore as a draft").click()
    expect(page.locator("main").get_by_text("“Summer fair” is back, as a draft.")).to_be_visible()

"""Two editors with the same page open: nothing that either of them wrote is overwritten in silence."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import look_closely
from tests.browser.test_story import make_first_account, make_page_with_gallery
from tests.support.people import PASSWORD
from tests.support.site import Site

pytestmark = pytest.mark.browser


def second_editor(browser: Browser, site: Site) -> Page:
    """The same person on another computer."""
    page = browser.new_context().new_page()
    page.goto(f"{site.url}/admin/sign-in")
    page.get_by_label("E-mail").fill("ann@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/admin/$"))
    return page


def type_title_and_save(page: Page, title: str) -> None:
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_role("button", name="Save", exact=True).first.click()


def test_both_versions_are_shown_and_one_is_chosen(page: Page, browser: Browser, site: Site) -> None:
    make_first_account(page, site)
    make_page_with_gallery(page, "Summer fair")
    page.get_by_role("button", name="Add text").click()
    page.get_by_role("textbox", name="Text").fill("We open at nine.")
    page.get_by_role("button", name="Save", exact=True).first.click()
    other = second_editor(browser, site)
    address = page.url.partition("#")[0]
    other.goto(address)

    type_title_and_save(other, "Winter fair")
    expect(other.get_by_text("Saved. Everybody can read it now.", exact=True).first).to_be_visible()
    page.get_by_role("textbox", name="Text").fill("We open at ten.")
    type_title_and_save(page, "Spring fair")

    expect(page.get_by_role("alert")).to_contain_text("ann saved this page")
    versions = page.get_by_role("table", name="What differs between the two versions")
    expect(versions.get_by_role("row", name="Title")).to_contain_text(re.compile(r"Winter fair\s+Spring fair"))
    expect(versions.get_by_role("row", name="Text")).to_contain_text(re.compile(r"at nine\.\s+We open at ten\."))
    expect(page.get_by_role("textbox", name="Text")).to_have_value("We open at ten.")
    look_closely(page)

    page.get_by_role("button", name="Save mine over theirs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring fair")
    expect(page.get_by_role("textbox", name="Text")).to_have_value("We open at ten.")

    type_title_and_save(other, "Autumn fair")
    expect(other.get_by_role("alert")).to_contain_text("ann saved this page")
    other.get_by_role("link", name="Discard mine").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Spring fair")
    expect(other.get_by_label("Title", exact=True)).to_have_value("Spring fair")

"""A gallery with a rule, as an editor sees it: counted while it is typed, carried out, and undone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import STANDARD, barriers
from tests.browser.test_story import (
    SOON,
    cards,
    drop,
    make_first_account,
    make_page_with_gallery,
    switch_auto_sync_on,
    wait_for_cards,
)
from tests.support.pictures import tiny_jpeg
from tests.support.site import Site

pytestmark = pytest.mark.browser


def upload(page: Page, *names: str, first: int) -> None:
    page.get_by_role("link", name="Library", exact=True).click()
    drop(page, {name: tiny_jpeg(first + number) for number, name in enumerate(names)})
    expect(page.locator(".upload-row.is-ready")).to_have_count(len(names), timeout=8 * SOON)


def test_a_rule_is_counted_saved_and_the_sync_after_it_undone(page: Page, site: Site) -> None:
    make_first_account(page, site)
    upload(page, "harbour-1.jpg", "harbour-2.jpg", "hill.jpg", first=0)
    make_page_with_gallery(page, "Summer fair")
    page.get_by_role("link", name="Edit the pictures").click()
    gallery = page.url
    switch_auto_sync_on(page)

    page.get_by_text("Change the rule").click()
    count = page.locator("[data-rule-count]")
    expect(count).to_contain_text("3 pictures of the library match.", timeout=SOON)
    page.get_by_label("Words", exact=True).press_sequentially("HARB")
    expect(count).to_have_text("2 pictures of the library match. 2 would be added.", timeout=SOON)
    page.get_by_label("Uploaded from").fill("2020-05-01")
    page.get_by_label("Uploaded until").fill("2020-04-01")
    expect(count).to_have_text("The last day comes before the first one.", timeout=SOON)
    page.get_by_role("button", name="Save the rule").click()
    expect(page.get_by_role("alert")).to_contain_text("The rule is not saved yet")
    expect(page.get_by_role("alert")).to_be_focused()
    assert barriers(page, STANDARD) == []
    page.get_by_label("Uploaded until").fill("")
    expect(count).to_contain_text("2 pictures of the library match.", timeout=SOON)
    page.get_by_role("button", name="Save the rule").click()
    expect(page.locator(".rule-words")).to_contain_text("“HARB” in their file name")
    expect(page.get_by_text("In line with the rule: 2 added, 0 taken out")).to_be_visible(timeout=6 * SOON)
    wait_for_cards(page, 2)
    assert set(cards(page)) == {"harbour-1.jpg", "harbour-2.jpg"}

    page.get_by_role("button", name="Hide harbour-1.jpg").click()
    expect(page.locator(".tabs [data-count=hidden]")).to_have_text("1")
    upload(page, "harbour-3.jpg", "hill-2.jpg", first=10)
    expect(page.get_by_text("Added to 1 gallery").first).to_be_visible(timeout=SOON)
    page.goto(gallery)
    wait_for_cards(page, 2)
    assert set(cards(page)) == {"harbour-2.jpg", "harbour-3.jpg"}
    expect(page.get_by_text(re.compile("Last sync .*: 1 added, 0 failed"))).to_be_visible()
    page.get_by_role("button", name="Undo the last sync").click()
    expect(page.get_by_text("Undone: 1 picture is hidden from this gallery.").first).to_be_visible()
    assert cards(page) == ["harbour-2.jpg"]
    expect(page.locator(".tabs [data-count=hidden]")).to_have_text("2")
    page.get_by_role("button", name="Show again").click()
    wait_for_cards(page, 2)

    page.get_by_text("Change the rule").click()
    page.get_by_label("Words", exact=True).fill("hill")
    page.get_by_role("button", name="Save the rule").click()
    expect(page.get_by_text("This takes 2 of 2 pictures out of the gallery.")).to_be_visible()
    page.get_by_role("button", name="Save the rule and take 2 pictures out").click()
    expect(page.get_by_text("In line with the rule: 2 added, 2 taken out")).to_be_visible(timeout=6 * SOON)
    expect(page.get_by_role("button", name="Hide hill.jpg")).to_be_visible()  # as many as before, but others
    assert set(cards(page)) == {"hill.jpg", "hill-2.jpg"}

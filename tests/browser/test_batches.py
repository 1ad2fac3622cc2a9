"""Many files at once, and what the library held before auto-sync, as an editor sees them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_story import (
    SOON,
    drop,
    make_first_account,
    make_page_with_gallery,
    switch_auto_sync_on,
    wait_for_cards,
)
from tests.support.gradients import big_jpeg
from tests.support.site import Site

pytestmark = pytest.mark.browser

NAMES = ["harbour.jpg", "fair.jpg", "parade.jpg"]


def test_one_line_for_a_drop_then_a_backfill_and_its_undo(page: Page, site: Site) -> None:
    make_first_account(page, site)
    page.get_by_role("link", name="Library", exact=True).click()
    drop(page, {name: big_jpeg(number) for number, name in enumerate(NAMES)} | {"notes.jpg": b"no picture"})
    line = page.locator(".batch-line")
    expect(line).to_contain_text("Uploaded 3 of 4 · 1 rejected · 3 ready", timeout=2 * SOON)
    expect(page.locator(".batch-line[data-poll-url]")).to_have_count(0, timeout=SOON)
    line.get_by_role("link", name="Each file").click()
    expect(page.locator(".upload-row")).to_have_count(4)
    expect(page.locator(".upload-row").first).to_contain_text("notes.jpg")

    make_page_with_gallery(page, "Summer fair")
    page.get_by_role("link", name="Edit the pictures").click()
    switch_auto_sync_on(page)
    expect(page.get_by_text("Also add the 3 already in the library?")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Add 3 pictures").click()
    expect(page.get_by_text("Added 3 pictures", exact=True)).to_be_visible(timeout=2 * SOON)
    wait_for_cards(page, 3)

    page.get_by_role("button", name="Hide fair.jpg").click()
    expect(page.locator(".tabs [data-count=hidden]")).to_have_text("1")
    page.get_by_role("button", name="Undo", exact=True).first.click()
    expect(page.get_by_text(re.compile("Undone: 2 pictures were taken out again. 1 stays"))).to_be_visible(timeout=SOON)
    wait_for_cards(page, 0)

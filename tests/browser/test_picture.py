"""One picture: its focal point by a click, and a new file that is shown as soon as it is ready."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_story import SOON, drop, make_first_account
from tests.support.gradients import big_jpeg
from tests.support.site import Site

pytestmark = pytest.mark.browser

PREPARED = 4 * SOON  # on a busy machine


def test_a_focal_point_is_clicked_and_then_the_file_replaced(page: Page, site: Site) -> None:
    make_first_account(page, site)
    page.get_by_role("link", name="Library", exact=True).click()
    drop(page, {"harbour.jpg": big_jpeg(1)})
    page.locator(".media-card").get_by_role("link", name="harbour.jpg").click()
    stage = page.locator("[data-focal-stage]")
    expect(stage).to_be_visible(timeout=PREPARED)  # the page fetches its picture by itself

    box = stage.bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.7 * box["height"])
    expect(page.get_by_label("From the left")).to_have_value("30")
    expect(page.get_by_label("From the top")).to_have_value("70")
    page.get_by_role("button", name="Save the focal point").click()
    expect(page.locator("#main").get_by_text("Saved. It still needs alt text.")).to_be_visible()
    expect(page.get_by_label("From the left")).to_have_value("30")
    expect(page.locator(".picture .thumb")).to_have_class(re.compile("focal-x-30 focal-y-70"))

    before = page.locator(".picture .thumb").get_attribute("src")
    new = {"name": "fair.jpg", "mimeType": "image/jpeg", "buffer": big_jpeg(2)}
    page.get_by_label("New file").set_input_files(new)
    page.get_by_role("button", name="Replace").click()
    expect(page.locator("#main").get_by_text("The file is now fair.jpg.")).to_be_visible()
    expect(page.get_by_text("This is the picture before the new file.")).to_have_count(0, timeout=PREPARED)
    picture = page.locator(".picture .thumb")
    expect(picture).not_to_have_attribute("src", before or "")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0

    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator("#main").get_by_text("The file is now harbour.jpg.")).to_be_visible()
    expect(picture).to_have_attribute("src", before or "", timeout=PREPARED)
    expect(page.get_by_role("listitem").filter(has_text="fair.jpg").get_by_role("button")).to_have_text("Put it back")

"""The main job by keyboard alone: nothing here is clicked, and focus is never lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_story import SOON, cards, make_first_account, make_page_with_gallery, wait_for_cards
from tests.support.gradients import big_jpeg
from tests.support.people import PASSWORD
from tests.support.site import Site

pytestmark = pytest.mark.browser

MOST_TABS = 80
HAS_RING = """() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return document.activeElement === document.body || (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2);
}"""


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until it has the focus; whatever has it on the way can be seen to have it."""
    expect(target.first).to_be_visible(timeout=SOON)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        page.wait_for_function(HAS_RING, timeout=SOON)
        if target.first.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {target}")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    tab_to(page, target)
    page.keyboard.press(key)


def link(page: Page, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("link", name=name, exact=isinstance(name, str))


def button(page: Page, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("button", name=name, exact=isinstance(name, str))


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/admin/")
    tab_to(page, page.get_by_label("E-mail"))
    page.keyboard.type("ann@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def choose_files(page: Page, files: list[Path]) -> None:
    with page.expect_file_chooser() as chooser:  # from here on: the browser learns of it some moments later
        press(page, page.locator("#files"))
    chooser.value.set_files(files)
    expect(page.locator(".upload-row.is-ready")).to_have_count(len(files), timeout=2 * SOON)


def test_the_main_job_by_keyboard_alone(page: Page, site: Site, tmp_path: Path) -> None:
    make_first_account(page, site)
    make_page_with_gallery(page, "Summer fair")
    page.context.clear_cookies()

    sign_in(page, site)
    press(page, link(page, "Summer fair"))
    press(page, link(page, "Edit the pictures"))
    press(page, page.get_by_role("switch", name="Auto-sync new uploads"), "Space")
    expect(page.get_by_text("New uploads will be added here").first).to_be_visible()
    gallery = page.url

    page.keyboard.type("gl")
    files = [tmp_path / name for name in ("a.jpg", "b.jpg", "c.jpg")]
    for number, file in enumerate(files):
        file.write_bytes(big_jpeg(number))
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    choose_files(page, files)

    page.goto(gallery)
    wait_for_cards(page, 3)
    order = cards(page)
    press(page, button(page, f"Move {order[0]} later"))
    expect(page.locator(".gallery-items .media-card-title").first).to_have_text(order[1])
    expect(button(page, f"Move {order[0]} later")).to_be_focused()

    press(page, button(page, f"Hide {order[0]}"))
    expect(page.get_by_text(f"“{order[0]}” is hidden.")).to_be_visible()
    expect(button(page, "Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(button(page, f"Hide {order[0]}")).to_be_focused()
    assert cards(page) == [order[1], order[0], order[2]]


def test_the_first_tab_leads_past_the_bar_to_the_content(page: Page, site: Site) -> None:
    make_first_account(page, site)
    page.reload()
    page.keyboard.press("Tab")
    skip = link(page, "Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")

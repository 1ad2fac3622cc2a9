"""A public page in the browser: pictures shown large, an address for each, and more of them on demand."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from config import Settings
from tests.browser.axe import look_closely
from tests.screens.content import wait_for_workers
from tests.site.pictures import hang, many_like, upload
from tests.support.site import Site
from webapp import create_app
from webapp.database import db
from webapp.models.page import PUBLISHED, create_page

pytestmark = pytest.mark.browser


@pytest.fixture
def ids(site: Site) -> Iterator[list[int]]:
    """Of three pictures on the page "fair", of which the last stands alone; "long" has a gallery of 61."""
    app = create_app(Settings(data_dir=site.data_dir))
    with app.app_context():
        media = [upload(900, 600, ready=False, alt=f"Number {n}", caption=f"Caption {n}") for n in range(3)]
        wait_for_workers(site)
        lone = {"blockType": "picture", "mediaId": media[2].id}
        page = create_page("Fair", status=PUBLISHED, layout=[{"blockType": "gallery"}, lone])
        hang(page, *media[:2])
        long = create_page("Long", status=PUBLISHED, layout=[{"blockType": "gallery", "title": "Long"}])
        many_like(media[0], 61, long.blocks[0].id)
        found = [each.id for each in media]
        db.engine.dispose()
    yield found


def test_pictures_are_shown_large_by_keys_and_each_has_an_address(page: Page, site: Site, ids: list[int]) -> None:
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{site.url}/fair")
    look_closely(page)
    page.get_by_role("link", name="Number 0").click()
    dialog = page.get_by_role("dialog", name="Picture")
    expect(dialog.get_by_role("img", name="Number 0")).to_be_visible()
    expect(dialog.get_by_text("1 of 3")).to_be_visible()
    expect(page).to_have_url(f"{site.url}/fair#picture-{ids[0]}")
    look_closely(page)
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_text("Caption 1")).to_be_visible()
    page.keyboard.press("End")
    expect(dialog.get_by_role("img", name="Number 2")).to_be_visible()
    expect(page).to_have_url(f"{site.url}/fair#picture-{ids[2]}")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(f"{site.url}/fair")
    expect(page.get_by_role("link", name="Number 2")).to_be_focused()
    assert wrong == []


def test_an_address_opens_its_picture_and_going_back_closes_one(page: Page, site: Site, ids: list[int]) -> None:
    page.goto(f"{site.url}/fair#picture-{ids[1]}")
    dialog = page.get_by_role("dialog", name="Picture")
    expect(dialog.get_by_role("img", name="Number 1")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(f"{site.url}/fair")
    page.get_by_role("link", name="Number 0").click()
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_role("img", name="Number 1")).to_be_visible()
    page.go_back()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(f"{site.url}/fair")


def test_more_pictures_come_to_the_page(page: Page, site: Site, ids: list[int]) -> None:
    page.goto(f"{site.url}/long")
    expect(page.locator("main picture")).to_have_count(60)
    page.get_by_role("button", name="Load more").click()
    expect(page.locator(".pictures picture")).to_have_count(61)
    expect(page.get_by_text("Pictures 1–61 of 61")).to_be_visible()
    expect(page.get_by_role("button", name="Load more")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("1 more picture")
    last = page.get_by_role("link", name="Copy 60")
    expect(last).to_be_focused()
    last.click()
    expect(page).to_have_url(re.compile(r"/long\?page=2#picture-\d+$"))
    page.reload()
    expect(page.get_by_role("dialog").get_by_role("img", name="Copy 60")).to_be_visible()


def test_the_large_pictures_are_counted_whole_and_go_on_past_what_is_loaded(
    page: Page, site: Site, ids: list[int]
) -> None:
    page.goto(f"{site.url}/long")
    page.locator("main a[data-picture]").last.click()
    dialog = page.get_by_role("dialog", name="Picture")
    expect(dialog.get_by_text("60 of 61")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_text("61 of 61")).to_be_visible()
    expect(dialog.get_by_role("img", name="Copy 60")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/long\?page=2#picture-\d+$"))
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_text("1 of 61")).to_be_visible()
    page.goto(f"{site.url}/long?page=2")
    page.locator("main a[data-picture]").click()
    expect(dialog.get_by_text("61 of 61")).to_be_visible()


def test_a_large_picture_stays_when_the_next_ones_can_not_be_loaded(page: Page, site: Site, ids: list[int]) -> None:
    page.goto(f"{site.url}/long")
    page.locator("main a[data-picture]").last.click()
    dialog = page.get_by_role("dialog", name="Picture")
    page.route("**/long?page=2", lambda route: route.abort())
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_text("The next pictures can't be loaded now. Try again.")).to_be_visible()
    expect(dialog.get_by_role("img")).to_be_visible()
    page.unroute("**/long?page=2")
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_text("61 of 61")).to_be_visible()


def test_without_javascript_the_links_lead_to_pictures_and_pages(browser: Browser, site: Site, ids: list[int]) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site.url}/long")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("Pictures 61–61 of 61")).to_be_visible()
    page.goto(f"{site.url}/fair")
    page.get_by_role("link", name="Number 0").click()
    expect(page).to_have_url(re.compile(rf"/media/{ids[0]}-\d+-\w+\.jpeg$"))

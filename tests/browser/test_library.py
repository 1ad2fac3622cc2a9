"""Finding pictures and changing many of them at once, as an editor does it in the browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import look_closely
from tests.browser.test_story import make_first_account
from tests.support import crowd
from tests.support.site import Site

pytestmark = pytest.mark.browser


def open_library(page: Page, site: Site, query: str = "") -> None:
    make_first_account(page, site)
    with site.rows():
        crowd.fill(pictures=70, items=5, pages=2, jobs=70, by=1)
    page.goto(f"{site.url}/admin/media{query}")


def test_a_range_is_selected_with_shift_tagged_trashed_and_brought_back(page: Page, site: Site) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    open_library(page, site, "?sort=oldest")
    bar = page.locator("#chosen")
    expect(bar.get_by_role("button", name="Move to the trash")).to_be_hidden()
    ticks = page.locator(".media-tick input")
    ticks.nth(0).check()
    ticks.nth(9).click(modifiers=["Shift"])
    expect(bar).to_contain_text("10 selected")
    bar.get_by_text("Tags", exact=True).click()
    look_closely(page)
    bar.get_by_label("Tags to add").fill("todo")
    bar.get_by_label("Tags to add").press("Enter")
    expect(page.locator(".notice").first).to_contain_text("10 pictures now have the tag “todo”.")
    page.get_by_label("Tag", exact=True).select_option("todo")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".found")).to_contain_text("10 pictures found")
    page.get_by_label("All on this page").check()
    bar.get_by_role("button", name="Move to the trash").click()
    expect(page.get_by_role("heading", name="Move 10 pictures to the trash?")).to_be_visible()
    expect(page.get_by_text("used on 1 page, in 1 gallery")).to_be_visible()
    look_closely(page)
    page.get_by_role("button", name="Move these 10 pictures").click()
    expect(page.get_by_text("10 pictures are in the trash.").first).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator(".notice").first).to_contain_text("10 pictures are back in the library")
    expect(page.locator(".media-card")).to_have_count(10)
    assert wrong == []


def test_what_is_selected_stays_so_when_the_gallery_was_forgotten(page: Page, site: Site) -> None:
    open_library(page, site)
    bar = page.locator("#chosen")
    for nth in (0, 2):
        page.locator(".media-tick input").nth(nth).check()
    bar.get_by_text("Add to a gallery", exact=True).click()
    bar.get_by_role("button", name="Add to the gallery").click()
    expect(page.locator(".notice").first).to_contain_text("Choose a gallery first.")
    expect(bar).to_contain_text("2 selected")
    bar.get_by_label(re.compile("All .* in the library")).check()
    bar.get_by_role("button", name="Add to the gallery").click()
    expect(page.locator(".notice").first).to_contain_text("Choose a gallery first.")
    expect(bar).to_contain_text("All selected")


def test_filters_and_the_list_are_for_everybody(page: Page, site: Site) -> None:
    open_library(page, site)
    page.get_by_text("More filters").click()
    page.get_by_label("Orientation").select_option("portrait")
    page.get_by_label("no alt text yet").check()
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_label("Orientation")).to_be_visible()
    page.get_by_role("link", name="List", exact=True).click()
    look_closely(page)
    page.get_by_role("link", name=re.compile("^Portrait")).click()
    expect(page).to_have_url(f"{site.url}/admin/media?no_alt=1&view=list")
    look_closely(page)


def test_pictures_are_found_by_words(page: Page, site: Site) -> None:
    open_library(page, site)
    page.get_by_label("Search", exact=True).fill("HARBOUR boats 13")
    page.get_by_label("Search", exact=True).press("Enter")
    expect(page.locator(".found")).to_contain_text("1 picture found")
    expect(page.locator(".media-card")).to_have_text(re.compile("Boats in the harbour, number 13"))
    page.get_by_label("Search", exact=True).fill("unicorn")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Show all").click()
    expect(page.locator(".media-card")).to_have_count(60)


def test_the_trash_gives_back_what_is_ticked_and_is_emptied_after_a_question(page: Page, site: Site) -> None:
    open_library(page, site, "?sort=oldest")
    bar = page.locator("#chosen")
    page.locator(".media-tick input").nth(0).check()
    page.locator(".media-tick input").nth(5).click(modifiers=["Shift"])
    bar.get_by_role("button", name="Move to the trash").click()
    page.get_by_role("button", name="Move these 6 pictures").click()
    page.get_by_role("link", name="Trash", exact=True).click()
    expect(page.locator(".media-card")).to_have_count(7)

    page.get_by_label("Tick Boats in the harbour, number 1", exact=True).check()
    bar.get_by_role("button", name="Restore").click()
    expect(page.locator(".notice").first).to_contain_text("1 picture is back in the library")
    page.get_by_label("Tick Boats in the harbour, number 2", exact=True).check()
    bar.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="Delete 1 picture for good?")).to_be_visible()
    look_closely(page)
    page.get_by_role("button", name="Delete 1 picture for good").click()
    expect(page.locator(".notice").first).to_contain_text("1 picture is deleted for good.")

    page.get_by_role("link", name="Empty the trash").click()
    expect(page.get_by_text("They are used on 1 page, in 1 gallery")).to_be_visible()
    look_closely(page)
    page.get_by_role("button", name="Delete 5 pictures for good").click()
    expect(page.locator(".notice").first).to_contain_text("5 pictures are deleted for good.")
    expect(page.get_by_role("heading", name="The trash is empty")).to_be_visible()
    look_closely(page)

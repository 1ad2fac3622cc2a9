"""The main job in a browser that runs no script: slower, but nothing is missing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.test_story import SOON, make_first_account, make_page_with_gallery, wait_for_cards
from tests.screens.states import upload_by_the_plain_form
from tests.support.gradients import big_jpeg
from tests.support.site import Site

pytestmark = pytest.mark.browser


def file(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).first.click()


def reload_until_shown(page: Page, pictures: int) -> None:
    for _ in range(60):
        if page.locator(".upload-thumb img").count() == pictures:
            return
        page.wait_for_timeout(250)
        page.get_by_role("link", name="Reload").click()
    raise AssertionError("The pictures of the upload are not shown")


def test_the_main_job_without_a_script(plain_page: Page, site: Site) -> None:
    page = plain_page
    make_first_account(page, site)
    expect(page.get_by_role("button", name="Search or go to…")).to_be_hidden()

    make_page_with_gallery(page, "Summer fair")
    page.get_by_label("Status").select_option("draft")
    save(page)
    page.get_by_role("link", name="Edit the pictures").click()
    gallery = page.url
    page.get_by_role("switch", name="Auto-sync new uploads").check()
    save(page)
    expect(page.get_by_text("On. New uploads will be added here.").first).to_be_visible()
    expect(page.get_by_role("switch", name="Auto-sync new uploads")).to_be_checked()

    page.get_by_role("link", name="Library", exact=True).click()
    files = [file("harbour.jpg", big_jpeg(1)), file("fair.jpg", big_jpeg(2)), file("notes.jpg", b"no picture")]
    page.locator("#files").set_input_files(files)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("heading", name="Your upload")).to_be_visible()
    expect(page.get_by_text("2 new pictures, 1 rejected.")).to_be_visible()
    expect(page.get_by_text("notes.jpg isn't a picture we can read")).to_be_visible()

    page.get_by_role("link", name="See how far they are").click()
    reload_until_shown(page, 2)

    page.goto(gallery)
    wait_for_cards(page, 2)
    page.get_by_role("button", name="Hide fair.jpg").click()
    expect(page.get_by_text("“fair.jpg” is hidden from this gallery.")).to_be_visible()
    wait_for_cards(page, 1)
    page.get_by_role("button", name="Undo", exact=True).click()
    wait_for_cards(page, 2)

    page.get_by_role("link", name="Summer fair").first.click()
    page.get_by_label("Status").select_option("published")
    save(page)
    page.get_by_role("link", name="View page").click()
    expect(page).to_have_url(re.compile("/summer-fair$"))
    expect(page.get_by_role("heading", name="Summer fair")).to_be_visible()
    expect(page.locator("main picture")).to_have_count(2, timeout=SOON)


def test_the_result_of_the_plain_form_shows_its_pictures_once_they_are_there(page: Page, site: Site) -> None:
    """The browser has JavaScript, and whoever uploads chose the plain form before it was loaded."""
    make_first_account(page, site)
    page.goto(f"{site.url}/admin/media")
    upload_by_the_plain_form(page)
    expect(page.locator(".upload-thumb img")).to_have_count(2, timeout=SOON)
    expect(page.locator(".upload-thumb .thumb-waiting")).to_have_count(0)

"""A page with one picture, from choosing it to the trash, as an editor does it in the browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import look_closely
from tests.browser.test_story import SOON, make_first_account, make_page_with_gallery
from tests.site.pictures import upload
from tests.support.gradients import big_jpeg
from tests.support.site import Site
from webapp.models.post import create_post

pytestmark = pytest.mark.browser


def test_a_picture_is_uploaded_previewed_published_and_the_page_deleted(page: Page, site: Site) -> None:
    make_first_account(page, site)
    make_page_with_gallery(page, "Summer fair")
    page.get_by_label("Status").select_option("draft")
    page.get_by_role("button", name="Add picture").click()
    expect(page.get_by_role("heading", name="Choose a picture")).to_be_visible()
    look_closely(page)
    file = {"name": "harbour.jpg", "mimeType": "image/jpeg", "buffer": big_jpeg(1)}
    page.get_by_label("Upload a new picture").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Upload and use it").click()
    expect(page.get_by_role("button", name="Choose another picture")).to_be_visible()
    look_closely(page)

    page.get_by_label("Caption").fill("The harbour at dawn")
    page.get_by_role("button", name="Save and preview").click()
    expect(page.get_by_text("Preview of a draft.")).to_be_visible()
    picture = page.get_by_role("link", name="Open the picture")
    for _ in range(60):  # its renditions are made in the background
        if picture.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(picture).to_be_visible()
    expect(page.get_by_text("The harbour at dawn")).to_be_visible()
    look_closely(page)

    page.get_by_role("link", name="Back to editing").click()
    page.get_by_role("button", name="Choose another picture").click()
    expect(page.get_by_role("button", name="On the page now: harbour.jpg")).to_be_visible(timeout=SOON)
    look_closely(page)
    page.get_by_role("link", name="Summer fair").click()
    page.get_by_role("button", name="Move the page to the trash").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    look_closely(page)
    page.get_by_role("link", name="Trash").click()
    expect(page.get_by_text(re.compile("moved to the trash .*, by ann"))).to_be_visible()
    look_closely(page)
    page.get_by_role("link", name="Delete for good").click()
    expect(page.get_by_text("This page with 1 gallery with 0 pictures")).to_be_visible()
    look_closely(page)
    page.get_by_role("button", name="Delete 1 page for good").click()
    expect(page.get_by_text("“Summer fair” is deleted for good.").first).to_be_visible()


def test_all_of_it_works_without_javascript(browser: Browser, page: Page, site: Site) -> None:
    make_first_account(page, site)
    make_page_with_gallery(page, "Summer fair")
    plain = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state()).new_page()
    plain.goto(page.url)
    plain.get_by_role("button", name="Add picture").click()
    file = {"name": "harbour.jpg", "mimeType": "image/jpeg", "buffer": big_jpeg(1)}
    plain.get_by_label("Upload a new picture").set_input_files(file)  # type: ignore[arg-type]
    plain.get_by_role("button", name="Upload and use it").click()
    plain.get_by_role("button", name="Choose another picture").click()
    plain.get_by_role("button", name="On the page now: harbour.jpg").click()
    expect(plain.get_by_role("button", name="Choose another picture")).to_be_visible()


def test_thumbnails_to_choose_from_begin_at_the_top_however_long_a_title_is(page: Page, site: Site) -> None:
    make_first_account(page, site)
    with site.rows():
        for alt in ("Pier", "A pier of old wood that goes far out into the calm sea. " * 3):
            upload(60, 40, ready=False, alt=alt)
        post_id = create_post("Harbour").id
    page.goto(f"{site.url}/admin/posts/{post_id}/cover")
    tops = page.locator(".choose-card .thumb").evaluate_all(
        "all => all.map((each) => each.getBoundingClientRect().top)"
    )
    assert len(tops) == 2 and tops[0] == tops[1]

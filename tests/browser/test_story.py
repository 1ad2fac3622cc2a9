"""The main job, whole, as an editor does it in the browser."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.gradients import big_jpeg
from tests.support.people import PASSWORD
from tests.support.site import Site

pytestmark = pytest.mark.browser

SOON = 15_000  # milliseconds
NAMES = ["harbour.jpg", "fair.jpg", "parade.jpg", "choir.jpg", "fireworks.jpg"]


def make_first_account(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/admin/")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.get_by_label("E-mail").fill("ann@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page).to_have_url(re.compile(r"/admin/$"))


def make_page_with_gallery(page: Page, title: str) -> None:
    page.get_by_role("link", name="Pages", exact=True).click()
    page.get_by_role("link", name=re.compile("New page|Make", re.IGNORECASE)).first.click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Begin with an empty gallery").check()
    page.get_by_role("button", name="Make the page").click()
    page.get_by_label("Status").select_option("published")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_role("link", name="View page")).to_be_visible()


def switch_auto_sync_on(page: Page) -> None:
    with page.expect_response(lambda answer: "/switch" in answer.url or answer.request.method == "POST"):
        page.get_by_role("switch", name="Auto-sync new uploads").check()
    expect(page.get_by_text("New uploads will be added here").first).to_be_visible()


def drop(page: Page, files: dict[str, bytes]) -> None:
    """Drop files on the page, as from a file manager; its script must be there to catch them."""
    page.wait_for_url(re.compile(r"/admin/media"))  # resolves once that page has loaded
    encoded = {name: base64.b64encode(data).decode() for name, data in files.items()}
    transfer = page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const [name, data] of Object.entries(files)) {
                const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
                transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
            }
            return transfer;
        }""",
        encoded,
    )
    page.dispatch_event("main", "drop", {"dataTransfer": transfer})


def cards(page: Page) -> list[str]:
    return page.locator(".gallery-items .media-card-title").all_inner_texts()


def wait_for_cards(page: Page, count: int) -> None:
    """The gallery page shows what is there when it is opened, so it is opened until it shows them."""
    for _ in range(60):
        if len(cards(page)) == count:
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError(f"{cards(page)} instead of {count} pictures")


def test_from_the_first_account_to_a_gallery_that_hangs_itself(page: Page, site: Site) -> None:
    make_first_account(page, site)
    make_page_with_gallery(page, "Summer fair")
    switch_auto_sync_on(page)

    page.get_by_role("link", name="Library", exact=True).click()
    drop(page, {name: big_jpeg(number) for number, name in enumerate(NAMES)})
    expect(page.locator(".upload-row.is-ready")).to_have_count(5, timeout=SOON)
    expect(page.get_by_text("Added to 1 gallery").first).to_be_visible()

    page.get_by_role("link", name="Pages", exact=True).click()
    page.get_by_role("link", name="Summer fair").first.click()
    page.get_by_role("link", name="Edit the pictures").click()
    gallery = page.url
    wait_for_cards(page, 5)
    assert set(cards(page)) == set(NAMES)

    page.goto(f"{site.url}/summer-fair")
    expect(page.locator("main picture")).to_have_count(5)
    expect(page.locator("main picture img").first).to_have_js_property("complete", True)
    assert page.locator("main picture img").first.evaluate("image => image.naturalWidth") > 0

    page.goto(gallery)
    page.get_by_role("button", name="Hide fair.jpg").click()
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()
    expect(page.locator(".tabs [data-count=hidden]")).to_have_text("1")

    page.get_by_role("link", name="Library", exact=True).click()
    drop(page, {"late.jpg": big_jpeg(99)})
    expect(page.locator(".upload-row.is-ready")).to_have_count(1, timeout=SOON)
    page.goto(gallery)
    wait_for_cards(page, 5)
    assert set(cards(page)) == {*NAMES, "late.jpg"} - {"fair.jpg"}

    page.goto(f"{site.url}/summer-fair")
    expect(page.locator("main picture")).to_have_count(5)

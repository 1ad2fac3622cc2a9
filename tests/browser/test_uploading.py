"""Uploading, as an editor sees it: every file has a line that says what became of it, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_story import SOON, drop, make_first_account
from tests.support.gradients import big_jpeg
from tests.support.people import PASSWORD
from tests.support.pictures import tiny_jpeg
from tests.support.site import Site

pytestmark = pytest.mark.browser

LIBRARY = re.compile(r"/admin/media$")
BROKEN = "picture-20.jpg"
PREPARED = 20 * SOON  # forty pictures on a busy machine


def row(page: Page, name: str):
    return page.locator(".upload-row", has=page.get_by_text(name, exact=True))


def open_library(page: Page) -> None:
    page.get_by_role("link", name="Library", exact=True).click()
    page.wait_for_url(LIBRARY)


@pytest.fixture
def said(page: Page) -> Iterator[list[str]]:
    """What the live region of the page says, in order."""
    heard: list[str] = []
    page.expose_function("heard", lambda words: heard.append(words))
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
            const region = document.getElementById("announcements");
            new MutationObserver(() => region?.textContent && heard(region.textContent))
                .observe(region, { childList: true });
        });"""
    )
    yield heard


def break_once(page: Page, name: str) -> list[str]:
    """Cut the connection while this file is sent, the first time; what was sent of it is noted."""
    tries: list[str] = []

    def route(route: Route) -> None:
        body = route.request.post_data_buffer or b""
        if route.request.method == "POST" and f'filename="{name}"'.encode() in body:
            tries.append(name)
            if len(tries) == 1:
                return route.abort("connectionreset")
        return route.continue_()

    page.route(LIBRARY, route)
    return tries


def test_forty_files_with_two_bad_ones_a_duplicate_and_a_broken_connection(
    page: Page, site: Site, said: list[str]
) -> None:
    make_first_account(page, site)
    open_library(page)
    drop(page, {"harbour.jpg": tiny_jpeg(500)})
    expect(row(page, "harbour.jpg")).to_contain_text("Ready.", timeout=4 * SOON)
    page.get_by_role("button", name="Clear this list").click()

    tries = break_once(page, BROKEN)
    good = {f"picture-{number:02}.jpg": tiny_jpeg(number) for number in range(37)}
    bad = {"notes.jpg": b"These are notes.", "cut.jpg": big_jpeg(1)[:4000]}
    drop(page, good | bad | {"again.jpg": tiny_jpeg(500)})

    summary = page.locator("[data-upload-summary]")
    outcome = "38 of 40 in the library (37 new, 1 already in the library, 2 rejected)."
    expect(summary).to_contain_text(outcome, timeout=6 * SOON)
    expect(summary).to_have_text(f"{outcome} 38 need alt text.", timeout=PREPARED)
    assert tries == [BROKEN, BROKEN]  # it went on by itself
    assert page.locator(".upload-row").count() == 40
    expect(row(page, BROKEN)).to_contain_text("Ready.")
    expect(row(page, BROKEN).get_by_role("link", name="Needs alt text")).to_be_visible()
    expect(row(page, "notes.jpg")).to_contain_text(
        "Rejected: notes.jpg isn't a picture we can read (it looks like text)"
    )
    expect(row(page, "cut.jpg")).to_contain_text("Rejected: cut.jpg: The file is cut off.")
    expect(page.locator(".batch-line")).to_contain_text(
        "Uploaded 37 of 40 · 1 already in the library · 2 rejected · 37 ready", timeout=2 * SOON
    )
    expect(page.locator(".media-card")).to_have_count(38)

    again = row(page, "again.jpg")
    expect(again).to_contain_text("Already in the library as harbour.jpg.")
    expect(again.get_by_role("link", name="Open")).to_have_attribute("href", re.compile(r"/admin/media/\d+$"))
    again.get_by_role("button", name="Upload anyway").click()
    expect(again).to_contain_text("Ready.", timeout=4 * SOON)
    expect(summary).to_have_text("38 of 40 in the library (38 new, 2 rejected). 38 need alt text.", timeout=SOON)

    words = " | ".join(said)
    assert "Uploading 40 pictures." in words
    assert re.search(r"\b(1\d|2\d|3[0-7]) of 40 in the library\.", words)
    assert "The connection is lost. It goes on by itself." in words
    assert "37 new, 1 already in the library, 2 rejected" in words
    assert len(said) < 20, said  # milestones, not every file


def test_a_session_that_ends_keeps_the_files_until_somebody_signs_in_in_another_tab(page: Page, site: Site) -> None:
    make_first_account(page, site)
    open_library(page)
    page.context.clear_cookies()
    drop(page, {f"{number}.jpg": tiny_jpeg(number) for number in range(3)})
    expect(page.get_by_text("You were signed out.", exact=True)).to_be_visible(timeout=SOON)
    expect(page.locator("[data-upload-summary]")).to_have_text("Uploading: 0 of 3 in the library")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Sign in again").click()
    tab = popup.value
    tab.get_by_label("E-mail").fill("ann@example.org")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_url(LIBRARY)
    expect(page.locator("[data-upload-summary]")).to_contain_text("3 of 3 in the library", timeout=SOON)
    expect(page.get_by_text("You were signed out.", exact=True)).to_be_hidden()


def test_what_waits_can_be_cancelled_at_once_and_tried_again(page: Page, site: Site) -> None:
    make_first_account(page, site)
    open_library(page)
    page.route(LIBRARY, lambda route: route.request.method == "POST" or route.continue_())  # sent, and no answer
    drop(page, {f"{number}.jpg": tiny_jpeg(number) for number in range(6)})
    expect(page.locator(".upload-row[data-state=waiting]")).to_have_count(3)
    page.get_by_role("button", name="Cancel 5.jpg").click()
    expect(row(page, "5.jpg")).to_contain_text("Cancelled")
    page.get_by_role("button", name="Cancel all").click()
    expect(page.locator("[data-upload-summary]")).to_contain_text("cancelled")
    page.unroute(LIBRARY)
    page.get_by_role("button", name="Try all again").click()
    expect(page.locator("[data-upload-summary]")).to_contain_text("6 of 6 in the library", timeout=SOON)


def test_a_picture_is_pasted(page: Page, site: Site) -> None:
    make_first_account(page, site)
    open_library(page)
    page.evaluate(
        """data => {
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([Uint8Array.from(data)], "image.jpg", { type: "image/jpeg" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
        }""",
        list(tiny_jpeg(1)),
    )
    expect(row(page, "image.jpg")).to_contain_text("Ready.", timeout=SOON)


def test_a_folder_is_walked_through(page: Page, site: Site, tmp_path) -> None:
    make_first_account(page, site)
    open_library(page)
    deep = tmp_path / "fair" / "evening"
    deep.mkdir(parents=True)
    (tmp_path / "fair" / "a.jpg").write_bytes(tiny_jpeg(1))
    (deep / "b.jpg").write_bytes(tiny_jpeg(2))
    (deep / ".DS_Store").write_bytes(b"litter")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a folder").click()
    chooser.value.set_files(tmp_path / "fair")
    expect(page.locator("[data-upload-summary]")).to_contain_text("2 of 2 in the library", timeout=SOON)
    expect(page.locator(".upload-row")).to_have_count(2)


def test_the_library_is_counted_as_it_grows(page: Page, site: Site) -> None:
    make_first_account(page, site)
    open_library(page)
    tab = page.get_by_role("navigation", name="Library or trash").get_by_role("link", name=re.compile("^Library"))
    expect(tab).to_have_text("Library 0")
    drop(page, {"a.jpg": tiny_jpeg(1), "b.jpg": tiny_jpeg(2), "again.jpg": tiny_jpeg(1)})
    expect(page.locator("[data-upload-summary]")).to_contain_text("3 of 3 in the library", timeout=SOON)
    expect(tab).to_have_text("Library 2")

    page.reload()
    drop(page, {"c.jpg": tiny_jpeg(3), "b.jpg": tiny_jpeg(2)})
    expect(page.locator("[data-upload-summary]")).to_contain_text("2 of 2 in the library", timeout=SOON)
    expect(tab).to_have_text("Library 3")
    expect(page.locator(".found > p")).to_have_text("3 pictures")
    page.goto(f"{site.url}/admin/media?q=jpg")
    expect(page.locator(".found > p")).to_have_text("3 pictures found")

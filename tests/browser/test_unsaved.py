"""What was typed and not saved: the browser asks before it is lost, and signing in again does not lose it either."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from tests.browser.test_story import SOON, drop, make_first_account, make_page_with_gallery
from tests.support.people import PASSWORD
from tests.support.pictures import tiny_jpeg
from tests.support.site import Site

pytestmark = pytest.mark.browser


class Questions:
    """Each that the browser asks is answered with "stay"."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        page.on("dialog", self.stay)

    def stay(self, dialog: Dialog) -> None:
        self.asked.append(dialog.type)
        dialog.dismiss()

    def come_with(self, pressed: Locator) -> None:
        self.page.wait_for_load_state()  # the script is there
        address = self.page.url
        with self.page.expect_event("dialog"):
            pressed.click(no_wait_after=True)
        assert (self.asked, self.page.url) == (["beforeunload"], address)
        self.asked.clear()

    def do_not_come_with(self, pressed: Locator) -> None:
        with self.page.expect_navigation():
            pressed.click()
        assert self.asked == []


def sections(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Sections")


def link(page: Page, name: str) -> Locator:
    return sections(page).get_by_role("link", name=name, exact=True)


def save(page: Page) -> Locator:
    return page.get_by_role("button", name="Save", exact=True).first


def test_the_browser_asks_before_what_was_typed_is_lost(page: Page, site: Site) -> None:
    make_first_account(page, site)
    make_page_with_gallery(page, "Summer fair")
    questions = Questions(page)
    title = page.get_by_label("Title", exact=True)

    title.fill("Winter fair")
    questions.come_with(link(page, "Library"))
    expect(title).to_have_value("Winter fair")
    questions.do_not_come_with(save(page))
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter fair")
    title.fill("Spring fair")
    title.fill("Winter fair")
    page.get_by_label("Status").select_option("draft")
    page.get_by_label("Status").select_option("published")
    questions.do_not_come_with(page.get_by_role("link", name="Edit the pictures"))  # all is as it was

    page.get_by_text("Change the rule").click()
    page.get_by_label("Words", exact=True).fill("harbour")
    questions.come_with(link(page, "Posts"))
    questions.do_not_come_with(page.get_by_role("button", name="Save the rule"))
    expect(page.locator(".rule-words")).to_contain_text("“harbour”")

    link(page, "Posts").click()
    page.get_by_role("link", name="New post").first.click()
    page.get_by_label("Title").fill("By the sea")
    page.get_by_role("button", name="Begin to write").click()
    page.get_by_label("Text", exact=True).fill("Waves")
    page.get_by_label("Title").fill("")
    questions.come_with(link(page, "Library"))
    save(page).click()
    expect(page.get_by_role("alert")).to_be_focused()
    questions.come_with(link(page, "Library"))  # what could not be saved is still there
    page.get_by_label("Title").fill("By the sea")
    questions.do_not_come_with(save(page))

    link(page, "Library").click()
    drop(page, {"harbour.jpg": tiny_jpeg(1)})
    page.locator(".media-card").get_by_role("link", name="harbour.jpg").click()
    page.get_by_label("Alt text").fill("A harbour")
    questions.come_with(page.get_by_role("button", name="Save the focal point"))  # it would lose the words
    expect(page.get_by_label("Alt text")).to_have_value("A harbour")
    questions.do_not_come_with(save(page))
    expect(page.locator("#main").get_by_text("Saved.", exact=True)).to_be_visible(timeout=SOON)
    questions.do_not_come_with(page.get_by_role("button", name="Save the focal point"))


def test_a_form_outlives_signing_out_and_in_again(plain_page: Page, site: Site) -> None:
    page = plain_page
    make_first_account(page, site)
    make_page_with_gallery(page, "Summer fair")
    other = page.context.new_page()
    other.goto(f"{site.url}/admin/")
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_text("You are signed out.")).to_be_visible()

    page.get_by_label("Title", exact=True).fill("Winter fair")
    save(page).click()
    expect(page.get_by_text("You were signed out. Sign in, and send the form again.")).to_be_visible()
    sign_in(page)
    expect(page.get_by_text("You are signed in again.")).to_be_visible()
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter fair")

    other.goto(f"{site.url}/admin/")
    other.get_by_role("button", name="Sign out").click()
    sign_in(other)
    expect(other).to_have_url(re.compile("/admin/$"))
    page.get_by_label("Title", exact=True).fill("Spring fair")
    save(page).click()
    expect(page.get_by_text("This form is from before you signed in or out.")).to_be_visible()
    expect(page.get_by_role("button", name="Send it again")).to_be_focused()
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring fair")


def sign_in(page: Page) -> None:
    page.get_by_label("E-mail").fill("ann@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

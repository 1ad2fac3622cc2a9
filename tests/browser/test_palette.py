"""The command palette and the single keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_story import make_first_account
from tests.support.databases import SqliteTemplates
from tests.support.site import ForkedSite, Site
from webapp.models.page import create_page

pytestmark = pytest.mark.browser

NOTE_THE_CLICK = """() => document.querySelector("#files").addEventListener("click", (event) => {
    event.preventDefault();
    document.body.dataset.askedForFiles = "";
})"""


@pytest.fixture(scope="module")
def shared_site(sqlite_templates: SqliteTemplates) -> Iterator[Site]:
    site = ForkedSite(sqlite_templates).start().wait_until_up()
    yield site
    print(site.output[-5000:])
    site.remove()


@pytest.fixture(scope="module")
def signed_in(shared_site: Site, browser) -> Iterator[dict]:
    """What the browser keeps of somebody who is signed in."""
    context = browser.new_context()
    make_first_account(context.new_page(), shared_site)
    with shared_site.rows():
        create_page("Summer fair")
        create_page("Winter market")
    yield context.storage_state()
    context.close()


@pytest.fixture
def at(shared_site: Site, signed_in: dict, new_context) -> Iterator[Page]:
    page = new_context(storage_state=signed_in).new_page()
    page.goto(f"{shared_site.url}/admin/jobs")
    expect(opener(page)).to_be_visible()
    return page


def opener(page: Page) -> Locator:
    return page.get_by_role("button", name="Search or go to…")


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search or go to")


def chosen(page: Page) -> Locator:
    return page.locator("[role=option][aria-selected=true]")


def test_ctrl_k_filters_commands_and_enter_goes_there(at: Page) -> None:
    at.keyboard.press("Control+k")
    expect(field(at)).to_be_focused()
    field(at).fill("queu")
    expect(chosen(at)).to_contain_text("Queues and workers")
    expect(field(at)).to_have_attribute("aria-activedescendant", chosen(at).get_attribute("id"))
    at.keyboard.press("Enter")
    expect(at).to_have_url(re.compile("/admin/queues$"))


def test_arrow_keys_move_through_the_list_and_round_its_ends(at: Page) -> None:
    opener(at).click()
    expect(chosen(at)).to_contain_text("Library")
    at.keyboard.press("ArrowDown")
    expect(chosen(at)).to_contain_text("Pages")
    at.keyboard.press("ArrowUp")
    at.keyboard.press("ArrowUp")
    expect(chosen(at)).to_contain_text("Sign out")
    expect(field(at)).to_be_focused()


def test_a_page_is_opened_by_its_title(at: Page) -> None:
    at.keyboard.press("Control+k")
    at.keyboard.type("summer")
    option = at.get_by_role("option", name="Summer fair")
    expect(option).to_contain_text("Page, draft")
    expect(at.get_by_role("option", name="Winter market")).to_have_count(0)
    option.click()
    expect(at.get_by_role("heading", name="Summer fair")).to_be_visible()


def test_pictures_are_searched_for_what_was_typed(at: Page) -> None:
    at.keyboard.press("Control+k")
    at.keyboard.type("grey & blue")
    at.get_by_role("option", name="Search pictures for “grey & blue”").click()
    expect(at.get_by_label("Search", exact=True)).to_have_value("grey & blue")


def test_escape_closes_and_gives_the_focus_back(at: Page) -> None:
    opener(at).focus()
    at.keyboard.press("Enter")
    expect(field(at)).to_be_focused()
    at.keyboard.press("Escape")
    expect(field(at)).to_be_hidden()
    expect(opener(at)).to_be_focused()


def test_single_keys_go_to_the_sections_but_not_out_of_a_field(at: Page) -> None:
    about = at.get_by_label("About")
    about.focus()
    at.keyboard.type("gl")
    expect(about).to_have_value("gl")
    about.blur()
    at.keyboard.press("/")
    expect(about).to_be_focused()
    about.blur()
    at.keyboard.type("gl")
    expect(at).to_have_url(re.compile("/admin/media$"))
    expect(opener(at)).to_be_visible()
    at.evaluate(NOTE_THE_CLICK)  # to wait for the dialog itself would race with Chromium's own
    at.keyboard.press("u")
    expect(at.locator("body[data-asked-for-files]")).to_be_attached()


def test_u_goes_to_where_pictures_are_uploaded(at: Page) -> None:
    at.keyboard.press("u")
    expect(at.locator("#files")).to_be_focused()


def test_single_keys_can_be_switched_off_for_good(at: Page) -> None:
    at.keyboard.press("?")
    switch = at.get_by_role("switch", name="Shortcuts of single keys")
    expect(switch).to_be_checked()
    switch.uncheck()
    expect(at.get_by_text("Off. Only Ctrl+K and ⌘K work. This browser remembers it.")).to_be_visible()
    at.reload()
    expect(opener(at)).to_be_visible()
    at.keyboard.type("?gl")
    expect(switch).to_be_hidden()
    at.keyboard.press("Control+k")
    expect(field(at)).to_be_focused()
    expect(at).to_have_url(re.compile("/admin/jobs$"))


def test_without_a_server_it_still_knows_the_commands(at: Page) -> None:
    at.context.set_offline(True)
    at.keyboard.press("Control+k")
    at.keyboard.type("lib")
    expect(at.get_by_text("Pictures and pages can't be looked up just now.")).to_be_visible()
    expect(chosen(at)).to_contain_text("Library")


def test_signing_out_is_a_command(at: Page) -> None:
    """Last of them: it ends the session that they share."""
    at.keyboard.press("Control+k")
    at.keyboard.type("sign out")
    at.keyboard.press("Enter")
    expect(at.get_by_text("You are signed out.")).to_be_visible()

"""A post from its first word to its readers and back, without a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_story import make_first_account
from tests.support.site import Site

pytestmark = pytest.mark.browser


def test_a_post_is_previewed_published_read_found_and_taken_back(plain_page: Page, site: Site) -> None:
    page = plain_page
    make_first_account(page, site)
    page.get_by_role("link", name="Posts", exact=True).click()
    page.get_by_role("link", name="New post").first.click()
    page.get_by_label("Title").fill("By the sea")
    page.get_by_role("button", name="Begin to write").click()
    page.get_by_label("Text", exact=True).fill("# Waves\n\nThey *come*, and [go](/posts).")
    page.get_by_label("Tags").fill("sea, night")
    edit = page.url

    page.get_by_role("button", name="Save and preview").click()
    expect(page.get_by_role("heading", name="Waves", level=2)).to_be_visible()
    assert site.status("/posts/by-the-sea") == 404
    page.get_by_role("link", name="Back to editing").click()
    expect(page).to_have_url(edit)

    page.get_by_role("button", name="Publish now").click()
    page.get_by_role("link", name="View post").click()
    expect(page).to_have_url(re.compile("/posts/by-the-sea$"))
    expect(page.locator("em")).to_have_text("come")
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Search")).to_be_hidden()
    expect(page.locator("em")).to_be_visible()
    page.emulate_media(media="screen")

    page.get_by_role("link", name="sea", exact=True).click()
    expect(page.get_by_role("heading", name="Posts about sea")).to_be_visible()
    page.get_by_role("link", name="Search").click()
    page.get_by_label("Words").fill("waves")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="By the sea").click()
    expect(page.get_by_role("heading", name="By the sea", level=1)).to_be_visible()

    page.goto(edit)
    page.get_by_role("button", name="Unpublish").click()
    expect(page.get_by_role("link", name="View post")).to_have_count(0)
    assert site.status("/posts/by-the-sea") == 404
    page.goto(f"{site.url}/posts")
    expect(page.get_by_text("Nobody has published a post yet.")).to_be_visible()

"""Something failed in the background: an editor reads why, where the picture is, and tries again with one click."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser.axe import look_closely
from tests.browser.test_story import SOON, drop, make_first_account
from tests.support.pictures import tiny_jpeg
from tests.support.site import Site
from webapp import jobs
from webapp.models.media import Media

pytestmark = pytest.mark.browser


def lose_file(site: Site) -> Path:
    """The file of the one picture, while nobody reads it; where it was."""
    with site.rows() as session:
        path = site.data_dir / "files" / session.scalars(select(Media.storage_key)).one()
    path.rename(path.with_suffix(".lost"))
    return path


def test_an_editor_reads_why_a_picture_is_not_ready_and_tries_again(page: Page, site: Site) -> None:
    make_first_account(page, site)
    with site.rows():
        jobs.pause("images")
    page.get_by_role("link", name="Library", exact=True).click()
    drop(page, {"harbour.jpg": tiny_jpeg(1)})
    card = page.locator(".media-card")
    expect(card).to_contain_text("Waiting to be prepared", timeout=SOON)
    path = lose_file(site)
    with site.rows():
        jobs.resume("images")
    page.reload()
    expect(card).to_contain_text("Failed: The file of harbour.jpg is missing. Upload it again.", timeout=SOON)
    look_closely(page)

    path.with_suffix(".lost").rename(path)
    card.get_by_role("button", name="Try again").click()
    expect(card).to_contain_text("Ready", timeout=SOON)
    expect(card.locator("img")).to_be_visible()
    expect(page).to_have_url(f"{site.url}/admin/media")

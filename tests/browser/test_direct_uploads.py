"""With a bucket that lets it, the browser sends pictures straight there; where it does not, they are sent to us."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.test_story import SOON, drop, make_first_account
from tests.browser.test_uploading import open_library, row
from tests.support import s3
from tests.support.databases import SqliteTemplates
from tests.support.gradients import big_jpeg
from tests.support.pictures import tiny_jpeg
from tests.support.site import ForkedSite, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def site(sqlite_templates: SqliteTemplates, s3_server: s3.S3Server, s3_keys: None) -> Iterator[Site]:
    """Whose files lie in a bucket, with originals and renditions of its own."""
    site = ForkedSite(sqlite_templates, S3_BUCKET=s3.BUCKET, S3_ENDPOINT_URL=s3_server.url).start().wait_until_up()
    yield site
    print(site.output[-5000:])  # shown when a test fails
    site.remove()


@pytest.fixture
def posted(page: Page) -> list[str]:
    """Where the page posted files to."""
    seen: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "multipart" in request.headers.get("content-type", ""):
            seen.append(request.url)

    page.on("request", note)
    return seen


def test_pictures_go_to_the_bucket_and_are_ready(page: Page, site: Site, s3_server, posted: list[str]) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    make_first_account(page, site)
    open_library(page)
    drop(
        page,
        {"one.jpg": big_jpeg(1), "two.jpg": big_jpeg(2), "notes.jpg": b"These are notes.", "again.jpg": big_jpeg(1)},
    )
    expect(row(page, "two.jpg")).to_contain_text("Ready.", timeout=6 * SOON)
    expect(row(page, "notes.jpg")).to_contain_text("Rejected: ", timeout=4 * SOON)
    summary = "3 of 4 in the library (2 new, 1 already in the library, 1 rejected)"
    expect(page.locator("[data-upload-summary]")).to_contain_text(summary, timeout=6 * SOON)
    assert posted == [f"{s3_server.url}/{s3.BUCKET}"] * 4
    assert complaints == []
    expect(page.locator("[data-upload-batches]")).to_contain_text("Uploaded 2 of 4", timeout=4 * SOON)


def test_where_the_bucket_lets_nobody_in_they_are_sent_to_us(page: Page, site: Site, s3_server, posted) -> None:
    make_first_account(page, site)
    open_library(page)
    page.route(f"{s3_server.url}/**", lambda route: route.abort("failed"))  # as without CORS
    drop(page, {f"{number}.jpg": tiny_jpeg(number) for number in range(6)})
    summary = page.locator("[data-upload-summary]")
    expect(summary).to_contain_text("6 of 6 in the library (6 new)", timeout=6 * SOON)
    assert sum(url.endswith("/admin/media") for url in posted) == 6
    assert len(posted) <= 6 + 3  # those that were on their way when the first was refused


def test_the_policy_lets_pages_with_the_form_reach_the_bucket_and_no_others(page: Page, site: Site, s3_server) -> None:
    make_first_account(page, site)
    policies = {
        path: page.request.get(site.url + path).headers["content-security-policy"]
        for path in ("/admin/media", "/admin/pages", "/")
    }
    assert f"connect-src 'self' {s3_server.url}" in policies["/admin/media"]
    assert "connect-src" not in policies["/admin/pages"] + policies["/"]

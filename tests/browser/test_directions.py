"""Words are written in the direction of their script, whatever that of the site is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from config import Settings
from tests.support.site import Site
from webapp import create_app
from webapp.database import db
from webapp.models.page import PUBLISHED, create_page

pytestmark = pytest.mark.browser

MARGINS = """element => {
  const words = document.createRange();
  words.selectNodeContents(element);
  const [inner, outer] = [words.getBoundingClientRect(), element.getBoundingClientRect()];
  return [inner.left - outer.left, outer.right - inner.right];
}"""


def test_hebrew_begins_at_the_right_and_english_at_the_left(page: Page, site: Site) -> None:
    app = create_app(Settings(data_dir=site.data_dir))
    with app.app_context():
        text = {"blockType": "text", "title": "The harbour", "body": "הנמל בבוקר"}
        create_page("שלום עולם", slug="harbour", status=PUBLISHED, layout=[text])
        db.engine.dispose()
    page.goto(f"{site.url}/harbour")
    for words, begins in [("h1", "right"), ("h2", "left"), ("main p", "right")]:
        left, right = page.locator(words).evaluate(MARGINS)
        assert (left < right) == (begins == "left"), words

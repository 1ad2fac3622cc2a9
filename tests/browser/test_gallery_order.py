"""The order of a gallery by its buttons, while pictures are hidden and shown again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_story import make_first_account
from tests.site.pictures import page_with, upload
from tests.support.site import Site

pytestmark = pytest.mark.browser

NAMES = ["Ant", "Bee", "Cat", "Dog", "Eel"]


@pytest.fixture
def gallery(page: Page, site: Site) -> Page:
    """Open, with five pictures in the order of their names."""
    make_first_account(page, site)
    with site.rows():
        media = [upload(60, 40, ready=False, alt=name) for name in NAMES]
        gallery_id = page_with(*media).blocks[0].id
    page.goto(f"{site.url}/admin/galleries/{gallery_id}")
    expect(page.locator(".gallery-item")).to_have_count(5)
    return page


def hide(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Hide {name}").click()
    expect(page.get_by_text(f"“{name}” is hidden.")).to_be_visible()


def press(page: Page, name: str) -> None:
    with page.expect_response(lambda answer: answer.request.method == "GET" and "/admin/galleries/" in answer.url):
        page.get_by_role("button", name=name).click()


def order(page: Page) -> list[list[str]]:
    """Each picture with the number on its card."""
    fields = page.locator(".gallery-item:not(.is-gone) [name=place]")
    return fields.evaluate_all("all => all.map((field) => [field.closest('li').dataset.title, field.value])")


def numbered(names: str) -> list[list[str]]:
    """Of "BC": Bee is the first and Cat the second."""
    return [[next(name for name in NAMES if name[0] == letter), str(n)] for n, letter in enumerate(names, 1)]


def test_numbers_and_buttons_follow_what_is_hidden_moved_and_shown_again(gallery: Page) -> None:
    hide(gallery, "Ant")
    assert order(gallery) == numbered("BCDE")
    expect(gallery.get_by_role("button", name="Move Bee earlier")).to_be_disabled()
    hide(gallery, "Eel")
    assert order(gallery) == numbered("BCD")
    expect(gallery.get_by_role("button", name="Move Dog later")).to_be_disabled()

    press(gallery, "Move Bee later")
    expect(gallery.locator(".gallery-item:not(.is-gone)").first).to_have_attribute("data-title", "Cat")
    assert order(gallery) == numbered("CBD")
    gallery.get_by_role("button", name="Undo").last.click()
    expect(gallery.get_by_role("button", name="Hide Eel")).to_be_focused()
    assert order(gallery) == numbered("CBDE")
    expect(gallery.get_by_role("button", name="Move Dog later")).to_be_enabled()


def test_a_number_that_is_being_typed_stays_when_another_picture_is_hidden(gallery: Page) -> None:
    gallery.get_by_label("Position of Dog").fill("2")
    hide(gallery, "Ant")
    expect(gallery.get_by_label("Position of Dog")).to_have_value("2")
    expect(gallery.get_by_label("Position of Eel")).to_have_value("4")

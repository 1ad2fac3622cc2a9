"""What has to be done on an open page until it shows the state that a screen is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Route, expect

from tests.browser.test_story import drop
from tests.support.gradients import big_jpeg
from tests.support.pictures import noisy_jpeg
from webapp.errors import WORDS

SOON = 30_000  # milliseconds
HEADLINES = {500: "Something went wrong", 503: "Not available just now"}
OPEN_ALL = "all => all.forEach((details) => { details.open = true; })"


def open_details(page: Page) -> None:
    page.eval_on_selector_all("main details", OPEN_ALL)


def send_empty_form(page: Page) -> None:
    page.locator("main form button").click()
    expect(page.get_by_role("alert")).to_be_visible()


def sign_in_wrongly(page: Page) -> None:
    page.get_by_label("E-mail").fill("nobody@example.org")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def open_palette(page: Page) -> None:
    page.get_by_role("button", name="Search or go to…").click()


def type_into_palette(page: Page) -> None:
    open_palette(page)
    page.keyboard.type("summer")
    expect(page.get_by_role("option", name="Summer fair")).to_be_visible()


def open_shortcuts(page: Page) -> None:
    expect(page.get_by_role("button", name="Search or go to…")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("switch", name="Shortcuts of single keys")).to_be_visible()


def upload_some(page: Page) -> None:
    """One that is ready, one that is there already, one that is no picture, and one that is on its way for ever."""
    page.route("**/admin/media", hold_if(b"slow.jpg"))
    files = {"ready.jpg": noisy_jpeg(40_000), "harbour-again.jpg": big_jpeg(1), "notes.jpg": b"no picture"}
    drop(page, files | {"slow.jpg": noisy_jpeg(40_000)})
    expect(page.locator(".upload-row.is-ready")).to_have_count(2, timeout=SOON)
    expect(page.locator(".upload-row.is-rejected")).to_have_count(1, timeout=SOON)


def hold_if(name: bytes) -> Callable[[Route], None]:
    def hold(route: Route) -> None:
        if name not in (route.request.post_data_buffer or b""):
            route.continue_()

    return hold


def upload_signed_out(page: Page) -> None:
    page.route("**/admin/media", lambda route: route.fulfill(status=401, json={"success": False, "error": ""}))
    drop(page, {"harbour.jpg": big_jpeg(7), "fair.jpg": big_jpeg(8)})
    expect(page.get_by_text("You were signed out.").first).to_be_visible()


def upload_by_the_plain_form(page: Page) -> None:
    """As a browser without JavaScript does."""
    files = {"fair.jpg": big_jpeg(1), "notes.jpg": b"no picture", "new.jpg": noisy_jpeg(40_000)}
    page.evaluate("document.addEventListener('change', (event) => event.stopImmediatePropagation(), true)")
    chosen = [{"name": name, "mimeType": "image/jpeg", "buffer": data} for name, data in files.items()]
    page.locator("form[data-upload] input[type=file]").set_input_files(chosen)  # type: ignore[arg-type]
    page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector('form[data-upload]'))")
    expect(page.get_by_role("heading", name="Your upload")).to_be_visible()
    expect(page.locator("[data-poll-url]")).to_have_count(0, timeout=SOON)


def replace_the_file(page: Page) -> None:
    new = {"name": "harbour-in-the-evening.jpg", "mimeType": "image/jpeg", "buffer": big_jpeg(42)}
    page.get_by_label("New file").set_input_files(new)  # type: ignore[arg-type]
    page.get_by_role("button", name="Replace").click()
    expect(page.get_by_text("The file is now harbour-in-the-evening.jpg.").first).to_be_visible()


def press_make_the_page(page: Page) -> None:
    page.get_by_label("Address").fill("Not An Address")
    page.get_by_role("button", name="Make the page").click()
    expect(page.get_by_role("alert")).to_be_visible()


def press_begin_to_write(page: Page) -> None:
    page.get_by_label("Address").fill("Not An Address")
    page.get_by_role("button", name="Begin to write").click()
    expect(page.get_by_role("alert")).to_be_visible()


def schedule_without_moment(page: Page) -> None:
    page.get_by_label("Title", exact=True).fill("")
    page.get_by_label("Publish on").fill("")
    page.get_by_label("Status").select_option("scheduled")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_role("alert")).to_be_visible()


@contextmanager
def in_another_tab(page: Page) -> Iterator[Page]:
    """At the same address, until what is pressed there is answered: a tab closed before may never say that it is."""
    other = page.context.new_page()
    other.goto(page.url)
    with other.expect_navigation():
        yield other
    other.close()


def change_and_save_twice(page: Page) -> None:
    """Other words than somebody else saved in another tab."""
    with in_another_tab(page) as other:
        other.get_by_label("Excerpt").fill("What they say of it.")
        other.get_by_role("button", name="Save", exact=True).first.click()
    page.get_by_label("Text", exact=True).fill("Another beginning.")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_role("alert")).to_be_visible()


def save_without_title(page: Page) -> None:
    page.get_by_label("Title", exact=True).fill("")
    page.get_by_label("Address").fill("Not An Address")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_role("alert")).to_be_visible()


def save_twice(page: Page) -> None:
    """Here, after somebody else saved the page in another tab."""
    with in_another_tab(page) as other:
        other.get_by_role("button", name="Save", exact=True).first.click()
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_role("alert")).to_be_visible()


def hide_a_picture(page: Page) -> None:
    page.get_by_role("button", name="Hide").first.click()
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_visible()


def press_discard(page: Page) -> None:
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("heading", name="Discard 1 job?")).to_be_visible()


def save_bad_json(page: Page) -> None:
    page.get_by_label("Input, as JSON").fill("{")
    page.get_by_role("button", name="Save and try again").click()
    expect(page.get_by_role("alert")).to_be_visible()


def press_add_the_webhook(page: Page) -> None:
    page.get_by_label("Address").fill("http://127.0.0.1/hook")
    page.get_by_role("button", name="Add the webhook").click()
    expect(page.get_by_role("alert")).to_be_visible()


def add_a_webhook(page: Page) -> None:
    page.get_by_label("Address").fill("https://192.0.32.8/hook")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Add the webhook").click()
    expect(page.get_by_text("Copy it now")).to_be_visible()


def fail_with(code: int) -> Callable[[Page], None]:
    """The page of an error that a healthy site does not answer with: its words in the place of those of a 404."""

    def fail(page: Page) -> None:
        page.evaluate(
            """([headline, words, code]) => {
                document.title = `${headline} · Gallerist`;
                document.querySelector("h1").textContent = headline;
                document.querySelector(".lead").textContent = words;
                document.querySelector(".error-code").textContent = `Error ${code}`;
            }""",
            [HEADLINES[code], WORDS[code], code],
        )

    return fail

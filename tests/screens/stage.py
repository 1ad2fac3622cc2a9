"""A real site and a real browser that go from screen to screen of the table."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.screens.chat import ChatServer
from tests.screens.content import VIEWER_EMAIL, Places, fill
from tests.screens.table import ADMIN, BEFORE_ANYBODY, EMPTY, FULL, NOBODY, Screen
from tests.support.people import PASSWORD
from tests.support.site import Site
from webapp.demo.scenes import Scene

ADMIN_EMAIL = "ann@example.org"
SHOW_ALL_PICTURES = """async () => {
    for (const image of document.images) Object.assign(image, { loading: "eager", decoding: "sync" });
    await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
}"""


@dataclass(frozen=True)
class Variant:
    name: str
    width: int
    height: int
    colours: Literal["light", "dark"]


VARIANTS = (
    Variant("desktop-light", 1280, 900, "light"),
    Variant("desktop-dark", 1280, 900, "dark"),
    Variant("320-light", 320, 800, "light"),
    Variant("320-dark", 320, 800, "dark"),
)


class Stage:
    """`with Stage(…) as stage: for screen in stage.screens(): with stage.open(screen) as page: …`"""

    def __init__(self, browser: Browser, scenes: Sequence[Scene], names: Collection[str] = ()) -> None:
        self.browser = browser
        self.scenes = scenes
        self.names = names  # all screens, when none is named
        self.chat = ChatServer()
        chat = {"CHAT_MODEL": "a-model", "OPENAI_API_KEY": "a key", "OPENAI_BASE_URL": self.chat.url}
        self.site = Site(SWEEP_INTERVAL="20", EMBEDDER="local", **chat)
        self.contexts: dict[str, BrowserContext] = {}
        self.places: Places = {}

    def __enter__(self) -> Stage:
        self.site.start().wait_until_up()
        return self

    def __exit__(self, *_: Any) -> None:
        for context in self.contexts.values():
            context.close()
        self.site.remove()
        self.chat.close()

    def screens(self) -> Iterator[Screen]:
        """In their order, when the site is as each needs it."""
        yield from self.wanted(BEFORE_ANYBODY)
        self.make_first_account()
        yield from self.wanted(EMPTY)
        if self.wanted(FULL):
            self.places = fill(self.site, self.scenes)
            yield from self.wanted(FULL)

    def wanted(self, screens: Sequence[Screen]) -> list[Screen]:
        return [screen for screen in screens if not self.names or screen.name in self.names]

    @contextmanager
    def open(self, screen: Screen) -> Iterator[Page]:
        page = self.context(screen.who).new_page()
        try:
            show(page, VARIANTS[0])
            page.goto(self.site.url + screen.path.format(**self.places))
            if screen.prepare:
                screen.prepare(page)
            page.evaluate(SHOW_ALL_PICTURES)
            yield page
        finally:
            page.close()

    def context(self, who: str) -> BrowserContext:
        if who not in self.contexts:
            self.contexts[who] = self.browser.new_context()
            if who != NOBODY:
                sign_in(self.site.url, ADMIN_EMAIL if who == ADMIN else VIEWER_EMAIL, self.contexts[who])
        return self.contexts[who]

    def make_first_account(self) -> None:
        self.contexts[ADMIN] = self.browser.new_context()
        sign_in(self.site.url, ADMIN_EMAIL, self.contexts[ADMIN])


def sign_in(url: str, email: str, context: BrowserContext) -> None:
    """Or make the account, when there is none at all."""
    page = context.new_page()
    page.goto(f"{url}/admin/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("main form button").click()
    expect(page).to_have_url(re.compile(r"/admin/$"))
    page.close()


def show(page: Page, variant: Variant) -> None:
    """Without motion, so that nothing is caught half on its way."""
    page.emulate_media(color_scheme=variant.colours, reduced_motion="reduce")
    page.set_viewport_size({"width": variant.width, "height": variant.height})

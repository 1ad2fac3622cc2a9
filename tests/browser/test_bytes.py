"""What a phone has to load: sixty photos, a gallery's first view, and all that the page needs besides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Request, expect

from config import Settings
from tests.screens.content import wait_for_workers
from tests.site.pictures import many_like, take
from tests.support.databases import SqliteTemplates
from tests.support.site import ForkedSite, Site
from webapp import create_app
from webapp.database import db
from webapp.demo.pictures import draw
from webapp.demo.scenes import SCENES
from webapp.models.page import FILMSTRIP, GRID, PUBLISHED, ROWS, STYLES, create_page

pytestmark = pytest.mark.browser

PICTURES, DRAWN = 60, 12
MOST = 900_000  # bytes of everything, with its headers
PHONE = {"width": 390, "height": 844}
OVER_ALL = """async (pictures) => {
    for (const picture of pictures) {
        picture.scrollIntoView();
        await new Promise(requestAnimationFrame);
    }
}"""
AT_END = "() => [...document.images].every((image) => image.complete && image.naturalWidth > 0)"


@pytest.fixture
def site(sqlite_templates: SqliteTemplates) -> Iterator[Site]:
    site = ForkedSite(sqlite_templates, AVIF_RENDITIONS="1").start().wait_until_up()
    yield site
    site.remove()


@pytest.fixture
def galleries(site: Site) -> Iterator[None]:
    """A page of sixty photos in each layout. Five are alike to the eye each time, but with files of their own."""
    app = create_app(Settings(data_dir=site.data_dir))
    with app.app_context():
        photos = [take(draw(scene.kind, 1500, 1000, scene.seed)) for scene in SCENES[::2][:DRAWN]]
        wait_for_workers(site)
        for style in STYLES:
            page = create_page(style, status=PUBLISHED, layout=[{"blockType": "gallery", "style": style}])
            for photo in photos:
                many_like(photo, PICTURES // DRAWN, page.blocks[0].id, with_files=True)
        db.engine.dispose()
    yield


def test_sixty_thumbnails_are_small_on_every_phone(browser: Browser, site: Site, galleries: None) -> None:
    """All of them; a filmstrip shows whole pictures, of which nobody sees sixty at first."""
    found = {}
    for density in (1, 2, 3):
        for style in (GRID, ROWS):
            found[style, density] = loaded(browser, f"{site.url}/{style}", density)
        found[FILMSTRIP, density] = loaded(browser, f"{site.url}/{FILMSTRIP}", density, scroll=False)
    print(found)
    assert max(found.values()) <= MOST, found


def loaded(browser: Browser, address: str, density: int, *, scroll: bool = True) -> int:
    """Bytes of a first view; or until every picture is there, by scrolling over all of them."""
    finished: list[Request] = []
    context = browser.new_context(viewport=PHONE, device_scale_factor=density, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.on("requestfinished", lambda request: finished.append(request))
    page.goto(address)
    expect(page.locator(".pictures img")).to_have_count(PICTURES)
    if scroll:
        page.locator(".pictures img").evaluate_all(OVER_ALL)
        page.wait_for_function(AT_END)
    page.wait_for_load_state("networkidle")
    sizes = [request.sizes() for request in finished]
    names = {request.url.rpartition(".")[2] for request in finished if "/media/" in request.url}
    context.close()
    assert names == {"avif"}
    return sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)

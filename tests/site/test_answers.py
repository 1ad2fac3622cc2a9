"""How public pages are answered: few queries, no cookies, nothing sent twice, and what search engines read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import event

from config import Settings
from tests.conftest import both_databases
from tests.site.pictures import many_like, page_with, upload
from webapp.database import db
from webapp.models.media_words import change_media
from webapp.models.page import DRAFT, PUBLISHED, create_page, trash_page

SITEMAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
STATIC = Path(__file__).parents[2] / "static"
STYLE_SHEET = STATIC / "css" / "site.css"


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
            statements.append(statement)

    db.session.expunge_all()  # the test's own rows must spare the request nothing
    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


@both_databases
def test_a_page_takes_five_queries_at_most_however_many_pictures(in_app, anonymous, viewer):
    page = create_page("Many", status=DRAFT, layout=[{"blockType": "gallery"}, {"blockType": "text"}] * 10)
    media = upload()
    for block in page.blocks[::2]:
        many_like(media, 61, block.id)
    address = f"/admin/pages/{page.id}/preview"
    with counted_queries() as preview:
        assert viewer.get(address).text.count("<img") == 600
    page_with(media, title="One")
    with counted_queries() as one:
        assert anonymous.get("/one").text.count("<img") == 1
    with counted_queries() as home:
        anonymous.get("/")
    assert len(preview) <= 5, preview
    assert len(one) <= 4, one
    assert len(home) <= 4, home


def test_says_at_once_that_a_page_is_still_the_same(in_app, anonymous):
    media = upload(alt="Before")
    page_with(media)
    first = anonymous.get("/summer-fair")
    assert first.headers["Cache-Control"] == "no-cache"
    same = {"If-None-Match": first.headers["ETag"]}
    assert (anonymous.get("/summer-fair", headers=same).status_code) == 304
    change_media(media.id, alt="After")
    assert anonymous.get("/summer-fair", headers=same).status_code == 200


@pytest.mark.parametrize("address", ["/", "/summer-fair", "/robots.txt", "/favicon.ico", "/nothing-here"])
def test_sets_no_cookie_and_answers_head(in_app, anonymous, address):
    page_with()
    got, head = anonymous.get(address), anonymous.head(address)
    assert "Set-Cookie" not in got.headers
    assert (head.status_code, head.data) == (got.status_code, b"")
    assert head.content_length == got.content_length


def test_loads_nothing_but_its_own_small_files(visit):
    page_with(title="Empty")
    page_with(upload())
    for address, files in [("/empty", ["site", "focal"]), ("/summer-fair", ["site", "focal", "lightbox"])]:
        seen = visit(address)
        sheets = [link["href"] for link in seen.all("link") if link["rel"] == "stylesheet"]
        assert [sheet.rpartition("/")[2] for sheet in sheets] == [f"{name}.css" for name in files]
        assert len(seen.all("script")) == len(files) - 2
    assert STYLE_SHEET.stat().st_size < 8 * 1024
    scripts = [STATIC / "js" / "site.js", *(STATIC / "js" / "site").iterdir()]
    assert sum(script.stat().st_size for script in scripts) < 10 * 1024


def test_the_style_sheet_knows_every_shape_a_picture_can_have():
    css = STYLE_SHEET.read_text()
    assert all(f".ratio-{step} {{ --ratio: {step / 100:g}; }}" in css for step in range(40, 301, 5))


def test_gives_no_address_in_full_without_a_server_url(in_app, anonymous):
    page_with(upload())
    html = anonymous.get("/summer-fair").text
    assert "http" not in html.replace("http://www.w3.org", "")


class TestWithServerUrl:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"server_url": "https://pictures.example/"})

    def meta(self, seen) -> dict[str, str]:
        return {tag.get("property") or tag.get("name"): tag["content"] for tag in seen.all("meta") if "content" in tag}

    def test_names_its_address_and_picture_in_full(self, visit):
        media = upload(1200, 800)
        page_with(media, title="Fair & square")
        seen = visit("/fair-square?utm_source=x")
        meta = self.meta(seen)
        canonical = [link["href"] for link in seen.all("link") if link["rel"] == "canonical"]
        assert canonical == [meta["og:url"]] == ["https://pictures.example/fair-square"]
        assert meta["og:image"] == f"https://pictures.example/media/{media.renditions_in('image/jpeg')[2].name}"
        assert meta["og:title"] == "Fair & square"
        assert meta["description"] == "Fair & square: 1 picture"

    def test_describes_itself_by_its_first_text(self, visit):
        create_page("About", status=PUBLISHED, layout=[{"blockType": "text", "body": "Some words\n" * 40}])
        description = self.meta(visit("/about"))["description"]
        assert description.startswith("Some words Some words")
        assert description.endswith("…")
        assert len(description) <= 161

    def test_robots_find_every_published_page(self, in_app, anonymous):
        page_with(title="Summer fair")
        page_with(title="A draft", status=DRAFT)
        trash_page(page_with(title="Gone").id)
        assert "\nSitemap: https://pictures.example/sitemap.xml\n" in anonymous.get("/robots.txt").text
        sitemap = anonymous.get("/sitemap.xml")
        assert sitemap.mimetype == "application/xml"
        found = [url.text for url in ElementTree.fromstring(sitemap.data).iter(f"{SITEMAPS}loc")]
        assert found == ["https://pictures.example/", "https://pictures.example/summer-fair"]


def test_robots_are_sent_away_from_the_admin_and_find_no_sitemap_without_a_server_url(anonymous):
    assert "Disallow: /admin" in anonymous.get("/robots.txt").text
    assert "Sitemap" not in anonymous.get("/robots.txt").text
    assert anonymous.get("/sitemap.xml").status_code == 404


def test_the_icon_is_a_picture(anonymous):
    response = anonymous.get("/favicon.ico")
    assert response.mimetype == "image/svg+xml"
    assert response.text.startswith("<svg")

"""How a gallery is laid out: chosen per gallery in the admin and over the API, and shown on the public page."""

from __future__ import annotations

import pytest

from tests.conftest import both_databases
from tests.site.html import Parsed
from tests.site.pictures import page_with, upload
from webapp.database import db
from webapp.models.gallery import Gallery
from webapp.models.page import PUBLISHED, STYLES, create_page

LISTS = ("pictures grid", "pictures rows", "pictures filmstrip")


def lists(html: str) -> list[str]:
    return [tag["class"] for tag in Parsed(html).all("ul")]


@pytest.mark.parametrize("style", STYLES)
def test_each_gallery_of_a_page_has_its_own(in_app, anonymous, style):
    page = page_with(upload(), style=style)
    assert page.blocks[0].style == style
    assert lists(anonymous.get("/summer-fair").text) == [f"pictures {style}"]


def test_is_a_grid_unless_something_else_is_chosen(in_app, anonymous):
    page_with(upload())
    assert lists(anonymous.get("/summer-fair").text) == ["pictures grid"]


@both_databases
def test_the_api_reads_and_writes_it(editor_api):
    layout = [{"blockType": "gallery", "style": "filmstrip"}, {"blockType": "gallery"}]
    page = editor_api.post("/api/pages", json={"title": "Fair", "layout": layout}).json
    assert [block["style"] for block in page["layout"]] == ["filmstrip", "grid"]
    gallery = page["layout"][1]["id"]
    assert editor_api.patch(f"/api/galleries/{gallery}", json={"style": "rows"}).json["style"] == "rows"
    body = {"version": page["version"], "layout": [{"id": block["id"]} for block in page["layout"]]}
    saved = editor_api.patch(f"/api/pages/{page['id']}", json=body).json
    assert [block["style"] for block in saved["layout"]] == ["filmstrip", "rows"]


@pytest.mark.parametrize("wrong", ["masonry", "", None, 1])
def test_the_api_refuses_another_word(editor_api, wrong):
    answer = editor_api.post("/api/pages", json={"title": "x", "layout": [{"blockType": "gallery", "style": wrong}]})
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["layout.0.style"])
    wrong_block = [{"blockType": "text", "style": "rows"}]
    assert editor_api.post("/api/pages", json={"title": "x", "layout": wrong_block}).status_code == 422


def test_is_documented(anonymous):
    schemas = anonymous.get("/api/openapi.json").json["components"]["schemas"]
    for name in ("GalleryAnswer", "GalleryChanges", "BlockBody"):
        assert schemas[name]["properties"]["style"]["enum"] == list(STYLES), name


def test_is_chosen_on_the_page_of_the_gallery_and_of_its_page(editor, viewer, in_app):
    page = create_page("Fair", status=PUBLISHED, layout=[{"blockType": "gallery"}])
    gallery_id = page.blocks[0].id
    url, html = f"/admin/galleries/{gallery_id}", editor.get(f"/admin/galleries/{gallery_id}").text
    for address in (url, f"/admin/pages/{page.id}"):
        html = editor.get(address).text
        assert f'action="{url}/style"' in html
        assert '<option value="grid" selected>' in html
    token = html.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = editor.post(f"{url}/style", data={"csrf_token": token, "style": "filmstrip"})
    assert (answer.status_code, answer.location) == (303, url)
    db.session.rollback()
    db.session.expire_all()
    assert db.session.get(Gallery, gallery_id).style == "filmstrip"
    assert editor.post(f"{url}/style", data={"csrf_token": token, "style": "masonry"}).status_code == 400
    assert editor.get(f"{url}/style").status_code == 405
    assert "Layout on the page: Filmstrip" in viewer.get(url).text
    assert f'action="{url}/style"' not in viewer.get(url).text


def test_words_above_the_pictures_stand_on_the_first_page_only(visit):
    page_with(upload(), body="All by Ann.\n\nIn June.")
    assert "All by Ann." in visit("/summer-fair").words

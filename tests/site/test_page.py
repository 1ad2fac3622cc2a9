"""A published page at its slug: who sees it, and what stands on it."""

from __future__ import annotations

import pytest
from flask import request

from tests.conftest import both_databases
from tests.security.rows import threat
from tests.site.html import Parsed
from tests.site.pictures import hang, page_with, upload
from webapp.models.gallery import set_hidden
from webapp.models.media import trash_media
from webapp.models.page import DRAFT, PUBLISHED, create_page, trash_page


def text_page(body: str, title: str = "About") -> None:
    create_page(title, status=PUBLISHED, layout=[{"blockType": "text", "body": body}])


@both_databases
def test_shows_its_galleries_and_texts_in_order(visit):
    layout = [
        {"blockType": "gallery", "title": "Morning"},
        {"blockType": "text", "title": "Lunch", "body": "We ate."},
        {"blockType": "gallery", "title": "Evening"},
    ]
    page = create_page("Summer fair", status=PUBLISHED, layout=layout)
    first, second, third = (upload(alt=alt) for alt in ("Sunrise", "Noon", "Sunset"))
    hang(page, second, first, block=0)
    hang(page, third, second, block=2)
    seen = visit("/summer-fair")
    assert seen.words.index("Morning") < seen.words.index("We ate.") < seen.words.index("Evening")
    assert [image["alt"] for image in seen.all("img")] == ["Noon", "Sunrise", "Sunset", "Noon"]
    assert seen.words.count("2 pictures") == 2


@both_databases
def test_leaves_out_what_is_hidden_in_the_trash_or_has_no_renditions_yet(visit):
    shown, hidden, trashed, waiting = (upload(alt="Shown"), upload(), upload(), upload(ready=False))
    page = page_with(shown, hidden, trashed, waiting)
    set_hidden(page.blocks[0].id, hidden.id, True)
    trash_media(trashed.id)
    seen = visit("/summer-fair")
    assert [image["alt"] for image in seen.all("img")] == ["Shown"]
    assert "1 picture" in seen.words


def test_is_found_by_its_slug_only(in_app, anonymous):
    page_with()
    assert anonymous.get("/summer-fair").status_code == 200
    for address in ("/summer", "/Summer-fair", "/summer-fair/", "/summer_fair", "/%00", "/..", "/猫", "/1"):
        assert anonymous.get(address).status_code == 404, address


@threat(21)
@pytest.mark.parametrize("query", ["", "?preview=1", "?preview=0"])
def test_a_draft_is_not_there_for_anybody(in_app, anonymous, query):
    page_with(status=DRAFT)
    assert anonymous.get(f"/summer-fair{query}").status_code == 404


def test_a_page_in_the_trash_is_not_there_for_anybody(in_app, viewer):
    trash_page(page_with().id)
    assert viewer.get("/summer-fair").status_code == 404


def test_text_becomes_paragraphs_and_lines(visit, anonymous):
    text_page("One\r\ntwo\r\n\r\n  \r\nthree")
    assert "<p>One<br>\ntwo</p>" in anonymous.get("/about").text
    assert len(visit("/about").all("p")) == 2


@threat(4)
def test_everything_an_editor_types_is_text(in_app, anonymous):
    evil = "\"><script>alert('x')</script><a href=javascript:x>"
    layout = [{"blockType": "text", "title": evil, "body": evil}, {"blockType": "gallery", "title": evil}]
    page = create_page(evil, "evil", PUBLISHED, layout)
    hang(page, upload(alt=evil, caption=evil), block=1)
    html = anonymous.get("/evil").text
    assert "<script>" not in html
    assert [link["href"] for link in Parsed(html).all("a") if "javascript" in link["href"]] == []
    assert html.count("&lt;script&gt;") >= 6
    assert "<script" not in anonymous.get("/").text


def test_an_address_in_a_text_is_no_link(visit):
    text_page("See https://example.org")
    assert not [link for link in visit("/about").all("a") if "example" in link["href"]]


def test_an_empty_page_says_so_in_words_for_visitors(visit):
    page_with()
    assert "nothing to see here yet" in visit("/summer-fair").words


def test_only_reads(in_app, anonymous, editor_api):
    page_with()
    for method in ("post", "put", "patch", "delete"):
        assert getattr(editor_api, method)("/summer-fair").status_code == 405
        assert getattr(anonymous, method)("/summer-fair").status_code in (400, 405)


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/api", "/healthz", "/static/x.css", "/robots.txt", "/media"])
def test_no_page_stands_in_for_an_address_of_the_site_itself(app, path):
    with app.test_request_context(path):
        assert request.endpoint != "site.page"

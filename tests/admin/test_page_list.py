"""The list of pages: search, filter, sort, and what each holds."""

from __future__ import annotations

import re

import pytest

from tests.admin.conftest import HUGE, NAUGHTY, count_queries
from webapp.models.gallery import add_item
from webapp.models.page import create_page, save_page, trash_page


@pytest.fixture
def pages(in_app) -> None:
    for title, status in [("Harbour", "draft"), ("apples", "published"), ("Zoo 100%", "published")]:
        create_page(title, status=status)


def titles(client, query: str) -> list[str]:
    html = client.get(f"/admin/pages?{query}").text
    return [re.sub("<[^>]+>", "", found) for found in re.findall(r'class="page-row-title">(.*?)</h2>', html)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Zoo 100%", "apples", "Harbour"]),
        ("q=HARB", ["Harbour"]),
        ("q=zoo-100", ["Zoo 100%"]),
        ("q=%25", ["Zoo 100%"]),
        ("q=nothing", []),
        ("status=draft", ["Harbour"]),
        ("status=published&sort=title", ["apples", "Zoo 100%"]),
        ("sort=title", ["apples", "Harbour", "Zoo 100%"]),
        ("sort=oldest", ["Harbour", "apples", "Zoo 100%"]),
        ("sort=newest", ["Zoo 100%", "apples", "Harbour"]),
        ("sort=bogus&status=bogus", ["Zoo 100%", "apples", "Harbour"]),
    ],
)
def test_finds_filters_and_sorts(viewer, pages, query, found):
    assert titles(viewer, query) == found


def test_says_when_nothing_is_found(viewer, pages):
    html = viewer.get("/admin/pages?q=nothing").text
    assert "No page has these words or this status." in html
    assert "Show all" in html
    assert "0 pages found." in html


def test_a_naughty_word_finds_nothing_and_breaks_nothing(viewer, pages):
    answer = viewer.get("/admin/pages", query_string={"q": NAUGHTY, "page": HUGE})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_the_trash_has_its_own_search_and_says_who_put_it_there(editor, viewer, post, pages, fair):
    trash_page(fair.id)
    other = create_page("Old")
    post(editor, f"/admin/pages/{other.id}/trash")
    assert titles(viewer, "trash=1") == ["Old", "Summer fair"]
    assert titles(viewer, "trash=1&q=summer") == ["Summer fair"]
    html = viewer.get("/admin/pages?trash=1").text
    assert html.count(", by editor") == 1


def test_tells_what_a_page_holds_with_a_fixed_number_of_queries(editor, fair, gallery_id, pictures):
    assert "1 gallery with 5 pictures" in editor.get("/admin/pages").text
    few = count_queries(editor, "/admin/pages")
    for number in range(5):
        page = create_page(f"More {number}", layout=[{"blockType": "gallery"}] * 2)
        add_item(page.blocks[0].id, pictures[0])
    assert "2 galleries with 1 picture" in editor.get("/admin/pages").text
    assert count_queries(editor, "/admin/pages") == few


def test_a_page_without_a_gallery_says_so(editor, pages):
    assert "no gallery" in editor.get("/admin/pages").text


def test_a_restored_page_forgets_who_trashed_it(editor, post, fair):
    post(editor, f"/admin/pages/{fair.id}/trash")
    post(editor, f"/admin/pages/{fair.id}/restore")
    save_page(fair.id, fair.version + 1, {"title": "Back"})  # to restore counts as a save
    assert titles(editor, "q=back") == ["Back"]

"""Search over everything, for those who are signed in."""

from __future__ import annotations

import pytest

from tests.admin.conftest import HUGE, NAUGHTY, count_queries, upload, work_off
from tests.conftest import both_databases
from webapp.admin.search import ADDRESSES
from webapp.models.media import trash_media
from webapp.models.media_words import change_media
from webapp.models.page import create_page
from webapp.models.post import create_post
from webapp.models.searchable import SEARCHABLE


@both_databases
def test_shows_pictures_and_drafts_with_the_words_marked(media, viewer):
    change_media(media.id, alt="Boats & <b>masts</b>", caption="In the old harbour")
    page = create_page("Harbour days", layout=[{"blockType": "text", "body": "We love the harbour."}])
    html = viewer.get("/admin/search?q=harbour").text
    assert f"/admin/media/{media.id}" in html and f"/admin/pages/{page.id}" in html
    assert "<mark>Harbour</mark> days" in html
    assert "In the old <mark>harbour</mark>" in html
    assert "Boats &amp; &lt;b&gt;masts&lt;/b&gt;" in html
    assert "Page, draft" in html


def test_a_picture_and_a_post_with_a_cover_are_shown_with_it(media, viewer):
    assert '<img class="thumb' not in viewer.get("/admin/search?q=harbour").text  # not made so far
    work_off()
    create_post("Harbour days", cover_id=media.id)
    html = viewer.get("/admin/search?q=harbour").text
    assert html.count('<img class="thumb') == 2
    assert 'alt=""' in html  # its title stands beside it


def test_pictures_that_are_found_are_fetched_together(editor, post, media, viewer):
    one = count_queries(viewer, "/admin/search?q=jpg")
    for number in range(2, 6):
        upload(editor, post, f"{number}.jpg", number)
    work_off()
    assert count_queries(viewer, "/admin/search?q=jpg") == one


def test_one_collection_can_be_chosen(media, viewer):
    create_page("Harbour days")
    html = viewer.get("/admin/search?q=harbour&collection=media").text
    assert "harbour</mark>.jpg" in html and "days" not in html
    assert "days" in viewer.get("/admin/search?q=harbour&collection=nothing").text


def test_says_when_only_something_close_was_found(media, viewer):
    html = viewer.get("/admin/search?q=harbuor").text
    assert "Nothing has “harbuor”. This comes close:" in html and "<mark>harbour</mark>.jpg" in html


def test_says_in_words_when_nothing_was_asked_or_found(media, viewer):
    assert "Find anything" in viewer.get("/admin/search").text
    trash_media(media.id)
    assert "Nothing found" in viewer.get("/admin/search?q=harbour").text


def test_turns_over_after_twenty(in_app, viewer):
    for number in range(25):
        create_page(f"Fair {number}")
    first, second = (viewer.get(f"/admin/search?q=fair&page={number}").text for number in (1, 2))
    assert [html.count("<mark>Fair</mark>") for html in (first, second)] == [20, 5]
    assert 'rel="next"' in first and 'rel="next"' not in second and 'rel="prev"' in second


@both_databases
def test_it_takes_as_many_queries_for_one_as_for_many(in_app, viewer):
    create_page("Fair")
    one = count_queries(viewer, "/admin/search?q=fair")
    for number in range(20):
        create_page(f"Fair {number}")
    assert count_queries(viewer, "/admin/search?q=fair") == one


@both_databases
@pytest.mark.parametrize("q", ["", NAUGHTY, "x " * 5000, str(HUGE), "\0", '"', "NEAR(", "*", "猫", "ميناء", "😀"])
def test_nothing_that_is_typed_breaks_it(media, viewer, q):
    assert viewer.get("/admin/search", query_string={"q": q, "page": HUGE}).status_code == 200


def test_it_is_for_those_who_are_signed_in(anonymous):
    assert anonymous.get("/admin/search?q=harbour").status_code == 302


def test_each_collection_has_an_address_here():
    assert set(ADDRESSES) == set(SEARCHABLE)

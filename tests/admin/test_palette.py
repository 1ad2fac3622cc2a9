"""The command palette: who is offered what, and finding pages for it."""

from __future__ import annotations

from tests.admin.conftest import HUGE, JSON, NAUGHTY, count_queries
from tests.conftest import both_databases
from webapp.models.page import create_page, trash_page


def titles(client, q):
    answer = client.get("/admin/palette", query_string={"q": q}, headers=JSON)
    assert answer.status_code == 200
    return [one["title"] for one in answer.json["found"]]


@both_databases
def test_pages_are_found_by_words_of_title_or_address(in_app, viewer):
    create_page("Summer fair 2026", "fair")
    create_page("Winter 100% market")
    trash_page(create_page("Summer camp").id)
    assert titles(viewer, "SUMM") == ["Summer fair 2026"]
    assert titles(viewer, "2026 summer") == ["Summer fair 2026"]
    assert titles(viewer, "fair") == ["Summer fair 2026"]
    assert titles(viewer, "100%") == ["Winter 100% market"]
    assert titles(viewer, "_") == titles(viewer, "unicorn") == []


def test_a_found_page_says_where_it_is(in_app, viewer):
    page = create_page("Summer fair")
    found = viewer.get("/admin/palette?q=summer").json["found"]
    url = f"/admin/pages/{page.id}"
    assert found == [{"collection": "pages", "title": "Summer fair", "words": "Page, draft", "url": url}]


@both_databases
def test_pictures_are_found_by_their_words_also_mistyped(media, viewer):
    url = f"/admin/media/{media.id}"
    picture = {"collection": "media", "title": "harbour.jpg", "words": "Picture", "url": url}
    for q in ("harb", "harbour jpg", "harbuor", "hrabour", "habour"):
        assert viewer.get("/admin/palette", query_string={"q": q}).json["found"] == [picture], q
    assert titles(viewer, "mountain") == []


@both_databases
def test_a_page_that_is_found_twice_is_offered_once(in_app, viewer):
    create_page("Summer fair", layout=[{"blockType": "text", "body": "Every summer"}])
    assert titles(viewer, "summer") == ["Summer fair"]


def test_it_takes_as_many_queries_for_one_page_as_for_many(in_app, viewer):
    create_page("Page")
    one = count_queries(viewer, "/admin/palette?q=page")
    for number in range(20):
        create_page(f"Page {number}")
    assert count_queries(viewer, "/admin/palette?q=page") == one
    assert len(titles(viewer, "page")) == 8


def test_nothing_that_is_typed_breaks_it(in_app, viewer):
    for q in ("", NAUGHTY, "x " * 5000, HUGE):
        titles(viewer, q)


def test_it_is_for_those_who_are_signed_in_and_changes_nothing(anonymous, editor, post):
    assert anonymous.get("/admin/palette", headers=JSON).status_code == 401
    assert post(editor, "/admin/palette").status_code == 405


def test_each_person_is_offered_what_they_may_do(viewer, editor, admin):
    offered = {client: client.get("/admin/").text for client in (viewer, editor, admin)}
    assert all('data-keys="g l"' in html and 'data-does="sign-out"' in html for html in offered.values())
    assert ["New page" in html for html in offered.values()] == [False, True, True]
    assert ['data-keys="g w"' in html for html in offered.values()] == [False, False, True]


def test_nobody_is_shown_the_button_before_its_script_is_there(viewer):
    assert "data-palette-open hidden>" in viewer.get("/admin/").text

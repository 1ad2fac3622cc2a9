"""The audit log in the admin: its filters, and the histories of pictures and pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.admin.conftest import HUGE, NAUGHTY, count_queries
from tests.conftest import both_databases
from tests.support.audit import entries
from tests.support.people import make_user
from webapp.database import transaction
from webapp.models.audit import Entry, Named, write
from webapp.models.page import create_page
from webapp.models.people import person_with
from webapp.models.user import new_api_token
from webapp.models.webhook import EVENTS, create_webhook

EDITOR = (1, "editor@example.org")


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def shown(client: FlaskClient, query: str = "") -> list[str]:
    """What the rows of the page say that was done."""
    html = client.get(f"/admin/audit{query}").text
    return [words(row) for row in re.findall(r'<td>([^<]*)</td>\s*<td data-label="About"', html)]


@pytest.fixture
def log(in_app: Flask, admin: FlaskClient) -> None:
    """Three things that people did, on three days."""
    with transaction():
        write(EDITOR, "uploaded", Named("media:1", "Harbour"), "uploaded Harbour")
        write((2, "bob@example.org"), "hid", Named("gallery:5", "Fair"), "hid Harbour in Fair", "media:1")
        write((2, "bob@example.org"), "published", Named("page:11", "100 %"), "published the page 100 %")
    for number, entry in enumerate(entries()):
        with transaction() as session:
            at = datetime(2025, 3, 1, 23, 59, tzinfo=UTC) + timedelta(days=number)
            session.execute(update(Entry).where(Entry.id == entry.id).values(at=at))


HARBOUR, HID, PUBLISHED = "uploaded Harbour", "hid Harbour in Fair", "published the page 100 %"


FILTERS = [
    ("?verb=hid", [HID]),
    ("?person=BOB", [PUBLISHED, HID]),
    ("?subject=media", [HARBOUR]),
    ("?subject=media:1", [HID, HARBOUR]),
    ("?subject=page:1", []),
    ("?q=harb", [HID, HARBOUR]),
    ("?q=%25", [PUBLISHED]),
    ("?from=2025-03-02&to=2025-03-02", [HID]),
    ("?from=2025-03-02&verb=published", [PUBLISHED]),
    ("?to=2025-03-01", [HARBOUR]),
]


@both_databases
def test_filters_in_the_address_choose(admin, log):
    for query, found in FILTERS:
        assert shown(admin, query) == found, query


def test_the_newest_comes_first_and_the_filters_stay_in_the_form(admin, log):
    assert shown(admin, "?q=a&to=2025-12-31") == [PUBLISHED, HID, HARBOUR]
    html = admin.get("/admin/audit?q=a&to=2025-12-31&verb=hid&subject=media:1").text
    assert 'value="2025-12-31"' in html
    assert "<option selected>hid</option>" in html
    assert '<option value="media:1" selected>Picture 1</option>' in html


@pytest.mark.parametrize("value", ["", NAUGHTY, "2025-13-40", "0001-01-01", "9999-12-31", "x" * 5000, str(HUGE)])
def test_whatever_is_asked_is_answered(admin, log, value):
    for name in ("person", "verb", "subject", "from", "to", "q", "page"):
        answer = admin.get("/admin/audit", query_string={name: value})
        assert answer.status_code == 200, name
        assert "<script>alert" not in answer.text


def test_what_is_there_is_linked_and_what_is_gone_is_named(admin, in_app):
    page = create_page("Fair", layout=[{"blockType": "gallery"}])
    trashed = create_page("Gone")
    hook = create_webhook("https://hooks.example/", EVENTS)
    person = person_with("admin@example.org")
    with transaction() as session:
        session.get_one(type(trashed), trashed.id).deleted_at = datetime.now(UTC)
        for thing in (page, trashed, hook, person, Named("media:77", "Lost"), Named("queue:default", "default")):
            write(EDITOR, "saved", thing, "did it")
        write(EDITOR, "saved", page.blocks[0].named, "did it")
    html = admin.get("/admin/audit").text
    for path in (f"pages/{page.id}", "webhooks/1", f"people/{person.id}", f"galleries/{page.blocks[0].id}", "queues"):
        assert re.search(f'data-label="About"><a href="/admin/{path}"', html), path
    for title in ("Gone", "Lost"):
        assert f'data-label="About">{title}</td>' in html


def test_titles_are_shown_as_text(admin, in_app):
    write(EDITOR, "saved", Named("page:1", NAUGHTY.replace("\0", "")), "saved " + NAUGHTY.replace("\0", ""))
    for path in ("/admin/audit", "/admin/audit?verb=saved"):
        assert "<script>alert" not in admin.get(path).text


def test_it_is_paged_with_as_many_queries_for_many_as_for_few(admin, in_app):
    pages = [create_page(f"Page {number}") for number in range(60)]
    write(EDITOR, "saved", pages[0], "saved the first")
    before = count_queries(admin, "/admin/audit?verb=saved")
    with transaction():
        for page in pages:
            write(EDITOR, "saved", page, f"saved {page.title}")
    assert count_queries(admin, "/admin/audit?verb=saved") == before
    assert len(shown(admin, "?verb=saved")) == 50
    assert shown(admin, "?verb=saved&page=2")[-1] == "saved the first"
    assert "page=2" in admin.get("/admin/audit?verb=saved").text


def test_whatever_an_address_says_leads_to_the_other_pages_too(admin, in_app):
    with transaction():
        for _ in range(51):
            write(EDITOR, "saved", Named("page:1", "One"), "saved One")
    asked = "endpoint=x&_anchor=y&_scheme=ftp&_method=PUT&_external=1"
    assert f'href="/admin/audit?{asked.replace("&", "&amp;")}&amp;page=2"' in admin.get(f"/admin/audit?{asked}").text


def test_nothing_found_is_told_in_words(admin, in_app):
    assert "Nobody did anything like that." in admin.get("/admin/audit?q=nothing").text


def test_the_history_of_a_picture_is_on_its_page(viewer, admin, editor, post, gallery_id, pictures):
    post(editor, f"/admin/galleries/{gallery_id}/hide", media_id=pictures[0])
    html = viewer.get(f"/admin/media/{pictures[0]}").text
    seen = words(html.partition('id="history"')[2])
    assert "editor hid “a.jpg” in “Summer fair” just now" in seen
    assert "editor uploaded a.jpg" in seen
    assert "editor@example.org" not in seen
    assert "/admin/audit" not in html
    assert f"/admin/audit?subject=media:{pictures[0]}" in admin.get(f"/admin/media/{pictures[0]}").text


def test_the_history_of_a_page_holds_that_of_its_galleries(viewer, editor, post, fair, gallery_id, pictures):
    post(editor, f"/admin/galleries/{gallery_id}/hide", media_id=pictures[0])
    html = viewer.get(f"/admin/pages/{fair.id}").text
    assert "editor hid “a.jpg” in “Summer fair”" in words(html.partition('id="history"')[2])


def test_without_a_history_there_is_no_heading_for_it(viewer, fair):
    assert 'id="history"' not in viewer.get(f"/admin/pages/{fair.id}").text


def test_it_is_for_admins_only(viewer, editor, editor_api, anonymous, admin):
    assert [client.get("/admin/audit").status_code for client in (viewer, editor, editor_api)] == [403, 403, 403]
    assert anonymous.get("/admin/audit").status_code == 302
    assert 'href="/admin/audit"' in admin.get("/admin/").text
    assert 'href="/admin/audit"' not in editor.get("/admin/").text


def test_nobody_changes_it(admin, post):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert post(admin, "/admin/audit", method=method).status_code == 405


def test_a_token_made_by_hand_is_not_in_it(in_app, admin):
    make_user(in_app, "editor", "ann@example.org")
    token = new_api_token("ann@example.org")
    assert token not in admin.get("/admin/audit").text

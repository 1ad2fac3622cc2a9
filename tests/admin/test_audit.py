"""The audit log in the admin: what the things that people do leave in it, filters, and histories."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.admin.conftest import HUGE, NAUGHTY, count_queries, file, upload, work_off
from tests.conftest import both_databases
from tests.support.people import PASSWORD, make_user
from webapp.database import db, transaction
from webapp.jobs import Job
from webapp.models.audit import Entry, Named, write
from webapp.models.page import create_page
from webapp.models.people import person_with
from webapp.models.user import new_api_token
from webapp.models.webhook import EVENTS, create_webhook

EDITOR = (1, "editor@example.org")


def entries(*, whatever: bool = False) -> list[Entry]:
    """Oldest first, without the sign-ins of the fixtures."""
    db.session.rollback()
    db.session.expire_all()
    found = select(Entry).order_by(Entry.id)
    return list(db.session.scalars(found if whatever else found.where(Entry.verb != "signed in")))


def lines() -> list[str]:
    return [entry.words for entry in entries()]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def shown(client: FlaskClient, query: str = "") -> list[str]:
    """What the rows of the page say that was done."""
    html = client.get(f"/admin/audit{query}").text
    return [words(row) for row in re.findall(r'<td>([^<]*)</td>\s*<td data-label="About"', html)]


def test_a_picture_leaves_a_row_for_each_change_and_none_for_what_changes_nothing(editor, post, media):
    url = f"/admin/media/{media.id}"
    post(editor, url, alt="The harbour", caption="", tags="sea")
    post(editor, url, alt="The harbour", caption="", tags="sea")
    post(editor, f"{url}/trash")
    post(editor, f"{url}/trash")
    post(editor, f"{url}/restore")
    post(editor, f"{url}/restore")
    assert lines() == [
        "uploaded harbour.jpg",
        "changed the alt text and tags of The harbour",
        "moved The harbour to the trash",
        "brought The harbour back from the trash",
    ]
    assert {(entry.subject, entry.who, entry.address) for entry in entries()} == {
        (media.subject, "editor@example.org", "127.0.0.1")
    }
    assert [entry.title for entry in entries()] == ["harbour.jpg", *["The harbour"] * 3]


def test_a_picture_that_is_refused_or_there_already_leaves_none(editor, post, media):
    post(editor, "/admin/media", files=file("harbour.jpg", number=1))
    post(editor, "/admin/media", files=file("notes.txt", b"no picture"))
    assert lines() == ["uploaded harbour.jpg"]


def test_uploading_what_is_in_the_trash_brings_it_back(editor, post, media):
    post(editor, f"/admin/media/{media.id}/trash")
    post(editor, "/admin/media", files=file("harbour.jpg", number=1))
    assert lines()[2:] == ["brought harbour.jpg back from the trash"]


def test_a_gallery_leaves_a_row_for_each_change(editor, post, fair, gallery_id, pictures):
    url = f"/admin/galleries/{gallery_id}"
    post(editor, f"{url}/switch", auto_sync="on")
    post(editor, f"{url}/switch", auto_sync="on")
    post(editor, f"{url}/new-items", new_items="first")
    post(editor, f"{url}/new-items", new_items="first")
    post(editor, f"{url}/hide", media_id=pictures[0])
    post(editor, f"{url}/hide", media_id=pictures[0])
    post(editor, f"{url}/unhide", media_id=pictures[0])
    post(editor, f"{url}/move", media_id=pictures[0], place=3)
    post(editor, f"{url}/add", media_id=pictures[1])
    post(editor, f"{url}/backfill")
    found = entries()[5:]
    assert [entry.words for entry in found] == [
        "switched auto-sync on in Summer fair",
        "changed new items of Summer fair",
        "hid a.jpg in Summer fair",
        "showed a.jpg again in Summer fair",
        "moved a.jpg to position 3 in Summer fair",
        "added b.jpg to Summer fair",
        "asked to add the pictures of the library to Summer fair",
    ]
    assert {entry.subject for entry in found} == {f"gallery:{gallery_id}"}
    assert [entry.item for entry in found][2:6] == [f"media:{n}" for n in (*[pictures[0]] * 3, pictures[1])]


def test_the_background_leaves_none(editor, post, fair, gallery_id):
    post(editor, f"/admin/galleries/{gallery_id}/switch", auto_sync="on")
    upload(editor, post, "harbour.jpg", 1)
    before = len(entries())
    work_off()
    assert len(entries()) == before


def test_the_background_leaves_none_when_a_person_runs_it_here_and_now(editor_api, editor, post, media):
    before = len(entries())
    assert editor_api.post("/api/jobs/run?limit=1000&allQueues").status_code == 200
    assert len(entries()) == before


def test_a_page_is_noted_from_the_browser_and_the_api_alike(editor, editor_api, post, in_app):
    post(editor, "/admin/pages", title="Summer fair", slug="")
    made = editor_api.post("/api/pages", json={"title": "Winter", "layout": [{"blockType": "gallery"}]}).json
    layout = [{"id": made["layout"][0]["id"], "blockType": "gallery", "autoSync": True}]
    editor_api.patch(f"/api/pages/{made['id']}", json={"version": 1, "layout": layout, "status": "published"})
    editor_api.patch(f"/api/pages/{made['id']}", json={"version": 1, "title": "Too late"})
    assert [(entry.who, entry.words) for entry in entries() if entry.verb != "made token"] == [
        ("editor@example.org", "made the page Summer fair"),
        ("editor-by-token@example.org", "made the page Winter"),
        ("editor-by-token@example.org", "switched auto-sync on in Winter"),
        ("editor-by-token@example.org", "saved the page Winter"),
        ("editor-by-token@example.org", "published the page Winter"),
    ]


def test_jobs_and_queues_are_noted(admin, editor_api, post, media):
    job = db.session.scalars(select(Job).order_by(Job.id)).first()
    before = len(entries())
    post(admin, f"/admin/jobs/{job.id}/cancel")
    post(admin, f"/admin/jobs/{job.id}/cancel")
    post(admin, f"/admin/jobs/{job.id}/input", input='{"mediaId": 1}')
    post(admin, "/admin/queues/default/pause")
    post(admin, "/admin/queues/default/resume")
    editor_api.post("/api/jobs", json={"taskSlug": "makeRenditions", "input": {"mediaId": 1}})
    editor_api.post("/api/jobs/cancel", json={"where": {"status": "queued"}})
    found = entries()[before:]
    assert [entry.verb for entry in found] == [
        "cancelled", "edited", "retried", "paused", "resumed", "queued", "cancelled",
    ]  # fmt: skip
    assert found[0].item == media.subject
    assert "3 jobs" in found[-1].words


def test_a_webhook_is_noted_by_its_host_alone(admin, post, in_app):
    post(admin, "/admin/webhooks", url="https://hooks.example/a?key=hunter2", events=list(EVENTS))
    for rest in ("/test", "/switch", "/switch", "/remove", "/remove"):
        post(admin, f"/admin/webhooks/1{rest}", on="0")
    assert lines() == [
        "added the webhook hooks.example",
        "sent a test to the webhook hooks.example",
        "switched the webhook hooks.example off",
        "removed the webhook hooks.example",
    ]


def test_people_roles_and_tokens_are_noted_and_no_secret_with_them(admin, post, in_app):
    html = post(admin, "/admin/people", email="bob@example.org", role="viewer").text
    bob = person_with("bob@example.org")
    for rest in ("/role", "/role", "/disable", "/disable", "/enable", "/link"):
        post(admin, f"/admin/people/{bob.id}{rest}", role="editor")
    token_page = post(admin, "/admin/account/tokens", purpose="Scanner").text
    post(admin, "/admin/account/name", name="Ada")
    post(admin, "/admin/account/password", current=PASSWORD, password="purple monkey dishwasher")
    assert lines() == [
        "invited bob@example.org as viewer",
        "made bob@example.org editor, who was viewer",
        "disabled bob@example.org",
        "enabled bob@example.org",
        "made a link for bob@example.org to choose a password",
        "made the API token “Scanner”",
        "changed the name of admin@example.org to “Ada”",
        "changed the own password",
    ]
    kept = " ".join(f"{e.who} {e.words} {e.title} {e.subject}" for e in entries())
    for secret in re.findall(r"[\w-]{43}", html + token_page) + [PASSWORD, "dishwasher"]:
        assert secret not in kept


def test_signing_in_and_out_and_failing_to_is_noted(app, anonymous, post):
    make_user(app, "editor", "ann@example.org")
    anonymous.get("/admin/sign-in")
    post(anonymous, "/admin/sign-in", email="ann@example.org", password="wrong")
    post(anonymous, "/admin/sign-in", email="correct-horse@battery.staple", password="wrong")
    post(anonymous, "/admin/sign-in", email="ann@example.org", password=PASSWORD)
    anonymous.get("/admin/")
    post(anonymous, "/admin/sign-out")
    with app.app_context():
        assert [(entry.who, entry.verb, entry.address) for entry in entries(whatever=True)] == [
            ("ann@example.org", "failed sign-in", "127.0.0.1"),
            ("somebody", "failed sign-in", "127.0.0.1"),
            ("ann@example.org", "signed in", "127.0.0.1"),
            ("ann@example.org", "signed out", "127.0.0.1"),
        ]


def test_the_first_account_is_noted(app, anonymous, post):
    anonymous.get("/admin/first-start")
    post(anonymous, "/admin/first-start", email="ann@example.org", password=PASSWORD)
    with app.app_context():
        assert [(e.who, e.words) for e in entries()] == [("ann@example.org", "made the first account")]


def test_the_command_line_is_noted(app, in_app):
    cli = app.test_cli_runner()
    cli.invoke(args=["users", "create", "ann@example.org", "--role", "admin", "--password-stdin"], input=PASSWORD)
    cli.invoke(args=["users", "create", "bob@example.org", "--password-stdin"], input=PASSWORD)
    cli.invoke(args=["users", "token", "bob@example.org"])
    cli.invoke(args=["users", "disable", "bob@example.org"])
    assert cli.invoke(args=["users", "disable", "ann@example.org"]).exit_code == 1
    cli.invoke(args=["jobs", "pause", "default"])
    assert {(entry.who, entry.user_id, entry.address) for entry in entries()} == {("command line", None, None)}
    assert lines() == [
        "made the admin account ann@example.org",
        "made the editor account bob@example.org",
        "made an API token of bob@example.org",
        "disabled bob@example.org",
        "paused the queue “default”",
    ]


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


def test_nothing_found_is_told_in_words(admin, in_app):
    assert "Nobody did anything like that." in admin.get("/admin/audit?q=nothing").text


def test_the_history_of_a_picture_is_on_its_page(viewer, admin, editor, post, gallery_id, pictures):
    post(editor, f"/admin/galleries/{gallery_id}/hide", media_id=pictures[0])
    html = viewer.get(f"/admin/media/{pictures[0]}").text
    seen = words(html.partition('id="history"')[2])
    assert "editor hid a.jpg in Summer fair just now" in seen
    assert "editor uploaded a.jpg" in seen
    assert "editor@example.org" not in seen
    assert "/admin/audit" not in html
    assert f"/admin/audit?subject=media:{pictures[0]}" in admin.get(f"/admin/media/{pictures[0]}").text


def test_the_history_of_a_page_holds_that_of_its_galleries(viewer, editor, post, fair, gallery_id, pictures):
    post(editor, f"/admin/galleries/{gallery_id}/hide", media_id=pictures[0])
    html = viewer.get(f"/admin/pages/{fair.id}").text
    assert "editor hid a.jpg in Summer fair" in words(html.partition('id="history"')[2])


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

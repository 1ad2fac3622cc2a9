"""What the things that people do leave in the audit log, and what leaves nothing."""

from __future__ import annotations

import re

from sqlalchemy import select

from tests.admin.conftest import file, upload, work_off
from tests.support.audit import entries, lines
from tests.support.people import PASSWORD, make_user
from webapp.database import db
from webapp.jobs import Job
from webapp.models.people import person_with
from webapp.models.webhook import EVENTS


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
        "changed the alt text and tags of “The harbour”",
        "moved “The harbour” to the trash",
        "brought “The harbour” back from the trash",
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
    assert lines()[2:] == ["brought “harbour.jpg” back from the trash"]


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
        "switched auto-sync on in “Summer fair”",
        "changed the place of new pictures of “Summer fair”",
        "hid “a.jpg” in “Summer fair”",
        "showed “a.jpg” again in “Summer fair”",
        "moved “a.jpg” to position 3 in “Summer fair”",
        "added “b.jpg” to “Summer fair”",
        "asked to add the pictures of the library to “Summer fair”",
    ]
    assert {entry.subject for entry in found} == {f"gallery:{gallery_id}"}
    assert [entry.item for entry in found][2:6] == [f"media:{n}" for n in (*[pictures[0]] * 3, pictures[1])]


def test_several_changes_at_once_are_listed_as_english_does(editor, post, media, gallery_id):
    post(editor, f"/admin/media/{media.id}", alt="A pier.", caption="Low tide", credit="Ann", tags="sea")
    change = {"alt": "A pier.", "caption": "High tide", "credit": "Ann", "tags": "sea"}
    post(editor, f"/admin/media/{media.id}", **change)
    post(editor, f"/admin/galleries/{gallery_id}/style", style="rows")
    assert lines()[-3:] == [
        "changed the alt text, caption, credit and tags of “A pier.”",
        "changed the caption of “A pier.”",
        "changed the layout of “Summer fair”",
    ]


def test_the_background_leaves_none(editor, post, fair, gallery_id):
    post(editor, f"/admin/galleries/{gallery_id}/switch", auto_sync="on")
    upload(editor, post, "harbour.jpg", 1)
    before = len(entries())
    work_off()
    assert len(entries()) == before


def test_the_background_leaves_none_when_a_person_runs_it_here_and_now(editor_api, editor, post, media):
    before = len(entries())
    assert editor_api.post("/api/jobs/run?limit=1000&allQueues").status_code == 200
    assert [entry.verb for entry in entries()[before:]] == ["ran"]  # that alone, and nothing of what the jobs did


def test_a_page_is_noted_from_the_browser_and_the_api_alike(editor, editor_api, post, in_app):
    post(editor, "/admin/pages", title="Summer fair", slug="")
    made = editor_api.post("/api/pages", json={"title": "Winter", "layout": [{"blockType": "gallery"}]}).json
    layout = [{"id": made["layout"][0]["id"], "blockType": "gallery", "autoSync": True}]
    editor_api.patch(f"/api/pages/{made['id']}", json={"version": 1, "layout": layout, "status": "published"})
    editor_api.patch(f"/api/pages/{made['id']}", json={"version": 1, "title": "Too late"})
    assert [(entry.who, entry.words) for entry in entries() if entry.verb != "made token"] == [
        ("editor@example.org", "made the page “Summer fair”"),
        ("editor-by-token@example.org", "made the page “Winter”"),
        ("editor-by-token@example.org", "switched auto-sync on in “Winter”"),
        ("editor-by-token@example.org", "saved the page “Winter”"),
        ("editor-by-token@example.org", "published the page “Winter”"),
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

"""Webhooks in the admin: a list, one with its deliveries, adding, switching, testing and removing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.admin.conftest import HUGE, NAUGHTY, Post, count_queries, fresh, work_off
from tests.support.receiver import Receiver
from webapp.database import db
from webapp.jobs import Job
from webapp.models.webhook import EVENTS, PAGE_PUBLISHED, Webhook, announce, create_webhook, switch_webhook

URL = "https://hooks.example/a?key=hunter2"
FRAGMENT = {"X-Fragment": "1"}


@pytest.fixture
def webhook(in_app) -> Webhook:
    return create_webhook(URL, EVENTS)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def url(webhook: Webhook, rest: str = "") -> str:
    return f"/admin/webhooks/{webhook.id}{rest}"


def all_webhooks() -> list[Webhook]:
    db.session.rollback()
    return list(db.session.scalars(select(Webhook).execution_options(populate_existing=True)))


def deliveries() -> list[Job]:
    db.session.rollback()
    return list(db.session.scalars(select(Job).where(Job.task_slug == "deliverWebhook").order_by(Job.id)))


def add(post: Post, client: FlaskClient, **fields: object):
    return post(client, "/admin/webhooks", **({"url": URL, "events": list(EVENTS)} | fields))


def test_adding_one_shows_its_secret_once_and_never_again(admin, post, in_app):
    answer = add(post, admin)
    (made,) = all_webhooks()
    assert answer.status_code == 201
    assert answer.text.count(made.secret) == 1
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers or made.secret not in answer.headers["Set-Cookie"]
    assert (made.url, made.events, made.active) == (URL, list(EVENTS), True)
    for path in ("/admin/webhooks", url(made), url(made, "/deliveries"), "/admin/webhooks/new", "/admin/jobs"):
        assert made.secret not in admin.get(path).text


def test_adding_it_twice_adds_one_and_shows_no_secret(admin, post, in_app):
    add(post, admin)
    answer = add(post, admin)
    assert answer.status_code == 422
    assert "There is a webhook for this address already." in answer.text
    assert "whsec_" not in answer.text
    assert len(all_webhooks()) == 1


@pytest.mark.parametrize(
    ("fields", "words", "field"),
    [
        ({"url": ""}, "An address begins with https:// or http://.", "url"),
        ({"url": "http://127.0.0.1/"}, "127.0.0.1 is not a public address.", "url"),
        ({"url": "https://ann:secret@hooks.example/"}, "Leave user and password out", "url"),
        ({"events": []}, "Choose at least one event", "events"),
        ({"events": ["page.exploded"]}, "Choose at least one event", "events"),
    ],
)
def test_what_can_not_work_is_said_at_its_field_and_the_rest_is_kept(admin, post, in_app, fields, words, field):
    answer = add(post, admin, **fields)
    assert answer.status_code == 422
    assert f'<a href="#{field}">{words}' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert ("hooks.example/a?key=hunter2" in answer.text) == (field == "events")
    assert len(re.findall(r'name="events"[^>]*checked', answer.text)) == (0 if field == "events" else len(EVENTS))
    assert all_webhooks() == []


def test_extra_fields_change_nothing(admin, post, in_app):
    add(post, admin, secret="whsec_mine", active="", created_by="1", id="77")
    (made,) = all_webhooks()
    assert made.id != 77
    assert made.secret != "whsec_mine"
    assert made.active


@pytest.mark.parametrize("field", ["url", "events"])
def test_naughty_text_is_refused_in_words(admin, post, in_app, field):
    answer = add(post, admin, **{field: NAUGHTY})
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert all_webhooks() == []


def test_the_list_shows_address_events_state_and_the_last_delivery(admin, webhook):
    html = admin.get("/admin/webhooks").text
    assert "https://hooks.example/a?key=hunter2" in html
    assert "media.synced, page.published, post.published, job.failed" in html
    assert re.search(r'is-on">.*On</span>', html)
    announce(PAGE_PUBLISHED, {})
    assert "<code>page.published</code>" in admin.get("/admin/webhooks").text
    switch_webhook(webhook.id, False, reason="The receiver is gone.")
    html = admin.get("/admin/webhooks").text
    assert "The receiver is gone." in html
    assert re.search(r'"label ">.*Off</span>', html)


def test_an_empty_list_says_what_a_webhook_is(admin):
    assert "A webhook tells another program" in admin.get("/admin/webhooks").text


def test_the_list_asks_the_database_as_often_for_many_as_for_one(admin, webhook):
    announce(PAGE_PUBLISHED, {})
    before = count_queries(admin, "/admin/webhooks")
    for number in range(5):
        create_webhook(f"https://hooks.example/{number}", EVENTS)
    announce(PAGE_PUBLISHED, {})
    assert count_queries(admin, "/admin/webhooks") == before


def test_a_test_is_sent_and_shown_with_its_job(app, admin, post, in_app, receiver):
    app.config["SETTINGS"].outgoing_allow = "127.0.0.1"
    webhook = create_webhook(receiver.url, EVENTS)
    answer = post(admin, url(webhook, "/test"))
    assert (answer.status_code, answer.location) == (303, url(webhook))
    html = admin.get(url(webhook)).text
    assert "A test is on its way." in html
    assert f'data-poll-url="{url(webhook, "/deliveries")}"' in html
    work_off()
    (job,) = deliveries()
    fragment = admin.get(url(webhook, "/deliveries"), headers=FRAGMENT).text
    assert f'href="/admin/jobs/{job.id}">webhook.test</a>' in fragment
    assert "Succeeded" in fragment
    assert "data-poll-url" not in fragment
    assert "<html" not in fragment
    assert len(receiver.calls) == 1


def test_a_failed_delivery_says_why_and_can_be_tried_now(app, admin, post, in_app, receiver):
    app.config["SETTINGS"].outgoing_allow = "127.0.0.1"
    webhook = create_webhook(receiver.url, EVENTS)
    receiver.answers = [500, 200]
    post(admin, url(webhook, "/test"))
    work_off()
    html = admin.get(url(webhook)).text
    assert "The receiver answered with status 500." in html
    assert "Run now" in html
    assert post(admin, f"/admin/jobs/{deliveries()[0].id}/retry").status_code == 303
    work_off()
    assert "Succeeded" in admin.get(url(webhook)).text


def test_a_webhook_that_is_off_is_not_tested(admin, post, webhook):
    switch_webhook(webhook.id, False)
    assert "Send a test" not in admin.get(url(webhook)).text
    post(admin, url(webhook, "/test"))
    assert "Switch it on to send a test." in admin.get(url(webhook)).text
    assert deliveries() == []


def test_switching_twice_is_harmless(admin, post, webhook):
    for on, active in (("0", False), ("0", False), ("1", True), ("1", True), ("x", False), ("", False)):
        assert post(admin, url(webhook, "/switch"), on=on).status_code == 303
        assert fresh(Webhook, webhook.id).active is active
        assert ("Switch off" in admin.get(url(webhook)).text) is active


def test_removing_twice_is_harmless(admin, post, webhook):
    other, address = create_webhook("https://hooks.example/other", EVENTS), url(webhook)
    for _ in range(2):
        answer = post(admin, f"{address}/remove")
        assert (answer.status_code, answer.location) == (303, "/admin/webhooks")
    assert [left.id for left in all_webhooks()] == [other.id]
    assert admin.get("/admin/webhooks").text.count("The webhook is removed.") == 1
    assert admin.get(address).status_code == 404


POSTS = ["/switch", "/test", "/remove"]


def test_it_is_for_admins_only(viewer, editor, anonymous, post, webhook):
    for path in ("/admin/webhooks", "/admin/webhooks/new", url(webhook), url(webhook, "/deliveries")):
        assert viewer.get(path).status_code == 403
        assert editor.get(path).status_code == 403
        assert anonymous.get(path).status_code == 302
    for client in (viewer, editor):
        assert add(post, client, url="https://hooks.example/mine").status_code == 403
        for rest in POSTS:
            assert post(client, url(webhook, rest)).status_code == 403
    assert [left.active for left in all_webhooks()] == [True]
    assert deliveries() == []


def test_an_api_token_of_an_editor_opens_nothing(editor_api, viewer_api, webhook):
    for client in (editor_api, viewer_api):
        assert client.get("/admin/webhooks").status_code == 403
        assert client.post(url(webhook, "/remove")).status_code == 403


def test_forms_without_their_token_are_refused(admin, webhook):
    assert admin.post("/admin/webhooks", data={"url": "https://x.example", "events": "job.failed"}).status_code == 400
    for rest in POSTS:
        assert admin.post(url(webhook, rest)).status_code == 400
    assert [left.active for left in all_webhooks()] == [True]


def test_other_methods_are_refused(admin, post, webhook):
    for rest in POSTS:
        assert admin.get(url(webhook, rest)).status_code == 405
    for path in ("/admin/webhooks", url(webhook), url(webhook, "/remove")):
        for method in ("PUT", "PATCH", "DELETE"):
            assert post(admin, path, method=method).status_code == 405
    assert post(admin, url(webhook)).status_code == 405


@pytest.mark.parametrize("number", [999, HUGE])
def test_an_unknown_webhook_is_not_found(admin, post, in_app, number):
    for rest in ("", "/deliveries"):
        assert admin.get(f"/admin/webhooks/{number}{rest}").status_code == 404
    for rest in ("/switch", "/test"):
        assert post(admin, f"/admin/webhooks/{number}{rest}").status_code == 404


def test_admins_find_it_in_the_navigation_and_others_do_not(admin, editor, viewer, in_app):
    assert 'href="/admin/webhooks"' in admin.get("/admin/").text
    for client in (editor, viewer):
        assert 'href="/admin/webhooks"' not in client.get("/admin/").text


def test_the_jobs_page_names_the_host_to_all_and_links_it_for_admins(admin, editor, post, webhook):
    post(admin, url(webhook, "/test"))
    (job,) = deliveries()
    for path in ("/admin/jobs", f"/admin/jobs/{job.id}"):
        seen_by_editor, seen_by_admin = editor.get(path).text, admin.get(path).text
        assert "hooks.example" in seen_by_editor
        assert "hunter2" not in seen_by_editor
        assert url(webhook) not in seen_by_editor
        assert f'<a href="{url(webhook)}">hooks.example</a>' in seen_by_admin

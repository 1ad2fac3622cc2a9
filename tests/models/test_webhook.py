"""Webhooks: which can be made, and who is told of what."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from webapp.database import db, transaction, utcnow
from webapp.jobs import Job, queue
from webapp.models.page import create_page, restore_page, save_page, trash_page
from webapp.models.post import create_post, save_post
from webapp.models.webhook import (
    EVENTS,
    JOB_FAILED,
    MEDIA_SYNCED,
    PAGE_PUBLISHED,
    POST_PUBLISHED,
    TEST,
    UnfitWebhook,
    Webhook,
    announce,
    announce_failed_job,
    create_webhook,
    remove_webhook,
    send_test,
    switch_webhook,
)
from workers.perform import perform_job

pytestmark = both_databases

URL = "https://hooks.example/a"


@pytest.fixture
def webhook(in_app) -> Webhook:
    """One that wants to hear of everything."""
    return create_webhook(URL, EVENTS)


def deliveries() -> list[Job]:
    db.session.rollback()
    return list(db.session.scalars(select(Job).where(Job.task_slug == "deliverWebhook").order_by(Job.id)))


def told() -> list[tuple[str, dict]]:
    return [(job.input["event"], job.input["payload"]) for job in deliveries()]


def test_the_address_is_kept_in_its_one_spelling_and_the_events_in_theirs(in_app):
    webhook = create_webhook("HTTPS://Hooks.Example:443/a", [JOB_FAILED, MEDIA_SYNCED])
    assert (webhook.url, webhook.events, webhook.active) == (URL, [MEDIA_SYNCED, JOB_FAILED], True)


def test_each_has_a_secret_of_its_own_with_32_random_bytes(in_app):
    secrets = [create_webhook(f"{URL}/{n}", EVENTS).secret for n in range(3)]
    assert all(secret.startswith("whsec_") for secret in secrets)
    assert {len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) for secret in secrets} == {32}
    assert len(set(secrets)) == 3


@pytest.mark.parametrize(
    ("url", "events", "fields"),
    [
        ("ftp://hooks.example", EVENTS, {"url"}),
        ("", EVENTS, {"url"}),
        ("http://127.0.0.1:8000/", EVENTS, {"url"}),
        ("http://[::ffff:10.0.0.1]/", EVENTS, {"url"}),
        ("https://ann:secret@hooks.example/", EVENTS, {"url"}),
        (URL, [], {"events"}),
        (URL, ["page.published", "page.exploded"], {"events"}),
        (URL, [TEST], {"events"}),
        ("nothing", [], {"url", "events"}),
    ],
)
def test_what_can_not_work_is_refused_with_words_for_each_field(in_app, url, events, fields):
    with pytest.raises(UnfitWebhook) as unfit:
        create_webhook(url, events)
    assert unfit.value.fields.keys() == fields
    assert db.session.scalars(select(Webhook)).all() == []


def test_an_address_has_one_webhook(webhook):
    with pytest.raises(UnfitWebhook, match="already"):
        create_webhook(f"{URL}#again", EVENTS)


def test_an_event_is_one_job_for_each_active_webhook_that_wants_it(in_app):
    wanting = [create_webhook(f"{URL}/{n}", [PAGE_PUBLISHED]) for n in range(2)]
    create_webhook(f"{URL}/other", [MEDIA_SYNCED])
    switch_webhook(create_webhook(f"{URL}/off", [PAGE_PUBLISHED]).id, False)
    announce(PAGE_PUBLISHED, {"pageId": 7})
    jobs = deliveries()
    assert [job.subject for job in jobs] == [webhook.subject for webhook in wanting]
    assert [job.input["payload"] for job in jobs] == [{"pageId": 7}] * 2
    ids = {job.input["deliveryId"] for job in jobs}
    assert len(ids) == 2
    assert not any("." in delivery_id for delivery_id in ids)


def test_what_is_rolled_back_is_told_to_nobody(webhook):
    with pytest.raises(ZeroDivisionError), transaction():
        announce(PAGE_PUBLISHED, {})
        raise ZeroDivisionError
    assert told() == []


def test_no_secret_is_in_a_job(webhook):
    announce(PAGE_PUBLISHED, {"pageId": 7})
    send_test(webhook)
    for job in deliveries():
        everything = str([getattr(job, column.key) for column in Job.__table__.columns])
        assert webhook.secret not in everything
        assert URL not in everything


def test_a_page_that_becomes_published_is_told_once_each_time(webhook):
    page = create_page("Summer fair")
    page = save_page(page.id, page.version, {"title": "Fair"})
    assert told() == []
    page = save_page(page.id, page.version, {"status": "published"})
    event = (PAGE_PUBLISHED, {"pageId": page.id, "slug": "summer-fair", "title": "Fair"})
    assert told() == [event]
    page = save_page(page.id, page.version, {"status": "published", "title": "Fair"})
    page = save_page(page.id, page.version, {"status": "draft"})
    assert told() == [event]
    trash_page(page.id)
    page = restore_page(page.id)
    assert told() == [event]
    save_page(page.id, page.version, {"status": "published"})
    assert told() == [event, event]


def test_a_post_that_becomes_published_is_told_once_each_time(webhook):
    post = create_post("Fair")
    assert told() == []
    post = save_post(post.id, post.version, {"status": "published"})
    event = (POST_PUBLISHED, {"postId": post.id, "slug": "fair", "title": "Fair"})
    assert told() == [event]
    post = save_post(post.id, post.version, {"status": "published", "body": "More"})
    post = save_post(post.id, post.version, {"status": "draft"})
    assert told() == [event]
    save_post(post.id, post.version, {"status": "published"})
    assert told() == [event, event]


def test_a_scheduled_post_is_told_when_its_job_publishes_it(webhook):
    post = create_post("Fair", status="scheduled", publish_at=utcnow() - timedelta(days=1))
    assert told() == []
    (job,) = db.session.scalars(select(Job).where(Job.task_slug == "publishPost"))
    assert perform_job(job.id) == "succeeded"
    assert told() == [(POST_PUBLISHED, {"postId": post.id, "slug": "fair", "title": "Fair"})]


def test_a_page_that_is_made_published_is_told_and_one_that_is_refused_is_not(webhook):
    page = create_page("Fair", status="published")
    assert told() == [(PAGE_PUBLISHED, {"pageId": page.id, "slug": "fair", "title": "Fair"})]
    with pytest.raises(ValueError, match="title"):
        create_page("", status="published")
    assert len(told()) == 1


def test_a_failed_job_is_told_in_words_without_its_error_and_input(webhook):
    job = queue("makeRenditions", {"mediaId": 987654}, subject="media:5")
    with transaction():
        job.error = "Traceback: password=hunter2"
    announce_failed_job(job)
    ((event, data),) = told()
    assert event == JOB_FAILED
    assert data == {
        "jobId": job.id,
        "taskSlug": "makeRenditions",
        "workflowSlug": None,
        "subject": "media:5",
        "reason": "It failed, and trying again by itself did not help.",
    }
    with transaction():
        job.reason = "The file is gone."
    announce_failed_job(job)
    assert told()[1][1]["reason"] == "The file is gone."


def test_a_delivery_that_failed_is_told_to_nobody(webhook):
    announce_failed_job(send_test(webhook))
    assert [event for event, _ in told()] == [TEST]


def test_switched_off_by_hand_has_no_reason_and_switching_on_takes_it_away(webhook):
    assert switch_webhook(webhook.id, False, reason="Gone.").off_reason == "Gone."
    assert switch_webhook(webhook.id, True, reason="Gone.").off_reason is None
    assert switch_webhook(webhook.id, False).off_reason is None


def test_a_removed_webhook_is_gone_and_its_number_is_not_given_again(webhook):
    remove_webhook(webhook.id)
    with pytest.raises(LookupError, match=f"no webhook {webhook.id}"):
        remove_webhook(webhook.id)
    assert create_webhook(URL, EVENTS).id > webhook.id


def test_everybody_may_see_the_host_and_not_the_rest_of_the_address(in_app):
    webhook = create_webhook("https://hooks.example:8443/secret?key=1", EVENTS)
    assert webhook.title == "hooks.example:8443"

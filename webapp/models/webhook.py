"""Webhooks: the other programs that want to hear of something, and what they are told."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import JSON, ForeignKey, String, Text, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, Model, Moment, db, transaction, utcnow
from webapp.jobs import Job, queue
from webapp.models.audit import note
from webapp.outgoing import OutgoingRefused, check_url

MEDIA_SYNCED, JOB_FAILED = "media.synced", "job.failed"
PAGE_PUBLISHED, POST_PUBLISHED = "page.published", "post.published"
EVENTS = {
    MEDIA_SYNCED: "A new picture was added to auto-sync galleries",
    PAGE_PUBLISHED: "A page was published",
    POST_PUBLISHED: "A post was published, by hand or at its moment",
    JOB_FAILED: "A job failed for good",
}
TEST = "webhook.test"  # sent when an admin asks for it, whatever the webhook wants
DELIVER = "deliverWebhook"
SECRET_BYTES = 32


class Webhook(Model):
    __tablename__ = "webhooks"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    url: Mapped[str] = mapped_column(Text, unique=True)  # may itself be a secret, so it is shown to admins only
    # Kept as it is and not as a digest, because it signs. Whoever can read the database can sign in our name.
    secret: Mapped[str] = mapped_column(String(80), deferred=True)
    events: Mapped[list[str]] = mapped_column(JSON)
    active: Mapped[bool] = mapped_column(default=True)
    off_reason: Mapped[str | None] = mapped_column(Text)  # why it was switched off, if nobody did that by hand
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)

    @property
    def subject(self) -> str:
        return f"webhook:{self.id}"

    @property
    def title(self) -> str:
        """What everybody may see of its address: the host."""
        return urlsplit(self.url).netloc


LISTENERS = select(Webhook.events).where(Webhook.active)


class UnfitWebhook(ValueError):
    """It can't be used like this; `fields` maps each field to words."""

    def __init__(self, **fields: str) -> None:
        self.fields = fields
        super().__init__(" ".join(fields.values()))


def create_webhook(url: str, events: Iterable[str], *, by: int | None = None) -> Webhook:
    """With a new secret, which should be shown once, now. Raises UnfitWebhook."""
    fields = fit_fields(url, set(events))
    try:
        with transaction() as session:
            webhook = Webhook(**fields, secret=new_secret(), created_by=by)
            session.add(webhook)
            session.flush()
            note("made", webhook, f"added the webhook {webhook.title}")
            return webhook
    except IntegrityError as error:
        if "url" not in str(error.orig):
            raise
        raise UnfitWebhook(url="There is a webhook for this address already.") from None


def fit_fields(url: str, events: set[str]) -> dict[str, Any]:
    wrong = {}
    try:
        url = check_url(url, current_app.config["SETTINGS"].allowed_outgoing).url
    except OutgoingRefused as refused:
        wrong["url"] = str(refused)
    if not events or events - EVENTS.keys():
        wrong["events"] = "Choose at least one event, of those that there are."
    if wrong:
        raise UnfitWebhook(**wrong)
    return {"url": url, "events": [event for event in EVENTS if event in events]}


def new_secret() -> str:
    """As the Standard Webhooks specification writes a key."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def find_webhook(webhook_id: int) -> Webhook:
    """As it is now. Raises LookupError."""
    webhook = db.session.get(Webhook, webhook_id, populate_existing=True)
    if webhook is None:
        raise LookupError(f"There is no webhook {webhook_id}.")
    return webhook


def switch_webhook(webhook_id: int, on: bool, *, reason: str | None = None) -> Webhook:
    """What is queued while it is off is not delivered later. Raises LookupError."""
    with transaction():
        webhook = find_webhook(webhook_id)
        if webhook.active != on:
            state = "on" if on else "off"
            note(f"switched {state}", webhook, f"switched the webhook {webhook.title} {state}")
        webhook.active, webhook.off_reason = on, None if on else reason
        return webhook


def remove_webhook(webhook_id: int) -> None:
    """Its secret is gone for good. Raises LookupError."""
    with transaction() as session:
        webhook = find_webhook(webhook_id)
        session.delete(webhook)
        note("removed", webhook, f"removed the webhook {webhook.title}")


def wanted(event: str) -> bool:
    """Whether any active webhook wants to hear of it."""
    return any(event in events for events in db.session.scalars(LISTENERS))


def announce(event: str, payload: dict[str, Any]) -> None:
    """Tell it to every active webhook that wants to hear of it: one job each, in the caller's transaction.

    The payload is the event's `data` in camelCase; people can read it in the job, so it holds no secret.
    """
    with transaction() as session:
        for webhook in session.scalars(select(Webhook).where(Webhook.active).order_by(Webhook.id)):
            if event in webhook.events:
                queue_delivery(webhook, event, payload)


def announce_failed_job(job: Job) -> None:
    """Tell that it failed for good. A delivery that failed is told to nobody, or it would go round for ever."""
    if job.task_slug == DELIVER:
        return
    reason = job.reason or "It failed, and trying again by itself did not help."
    what = {"jobId": job.id, "taskSlug": job.task_slug, "workflowSlug": job.workflow_slug, "subject": job.subject}
    announce(JOB_FAILED, what | {"reason": reason})


def send_test(webhook: Webhook, *, by: int | None = None) -> Job:
    payload = {"webhookId": webhook.id, "words": "This is a test. You can throw it away."}
    with transaction():
        note("tested", webhook, f"sent a test to the webhook {webhook.title}")
        return queue_delivery(webhook, TEST, payload, by=by)


def queue_delivery(webhook: Webhook, event: str, payload: dict[str, Any], *, by: int | None = None) -> Job:
    delivery_id = f"msg_{secrets.token_hex(16)}"
    values = {"webhookId": webhook.id, "event": event, "payload": payload, "deliveryId": delivery_id}
    return queue(DELIVER, values, subject=webhook.subject, created_by=by)

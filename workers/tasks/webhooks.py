"""Telling other programs, as the Standard Webhooks specification says it."""

from __future__ import annotations

import base64
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

from webapp.database import db
from webapp.jobs import Job
from webapp.models.webhook import find_webhook, switch_webhook
from webapp.outgoing import OutgoingRefused, post
from workers.handlers import handles
from workers.running import FailedForGood, NothingToDo, Running

GONE = 410  # the receiver says that it never wants to hear of us again


class NotAccepted(Exception):
    """The receiver answered, but not that it has it."""


@dataclass(frozen=True)
class Delivery:
    webhook_id: int
    url: str
    secret: str
    id: str  # the same at every try, so that the receiver can tell a repetition
    body: bytes


@handles("deliverWebhook")
def deliver_webhook(job: Running) -> dict[str, int]:
    """Tell one event to one webhook; it may come twice, and never not at all without the job saying so."""
    delivery = prepare(job)
    try:
        answer = post(delivery.url, delivery.body, signed_headers(delivery, int(time.time())))
    except OutgoingRefused as refused:
        raise FailedForGood(str(refused)) from None
    if answer.status == GONE:
        switch_off(delivery.webhook_id)
    if not 200 <= answer.status < 300:
        raise NotAccepted(f"The receiver answered with status {answer.status}.")
    return {"status": answer.status, "webhookId": delivery.webhook_id}


def prepare(job: Running) -> Delivery:
    """Reads what is needed and leaves the database alone after it: nothing may be locked while a stranger answers."""
    try:
        webhook = find_webhook(job.input["webhookId"])
    except LookupError:
        raise NothingToDo("The webhook was removed.") from None
    if not webhook.active:
        raise NothingToDo("The webhook is switched off.")
    body = body_of(job.input, db.session.get_one(Job, job.id))
    delivery = Delivery(webhook.id, webhook.url, webhook.secret, job.input["deliveryId"], body)
    db.session.rollback()
    return delivery


def body_of(input: dict[str, Any], row: Job) -> bytes:
    """The job was queued in the transaction in which it happened, so that was the moment."""
    moment = row.created_at.isoformat().replace("+00:00", "Z")
    content = {"type": input["event"], "timestamp": moment, "data": input["payload"]}
    return json.dumps(content, separators=(",", ":")).encode()


def signed_headers(delivery: Delivery, now: int) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(delivery, now),
    }


def signature(delivery: Delivery, now: int) -> str:
    key = base64.b64decode(delivery.secret.removeprefix("whsec_"))
    signed = f"{delivery.id}.{now}.".encode() + delivery.body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def switch_off(webhook_id: int) -> None:
    words = "The receiver answered that it is gone for good (410)."
    try:
        switch_webhook(webhook_id, on=False, reason=words)
    except LookupError:
        raise NothingToDo("The webhook was removed.") from None
    raise FailedForGood(f"{words} The webhook is switched off.")

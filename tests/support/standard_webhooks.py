"""What a receiver does to know that a webhook is ours, written from the Standard Webhooks specification alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

from tests.support.receiver import Call

TOLERANCE = 300  # seconds


def is_genuine(call: Call, secret: str) -> bool:
    """Whether one of the signatures is of this id, time and body, and the time is about now."""
    message_id, sent_at = call.headers["webhook-id"], call.headers["webhook-timestamp"]
    if abs(time.time() - int(sent_at)) > TOLERANCE:
        return False
    prefix, _, encoded = secret.partition("_")
    assert prefix == "whsec"
    signed_content = b".".join([message_id.encode(), sent_at.encode(), call.body])
    expected = hmac.new(base64.b64decode(encoded), signed_content, hashlib.sha256).digest()
    versions = [signature.split(",", 1) for signature in call.headers["webhook-signature"].split(" ")]
    return any(v == "v1" and hmac.compare_digest(base64.b64decode(s), expected) for v, s in versions)

"""The signature of a webhook, against a known one and against what the README tells receivers to do."""

from __future__ import annotations

import re
import time

from config import ROOT
from webapp.models.webhook import new_secret
from workers.tasks.webhooks import Delivery, signature, signed_headers


def test_the_signature_is_the_one_of_the_specifications_own_libraries():
    secret, message_id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    delivery = Delivery(1, "", secret, message_id, b'{"test": 2432232314}')
    assert signature(delivery, 1614265330) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_check_in_the_readme_knows_what_is_ours():
    code = re.search(r"```python\n(import base64.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    names: dict = {}
    exec(code[1], names)  # the README is ours
    is_from_gallerist = names["is_from_gallerist"]
    delivery, now = Delivery(1, "", new_secret(), "msg_1", b'{"type":"webhook.test"}'), int(time.time())
    headers = signed_headers(delivery, now)
    assert is_from_gallerist(headers, delivery.body, delivery.secret)
    rotated = headers | {"webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}
    assert is_from_gallerist(rotated, delivery.body, delivery.secret)
    assert not is_from_gallerist(headers, delivery.body + b" ", delivery.secret)
    assert not is_from_gallerist(headers, delivery.body, new_secret())
    assert not is_from_gallerist(signed_headers(delivery, now - 600), delivery.body, delivery.secret)

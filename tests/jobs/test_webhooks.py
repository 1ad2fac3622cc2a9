"""deliverWebhook: what a real receiver gets, and what becomes of the job by what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask import Flask

from config import Settings
from tests.conftest import both_databases
from tests.support.receiver import Receiver
from tests.support.rows import change, fresh
from tests.support.standard_webhooks import is_genuine
from webapp.database import db, utcnow
from webapp.jobs import Job
from webapp.models.webhook import EVENTS, Webhook, create_webhook, remove_webhook, send_test, switch_webhook
from workers.perform import perform_job

pytestmark = both_databases


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """One that logs what a worker logs."""
    return settings.model_copy(update={"log_level": "INFO"})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def webhook(in_app: Flask, receiver: Receiver) -> Webhook:
    in_app.config["SETTINGS"].outgoing_allow = "127.0.0.1"
    return create_webhook(f"{receiver.url}/hook?key=hunter2", EVENTS)


@pytest.fixture
def job(webhook: Webhook) -> Job:
    return send_test(webhook)


def try_again_now(job: Job) -> str:
    change(job, wait_until=utcnow())
    return perform_job(job.id)


def test_an_accepted_event_is_done(job, webhook, receiver):
    assert perform_job(job.id) == "succeeded"
    assert fresh(job).output == {"status": 200, "webhookId": webhook.id}
    (call,) = receiver.calls
    assert (call.method, call.path, call.headers["content-type"]) == ("POST", "/hook?key=hunter2", "application/json")
    assert json.loads(call.body) == {
        "type": "webhook.test",
        "timestamp": fresh(job).created_at.isoformat().replace("+00:00", "Z"),
        "data": job.input["payload"],
    }


def test_the_signature_is_right_and_of_this_body_time_id_and_secret_only(job, webhook, receiver):
    perform_job(job.id)
    (call,) = receiver.calls
    assert is_genuine(call, webhook.secret)
    assert not is_genuine(call, "whsec_" + "A" * 44)
    for header in ("webhook-id", "webhook-timestamp"):
        forged = type(call)(call.method, call.path, call.headers | {header: "1"}, call.body)
        assert not is_genuine(forged, webhook.secret)
    assert not is_genuine(type(call)(call.method, call.path, call.headers, call.body + b" "), webhook.secret)


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_what_is_not_accepted_is_tried_again_with_the_same_id_and_body(job, webhook, receiver, status):
    receiver.answers = [status, status, 204]
    assert [perform_job(job.id), try_again_now(job), try_again_now(job)] == ["retrying", "retrying", "succeeded"]
    assert {(call.headers["webhook-id"], call.body) for call in receiver.calls} == {
        (job.input["deliveryId"], receiver.calls[0].body)
    }
    assert all(is_genuine(call, webhook.secret) for call in receiver.calls)
    assert fresh(job).output == {"status": 204, "webhookId": webhook.id}


def test_after_eight_retries_it_has_failed_and_says_why_without_the_address(job, receiver):
    receiver.answers = [500]
    outcomes = [perform_job(job.id), *(try_again_now(job) for _ in range(8))]
    assert outcomes == ["retrying"] * 8 + ["failed"]
    assert fresh(job).error == "NotAccepted: The receiver answered with status 500."
    assert len(receiver.calls) == 9


def test_nobody_there_is_tried_again(job, receiver):
    receiver.close()
    assert perform_job(job.id) == "retrying"
    assert fresh(job).error == "OutgoingFailed: 127.0.0.1 can't be reached: Connection refused."


def test_an_address_that_must_not_be_called_fails_for_good(app, job, receiver):
    app.config["SETTINGS"].outgoing_allow = ""
    assert perform_job(job.id) == "failed"
    assert fresh(job).reason.startswith("127.0.0.1 is not a public address.")
    assert receiver.connections == 0


def test_a_redirect_fails_for_good(job, receiver):
    receiver.answers = [302]
    assert perform_job(job.id) == "failed"
    assert "redirects to another address" in fresh(job).reason


def test_a_receiver_that_is_gone_is_never_called_again(job, webhook, receiver):
    receiver.answers = [410]
    later = send_test(webhook)
    assert perform_job(job.id) == "failed"
    assert "gone for good" in fresh(job).reason
    hook = db.session.get(Webhook, webhook.id, populate_existing=True)
    assert (hook.active, "410" in hook.off_reason) == (False, True)
    assert perform_job(later.id) == "cancelled"
    assert len(receiver.calls) == 1


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (remove_webhook, "The webhook was removed."),
        (lambda webhook_id: switch_webhook(webhook_id, False), "The webhook is switched off."),
    ],
)
def test_nobody_is_told_once_the_webhook_is_off_or_gone(job, webhook, receiver, end, reason):
    end(webhook.id)
    assert perform_job(job.id) == "cancelled"
    assert (fresh(job).reason, receiver.calls) == (reason, [])


def test_nothing_in_the_database_is_held_while_the_receiver_thinks(in_app, job, receiver):
    held = []
    receiver.answers = [lambda handler: (held.append(pool.checkedout()), handler.send_error(500))]
    pool = db.engine.pool
    db.session.remove()
    assert perform_job(job.id) == "retrying"
    assert held == [0]


def test_no_secret_is_in_the_job_its_log_and_what_is_logged(job, webhook, receiver, capfd):
    receiver.answers = [500]
    perform_job(job.id)
    receiver.close()
    try_again_now(job)
    row = fresh(job)
    seen = str([getattr(row, column.key) for column in Job.__table__.columns]) + str([e.message for e in row.log])
    logged = "".join(capfd.readouterr())
    assert "NotAccepted" in logged
    assert "OutgoingFailed" in logged
    seen += logged
    assert webhook.secret not in seen
    assert "hunter2" not in seen

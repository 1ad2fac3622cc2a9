"""Webhooks on real processes: a receiver that fails, and a worker that dies while it waits for one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from tests.support.product import Product
from tests.support.receiver import Receiver
from tests.support.standard_webhooks import is_genuine
from webapp.database import transaction, utcnow
from webapp.jobs import Job
from webapp.models.page import create_page
from webapp.models.webhook import EVENTS, MEDIA_SYNCED, PAGE_PUBLISHED, Webhook, create_webhook


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    """With its receivers on this machine."""
    product = Product(database_url, outgoing_allow="127.0.0.1")
    yield product
    product.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def webhook(product: Product, receiver: Receiver) -> Webhook:
    with product.rows():
        return create_webhook(f"{receiver.url}/hook", EVENTS)


def delivery(product: Product) -> int:
    """The id of the one that there is, once it is there."""
    job_ids = "SELECT id FROM jobs WHERE task_slug = 'deliverWebhook'"
    return product.wait_until(lambda: product.sql(job_ids), 30)[0][0]


def publish_a_page(product: Product) -> int:
    answer = product.client().post("/api/pages", {"title": "Fair", "status": "published"})
    assert answer.status == 201, answer
    return delivery(product)


def pause_is_over(product: Product, job_id: int) -> None:
    """Let the next try be due, as soon as the last one is recorded."""
    product.wait_until(lambda: product.job(job_id).wait_until is not None, 30)
    with product.rows(), transaction() as session:
        session.execute(update(Job).where(Job.id == job_id).values(wait_until=utcnow()))


def test_an_event_that_is_refused_twice_comes_three_times_as_the_same(product, webhook, receiver):
    receiver.answers = [500, 503, 200]
    product.start()
    job_id = publish_a_page(product)
    for tries in (1, 2):
        product.wait_until(lambda tries=tries: product.job(job_id).total_tried == tries, 30)
        pause_is_over(product, job_id)
    product.wait_for_job(job_id, "succeeded", 30)
    assert product.log_of(job_id) == ["failed", "failed", "succeeded"]
    assert len(receiver.calls) == 3
    assert len({(call.headers["webhook-id"], call.body) for call in receiver.calls}) == 1
    assert all(is_genuine(call, webhook.secret) for call in receiver.calls)
    body = json.loads(receiver.calls[0].body)
    assert (body["type"], body["data"]["title"]) == (PAGE_PUBLISHED, "Fair")


def test_a_worker_that_dies_while_it_waits_for_the_receiver_costs_no_event(product, webhook, receiver):
    let_go = threading.Event()
    receiver.answers = [lambda _handler: let_go.wait(60), 200]
    product.start()
    job_id = publish_a_page(product)
    product.wait_until(lambda: receiver.calls, 30)
    product.kill("images")
    product.start("images")
    product.wait_for_job(job_id, "succeeded", 30)
    let_go.set()
    assert product.log_of(job_id) == ["crashed", "succeeded"]
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1
    assert len(receiver.calls) == 2


def test_an_upload_is_told_with_what_it_did(product, webhook, receiver, upload):
    with product.rows():
        create_page("Fair", layout=[{"blockType": "gallery", "autoSync": True}] * 2)
    product.start()
    sync = product.wait_for_job(upload(1), "succeeded", 30)
    product.wait_for_job(delivery(product), "succeeded", 30)
    (call,) = receiver.calls
    body = json.loads(call.body)
    output = json.loads(sync.output) if isinstance(sync.output, str) else sync.output
    assert (body["type"], body["data"]) == (MEDIA_SYNCED, output)
    assert is_genuine(call, webhook.secret)

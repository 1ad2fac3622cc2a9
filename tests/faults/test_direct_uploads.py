"""A worker dies while it takes what was sent to the bucket: it is taken in the end, and once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import both_databases
from tests.faults.test_database_lost import WAITING_FOR_A_ROW
from tests.support import s3
from tests.support.databases import on_postgresql
from tests.support.direct import put
from tests.support.pauses import EFFECT
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product


@pytest.fixture
def product(database_url: str, s3_server: s3.S3Server, s3_keys: None) -> Iterator[Product]:
    """Whose files lie in the bucket."""
    product = Product(database_url, s3_bucket=s3.BUCKET, s3_endpoint_url=s3_server.url)
    product.env |= {"AWS_ACCESS_KEY_ID": s3.KEY, "AWS_SECRET_ACCESS_KEY": s3.SECRET}
    yield product
    product.stop()


def send(product: Product, data: bytes) -> int:
    """The id of the job that checks it."""
    client = product.client()
    facts = {"filename": "harbour.jpg", "mimeType": "image/jpeg", "filesize": len(data)}
    form = client.post("/api/media/direct", facts).body
    assert put(form, data) == 204
    completed = client.post(f"/api/media/direct/{form['uploadId']}/complete")
    assert completed.status == 202
    return int(completed.body["job"]["id"])


@both_databases
def test_a_worker_killed_before_its_commit_leaves_it_to_another(product):
    product.start("web", "images", "default", "clock")
    product.hold(EFFECT)
    job = send(product, tiny_jpeg(1))
    product.wait_held(EFFECT)
    product.kill("images")
    product.let_go(EFFECT)
    assert product.number("SELECT count(*) FROM media") == 0
    product.start("images")
    done = product.wait_for_job(job, "succeeded", 30)
    assert (done.crashes, product.number("SELECT count(*) FROM media")) == (1, 1)
    assert product.sql("SELECT fate FROM direct_uploads")[0].fate == "uploaded"


@on_postgresql
def test_two_workers_that_take_the_same_bytes_at_once_store_them_once(product):
    """The second waits for the first, is refused by the database, and finds the first when it is tried again."""
    product.start("web", "images", "default", "clock")
    product.start_another("images 2", "images")
    product.hold(EFFECT)
    first = send(product, tiny_jpeg(1))
    product.wait_held(EFFECT)
    second = send(product, tiny_jpeg(1))
    product.wait_until(lambda: product.number(f"SELECT count(*) {WAITING_FOR_A_ROW}") > 0, 30)
    product.let_go(EFFECT)
    product.wait_for_job(first, "succeeded", 30)
    product.wait_for_job(second, "succeeded", 60)
    fates = [row.fate for row in product.sql("SELECT fate FROM direct_uploads ORDER BY id")]
    assert (fates, product.number("SELECT count(*) FROM media")) == (["uploaded", "duplicate"], 1)

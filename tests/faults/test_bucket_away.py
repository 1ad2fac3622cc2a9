"""The bucket is away or hangs: uploads are told so in words and in time, pages go on, and jobs are tried again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.rows import row
from tests.support import s3
from tests.support.gate import Gate
from tests.support.http import Answer
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product
from webapp.models.page import PUBLISHED, create_page


@pytest.fixture
def product(database_url: str, gate: Gate, s3_keys: None) -> Iterator[Product]:
    """Its web process waits two times a second for the bucket, which lies behind the gate."""
    address = f"http://127.0.0.1:{gate.port}"
    product = Product(database_url, s3_bucket=s3.BUCKET, s3_endpoint_url=address, s3_timeout=1)
    product.env |= {"AWS_ACCESS_KEY_ID": s3.KEY, "AWS_SECRET_ACCESS_KEY": s3.SECRET}
    yield product
    product.stop()


def assert_told_to_try_again(answer: Answer) -> None:
    assert answer.status == 503, answer
    assert "does not answer. Try again later" in answer.body["error"]
    assert int(answer.headers["Retry-After"]) > 0


def upload(product: Product, number: int) -> Answer:
    return product.client().upload(tiny_jpeg(number), f"{number}.jpg")


def wait_until_taken(product: Product, number: int) -> None:
    """A busy bucket may take longer than the second that the web process gives it."""
    product.wait_until(lambda: upload(product, number).status in (200, 201), 60)


@row(23)
def test_uploads_are_refused_in_words_while_it_is_silent_and_taken_when_it_is_back(product, gate):
    product.start("web")
    wait_until_taken(product, 1)
    gate.hush()
    assert_told_to_try_again(upload(product, 2))
    assert_told_to_try_again(upload(product, 3))
    with product.rows():
        create_page("Harbour", "harbour", PUBLISHED, [{"blockType": "text", "body": "Boats"}])
    assert product.client().get("/harbour").status == 200
    assert product.number("SELECT count(*) FROM media") == 1
    gate.silent = False
    wait_until_taken(product, 2)
    assert product.number("SELECT count(*) FROM media") == 2


@row(23)
def test_renditions_that_could_not_be_made_meanwhile_are_made_when_it_is_back(product, gate):
    product.start("web", "clock", "default")
    wait_until_taken(product, 1)
    job = product.number("SELECT max(id) FROM jobs WHERE queue = 'images'")
    gate.stop()
    product.start("images")
    product.wait_until(lambda: product.job(job).error, 60)
    failed = product.job(job)
    assert (failed.status, failed.crashes) == ("queued", 0)
    assert "does not answer" in failed.error
    gate.start()
    product.client().post(f"/api/jobs/{job}/retry")  # a person does not wait for the next try, which comes by itself
    product.wait_for_job(job, "succeeded", 60)
    assert product.number("SELECT count(*) FROM media WHERE is_ready") == 1

"""AVIF renditions that wait in the line before a new upload let it go first, on real workers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.conftest import both_databases
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product
from webapp.jobs import queue

UNSETTLED = "SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')"


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    product = Product(database_url, avif_renditions=True)
    yield product
    product.stop()


@both_databases
def test_a_new_upload_goes_before_all_that_were_rung_earlier(product: Product) -> None:
    client = product.start().client()
    media = [client.upload(tiny_jpeg(number)).body["id"] for number in range(3)]
    product.wait_until(lambda: product.number(UNSETTLED) == 0, 60)
    product.kill("images")
    with product.rows():
        avif = [
            queue("makeAvifRenditions", {"mediaId": media_id}, subject=f"media:{media_id}").id for media_id in media
        ]
    new = client.upload(tiny_jpeg(9)).body["id"]
    product.start("images")
    product.wait_until(lambda: product.number(UNSETTLED) == 0, 60)
    with product.rows() as session:
        began = text("SELECT id FROM jobs WHERE queue = 'images' AND id >= :first ORDER BY started_at")
        order = list(session.scalars(began, {"first": avif[0]}))
        pressing = text("SELECT id FROM jobs WHERE task_slug = 'makeRenditions' AND subject = :subject")
        assert order[0] == session.scalar(pressing, {"subject": f"media:{new}"})
    assert set(avif) < set(order)
    assert product.number("SELECT count(*) FROM renditions WHERE mime_type = 'image/avif'") == 4

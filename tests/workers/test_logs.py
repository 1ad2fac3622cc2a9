"""In production each log line is JSON, and those of an upload and of its jobs, in three processes, have one name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.pictures import tiny_jpeg
from tests.support.product import Product

SECRETS = {"secret_key": "Zx8!log-lines-of-production-4Qm", "cron_secret": "Yw7!log-lines-cron-5Rn"}
PROCESSES = ("web", "default", "images")


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    product = Product(database_url, breakable=False, app_env="production", trusted_proxies=1, **SECRETS)
    yield product
    product.stop()


def lines(product: Product, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in product.log(name).splitlines() if line.startswith("{")]


def about(product: Product, request_id: str) -> set[tuple[str, str, str | None, int | None]]:
    """Which process said what, of which task and job."""
    return {
        (name, line["event"], line.get("task"), line.get("job"))
        for name in PROCESSES
        for line in lines(product, name)
        if line.get("request_id") == request_id
    }


def test_the_lines_of_an_upload_lead_to_those_of_its_jobs_and_of_no_others(product):
    product.start(*PROCESSES, "clock")
    client = product.client()
    first, second = (client.upload(tiny_jpeg(number), f"{number}.jpg") for number in (1, 2))
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    for answer in (first, second):
        subject, sync = f"media:{answer.body['id']}", answer.body["job"]["id"]
        renditions = product.number("SELECT id FROM jobs WHERE subject = :s AND queue = 'images'", s=subject)
        expected = {("web", "request.answered", None, None)}
        for process, task, job in (
            ("default", "syncMediaToGalleries", sync),
            ("images", "makeRenditions", renditions),
        ):
            expected |= {(process, "job.started", task, job), (process, "job.ended", task, job)}
        product.wait_until(lambda: about(product, answer.headers["X-Request-Id"]) == expected, 60)  # noqa: B023
    for name in PROCESSES:
        for secret in (product.token, *SECRETS.values()):
            assert secret not in product.log(name)

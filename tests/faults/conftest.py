"""A product of its own for each test, that may be broken in any way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.pictures import tiny_jpeg
from tests.support.product import Product


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    product = Product(database_url)
    yield product
    product.stop()


@pytest.fixture
def upload(product: Product) -> Callable[[int], int]:
    """Upload the picture with this number; the id of its sync job."""
    client = product.client()

    def upload(number: int) -> int:
        answer = client.upload(tiny_jpeg(number), f"{number}.jpg")
        assert answer.status == 201, answer
        return int(answer.body["job"]["id"])

    return upload


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    outcome = yield
    report = outcome.get_result()
    if report.failed and report.when == "call":
        for product in getattr(item, "funcargs", {}).values():
            if isinstance(product, Product):
                report.sections.append(("Logs of the product", product.logs()))

"""Bodies that are too large, never end, or trickle in: refused or waited for, while everybody else is answered."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO

import pytest

from tests.conftest import both_databases
from tests.security.rows import threat
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product

SLOW_CLIENTS = 60
QUICK = 2.0  # seconds; an answer takes some milliseconds, on a machine of its own


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    product = Product(database_url)
    yield product
    product.stop()


def begun(product: Product, length: int) -> socket.socket:
    """An upload that says how much will come, and then sends only its beginning."""
    connection = socket.create_connection(("127.0.0.1", product.port), timeout=20)
    head = (
        "POST /api/media HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {product.token}\r\nContent-Length: {length}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
        'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    )
    connection.sendall(head.encode())
    return connection


@threat(7)
@pytest.mark.flaky(reruns=1)
def test_slow_bodies_keep_nobody_waiting_and_a_huge_one_is_refused_before_it_comes(product):
    product.start("web")
    with ExitStack() as open_connections:
        slow = [open_connections.enter_context(begun(product, 5_000_000)) for _ in range(SLOW_CLIENTS)]
        client, times = product.client(), []
        for number in range(20):
            for connection in slow:
                connection.sendall(b"x")
            began = time.monotonic()
            assert client.upload(tiny_jpeg(number)).status == 201
            times.append(time.monotonic() - began)
        assert sorted(times)[-2] < QUICK, times
        huge = open_connections.enter_context(begun(product, 10**12))
        assert huge.recv(1000).split(b"\r\n")[0].split()[1] == b"413"


@threat(7)
def test_a_thousand_and_one_parts_are_refused(editor_api):
    data = {f"field{number}": "x" for number in range(1000)} | {"file": (BytesIO(tiny_jpeg(1)), "a.jpg")}
    answer = editor_api.post("/api/media", data=data)
    assert (answer.status_code, answer.json["success"]) == (413, False)


@threat(7)
@both_databases
def test_what_one_account_may_send_in_a_day_has_an_end_and_others_go_on(app, editor_api, admin_api):
    app.config["SETTINGS"].max_daily_upload_bytes = 4 * len(tiny_jpeg(1))
    statuses = [upload(editor_api, number).status_code for number in range(8)]
    assert statuses[0] == 201 and statuses[-1] == 429
    refused = upload(editor_api, 9)
    assert "Go on tomorrow" in refused.json["error"]
    assert editor_api.put("/api/media/1/file", data={"file": (BytesIO(tiny_jpeg(9)), "a.jpg")}).status_code == 429
    assert editor_api.get("/api/media").json["totalDocs"] == statuses.count(201)
    assert upload(admin_api, 9).status_code == 201


@threat(7)
def test_without_a_limit_nothing_is_counted(app, editor_api):
    app.config["SETTINGS"].max_daily_upload_bytes = 0
    assert {upload(editor_api, number).status_code for number in range(3)} == {201}


def upload(client, number):
    return client.post("/api/media", data={"file": (BytesIO(tiny_jpeg(number)), "a.jpg")})

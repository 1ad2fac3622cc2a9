"""Redis over TLS with a certificate that nobody vouches for, as on Heroku: only when asked for, and through outages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis.exceptions import ConnectionError as NoConnection

from config import Settings
from tests.support.apps import new_app
from tests.support.galleries import assert_all_hang_everywhere, count_items, make_galleries
from tests.support.people import bearer_client, signed_in_client
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product
from tests.support.tls import CERTIFICATE, TlsProxy
from webapp.extensions import connect_redis

UNVERIFIED = "?ssl_cert_reqs=none"


@pytest.fixture
def proxy(redis_url: str) -> Iterator[TlsProxy]:
    """Before the Valkey of the tests."""
    proxy = TlsProxy(Path(redis_url.removeprefix("unix://"))).start()
    yield proxy
    proxy.stop()


def test_a_certificate_that_signed_itself_is_refused_unless_asked_for(proxy):
    with pytest.raises(NoConnection, match="certificate verify failed"):
        connect_redis(proxy.url, timeout=5).ping()
    assert connect_redis(proxy.url + UNVERIFIED, timeout=5).ping()


def test_a_platform_that_owns_the_address_is_asked_for_by_a_setting(proxy, tmp_path):
    checked = Settings(data_dir=tmp_path, redis_url=proxy.url)
    unchecked = Settings(data_dir=tmp_path, redis_url=f"{proxy.url}?health_check_interval=30", redis_tls_verify=False)
    with pytest.raises(NoConnection, match="certificate verify failed"):
        connect_redis(checked.redis_url, timeout=5).ping()
    assert connect_redis(unchecked.redis_url, timeout=5).ping()


@pytest.mark.parametrize("url", ["redis://h:1/0", "unix:///x.sock", "rediss://h:1?ssl_cert_reqs=required"])
def test_an_address_without_tls_or_with_a_wish_of_its_own_stays_as_it_is(url, tmp_path):
    assert Settings(data_dir=tmp_path, redis_url=url, redis_tls_verify=False).redis_url == url


def test_one_that_is_trusted_by_name_is_checked_and_works(proxy):
    assert connect_redis(f"{proxy.url}?ssl_ca_certs={CERTIFICATE}", timeout=5).ping()


@pytest.fixture
def app_over_tls(data_dir, database_url, proxy):
    settings = {"data_dir": data_dir, "database_url": database_url, "log_level": "CRITICAL"}
    app = new_app(Settings(**settings, redis_url=proxy.url + UNVERIFIED))
    yield app
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def test_limits_and_the_dashboard_and_rings_use_it_too(app_over_tls, redis_url):
    admin, editor = signed_in_client(app_over_tls, "admin"), bearer_client(app_over_tls, "editor")
    assert editor.post("/api/media", data={"file": (tiny(), "a.jpg")}).status_code == 201
    plain = connect_redis(redis_url, timeout=5)
    assert plain.llen("rq:queue:default") >= 1
    assert [key for key in plain.keys("LIMITS*") if b"uploads" in key]
    assert admin.get("/admin/rq/").status_code == 200


@pytest.mark.parametrize("broken", ["stopped", "silent"])
def test_while_it_is_away_or_hangs_an_upload_is_answered_soon(app_over_tls, proxy, broken):
    editor = bearer_client(app_over_tls, "editor")
    if broken == "stopped":
        proxy.stop()
    else:
        proxy.silent = True
        proxy.drop()
    started = time.monotonic()
    assert editor.post("/api/media", data={"file": (tiny(), "a.jpg")}).status_code == 201
    assert time.monotonic() - started < 10 * app_over_tls.config["SETTINGS"].redis_timeout


def test_uploads_that_find_it_silent_in_the_same_moment_are_all_taken(app_over_tls, proxy):
    """Flask-Limiter falls back to counting by itself for the first of them, and used to fail the others."""
    editor = bearer_client(app_over_tls, "editor")
    assert editor.get("/api/media").status_code == 200
    proxy.hush()
    with ThreadPoolExecutor(6) as threads:
        answers = [threads.submit(upload_as, app_over_tls, editor, number) for number in range(6)]
        assert [answer.result() for answer in answers] == [201] * 6


def upload_as(app: Flask, editor: FlaskClient, number: int) -> int:
    client = app.test_client()
    client.environ_base.update(editor.environ_base)
    return client.post("/api/media", data={"file": (tiny(number), f"{number}.jpg")}).status_code


def tiny(number: int = 1) -> BytesIO:
    return BytesIO(tiny_jpeg(number))


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    """All of whose processes reach their Valkey over TLS only."""
    product = Product(database_url)
    proxy = TlsProxy(product.folder / "valkey.sock").start()
    product.settings.redis_url = product.env["REDIS_URL"] = proxy.url + UNVERIFIED
    product.redis = connect_redis(product.settings.redis_url, timeout=5)
    product.proxy = proxy  # type: ignore[attr-defined]
    yield product
    product.stop()
    proxy.stop()


def upload(product: Product, number: int) -> None:
    assert product.client().upload(tiny_jpeg(number), f"{number}.jpg").status == 201


def test_web_worker_and_clock_go_on_when_every_connection_is_dropped(product):
    make_galleries(product, 5)
    product.start("web", "default", "clock")
    for number in range(1, 4):
        upload(product, number)
        product.wait_until(lambda expected=5 * number: count_items(product) == expected, 60)
        product.proxy.drop()
    assert_all_hang_everywhere(product, 3, 5)


def test_they_come_back_by_themselves_after_it_was_away(product):
    make_galleries(product, 5)
    product.start("web", "default", "clock")
    upload(product, 1)
    product.wait_until(lambda: count_items(product) == 5)
    before = product.sql("SELECT completed_at FROM sweep_state")[0][0]
    product.proxy.stop()
    upload(product, 2)
    for name in ("default", "clock"):
        product.wait_until(lambda name=name: "redis_away" in product.log(name), 60)
    product.proxy.start()
    product.wait_until(lambda: count_items(product) == 10, 30)
    product.wait_until(lambda: product.sql("SELECT completed_at FROM sweep_state")[0][0] not in (None, before), 30)

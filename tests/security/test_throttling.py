"""Guessing passwords on a running product: all its processes count together, and none tells who there is."""

from __future__ import annotations

import re
import statistics
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar

import pytest
from argon2 import Type, extract_parameters

from tests.security.rows import threat
from tests.support import passwords
from tests.support.people import PASSWORD
from tests.support.ports import free_port
from tests.support.product import EDITOR, Product
from webapp.models import user

pytestmark = pytest.mark.flaky(reruns=1)  # times are measured on a machine that others use too


class Browser:
    """On the sign-in page."""

    def __init__(self, port: int, **headers: str) -> None:
        self.url, self.headers = f"http://127.0.0.1:{port}/admin/sign-in", headers
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        with self.opener.open(self.url) as page:
            self.token = re.findall('name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())[0]

    def sign_in(self, email: str, password: str = "not the password") -> tuple[int, str]:
        """The status, and the page without what was typed and its token."""
        fields = {"email": email, "password": password, "csrf_token": self.token}
        data = urllib.parse.urlencode(fields).encode()
        try:
            with self.opener.open(urllib.request.Request(self.url, data, self.headers)) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as error:
            words = error.read().decode().replace(email, "")
            return error.code, re.sub('value="[^"]*"', "", words)

    def seconds(self, email: str) -> float:
        began = time.monotonic()
        assert self.sign_in(email)[0] == 401
        return time.monotonic() - began


@pytest.fixture
def product(database_url: str, request: pytest.FixtureRequest) -> Iterator[Product]:
    product = Product(database_url, trusted_proxies=getattr(request, "param", 0))
    yield product
    product.stop()


@threat(12)
def test_two_processes_count_together(product):
    product.start("web")
    first, product.env["PORT"] = product.port, str(free_port())
    product.start_another("web2", "web")
    second = int(product.env["PORT"])
    browsers = [Browser(first), product.wait_until(lambda: opened(second), 30)]
    for number in range(10):
        assert browsers[number % 2].sign_in(EDITOR)[0] == 401
    for browser in browsers:
        status, words = browser.sign_in(EDITOR, PASSWORD)
        assert status == 429 and "Too many tries to sign in" in words


def opened(port: int) -> Browser | None:
    try:
        return Browser(port)
    except urllib.error.URLError:
        return None


@threat(12)
@pytest.mark.parametrize("product", [0, 1], indirect=True, ids=["no proxy", "one proxy"])
def test_fifty_wrong_passwords_from_forged_addresses_are_those_of_one(product):
    """Behind a proxy what it adds itself stands last and counts; what stands before comes from the visitor."""
    product.start("web")
    real = "203.0.113.9" if product.settings.trusted_proxies else "forged.too"
    forged = [Browser(product.port, **{"X-Forwarded-For": f"198.51.100.{number}, {real}"}) for number in range(50)]
    statuses = [browser.sign_in(EDITOR)[0] for browser in forged]
    assert statuses == [401] * 10 + [429] * 40
    assert forged[0].sign_in(EDITOR, PASSWORD)[0] == 429


@pytest.fixture
def slow_passwords() -> Iterator[None]:
    passwords.hash_as_in_production()
    yield
    passwords.hash_quickly()


def test_passwords_are_hashed_slowly_in_production(slow_passwords):
    """At least as OWASP's cheat sheet on password storage asks for: argon2id, 19 MiB, two passes."""
    used = extract_parameters(user.hash_password(PASSWORD))
    assert used.type is Type.ID and used.memory_cost >= 19 * 1024 and used.time_cost >= 2


@threat(12)
def test_an_unknown_account_answers_like_a_known_one_in_words_and_time(slow_passwords, product):
    """Each time is mostly that of one argon2 hash; without it an unknown account would take a tenth."""
    product.env[passwords.WANTED] = "1"
    product.start("web")
    browser = Browser(product.port)
    assert browser.sign_in(EDITOR) == browser.sign_in("nobody@example.org")
    pairs = [(browser.seconds(EDITOR), browser.seconds(f"nobody{n}@example.org")) for n in range(8)]
    known, unknown = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert 0.6 < unknown / known < 1.6, (known, unknown)

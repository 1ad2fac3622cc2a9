"""Every route, asked by everybody, with and without a token against forged forms, answers as its line in the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import BaseConverter
from werkzeug.routing.converters import AnyConverter, NumberConverter
from werkzeug.test import TestResponse

from tests.security.route_map import CLOSED, NOT_BY_TOKEN, Entry, entries
from tests.security.rows import threat
from tests.support.apps import CRON_SECRET
from tests.support.people import csrf_token, make_user
from webapp.models import user as users
from webapp.models.user import User

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
UNSAFE = METHODS - {"GET"}
ROLES = ["viewer", "editor", "admin"]
NOBODY_HAS_IT = 999_999
HERE = {"Origin": "http://localhost"}  # what a browser sends with a form of this site
ELSEWHERE = [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]

TABLE = {(method, rule): role for method, rule, role in entries()}


@dataclass(frozen=True)
class Asked:
    method: str
    rule: str
    url: str
    role: str  # that it needs

    @property
    def is_for_programs(self) -> bool:
        return self.url.startswith("/api/")


@pytest.fixture
def routes(app: Flask) -> list[Asked]:
    return [Asked(*entry, TABLE.get(entry[:2], "?")) for entry in served(app)]


def served(app: Flask) -> Iterator[Entry]:
    """Method, rule as in the table, and an address that it matches."""
    for rule in app.url_map.iter_rules():
        values = {name: example(name, converter) for name, converter in rule._converters.items()}
        _, url = rule.build(values | dict(rule.defaults or {})) or ("", "")
        for method in METHODS & (rule.methods or set()):
            yield method, re.sub(r"<(?:[^<>]*:)?(\w+)>", r"<\1>", rule.rule), url


def example(name: str, converter: BaseConverter) -> object:
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    if isinstance(converter, NumberConverter):
        return 0 if name == "instance_number" else NOBODY_HAS_IT
    return {"registry_name": "failed", "page": "1", "per_page": "5", "order": "asc"}.get(name, "default")


def test_each_route_has_a_line_in_the_table_and_each_line_a_route(app):
    assert len(TABLE) == len(list(entries())), "a line is there twice"
    assert {(method, rule) for method, rule, _ in served(app)} == set(TABLE)


@threat(9)
@threat(13)
def test_who_is_not_signed_in_opens_what_is_public_and_nothing_else(app, routes):
    for asked in routes:
        client = app.test_client()
        token = {"X-CSRFToken": planted_token(app, client)}
        answer = send(client, asked, token | HERE)
        if asked.role == "public":
            assert_open(asked, answer)
            continue
        assert_asked_to_sign_in(asked, answer)
        assert_asked_to_sign_in(asked, send(app.test_client(), asked, {"Authorization": "Bearer wrong"}))


@threat(9)
@threat(13)
@pytest.mark.parametrize("role", ROLES)
def test_who_is_signed_in_opens_what_the_role_allows_with_the_forms_token(app, routes, role):
    user = make_user(app, role)
    for asked in routes:
        client = signed_in(app, user)
        answer = send(client, asked, {"X-CSRFToken": csrf_token(app, client)} | HERE)
        if asked.role == "cron" and asked.method == "GET":
            assert answer.status_code == 403, asked
        elif may(role, asked):
            assert_open(asked, answer)
        else:
            assert answer.status_code == 403, (asked, answer.status)


@threat(9)
@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_changed_without_the_forms_token(app, routes, role):
    user = make_user(app, role)
    client = signed_in(app, user)
    other = csrf_token(app, signed_in(app, user, secret="b" * 40))
    for asked in (asked for asked in routes if asked.method in UNSAFE):
        for headers in ELSEWHERE:
            assert_forgery_refused(asked, role, send(client, asked, headers))
            assert_forgery_refused(asked, role, send(client, asked, headers | {"X-CSRFToken": other}))
        for headers in (HERE, HERE | {"X-CSRFToken": other}):  # a form from before, which may be given back at most
            answer = send(client, asked, headers)
            assert answer.status_code in (400, 403) or asked.rule.startswith("/admin/rq"), (asked, answer.status)


@threat(9)
@threat(17)
def test_a_bearer_that_nobody_has_opens_nothing_beside_a_cookie(app, routes):
    client = signed_in(app, make_user(app, "admin"))
    for asked in routes:
        answer = send(client, asked, {"Authorization": "Bearer wrong"} | ELSEWHERE[1])
        if asked.role != "public":
            assert_asked_to_sign_in(asked, answer)
        elif asked.method in UNSAFE and (asked.method, asked.rule) not in CLOSED:
            assert (answer.status_code, "CSRF" in answer.text) == (400, True), asked


@threat(13)
@pytest.mark.parametrize("role", ROLES)
def test_a_bearer_token_opens_what_its_account_opens_but_not_the_account(app, routes, role):
    make_user(app, role, "program@example.org")
    with app.app_context():
        bearer = {"Authorization": f"Bearer {users.new_api_token('program@example.org')}"}
    for asked in routes:
        answer = send(app.test_client(), asked, bearer | HERE)
        if may(role, asked) and not asked.rule.startswith(NOT_BY_TOKEN):
            assert_open(asked, answer)
        else:
            assert answer.status_code == 403, (asked, answer.status)


@threat(8)
@threat(13)
def test_the_cron_secret_opens_the_two_run_endpoints_and_what_is_public(app, routes):
    for asked in routes:
        answer = send(app.test_client(), asked, {"Authorization": f"Bearer {CRON_SECRET}"} | HERE)
        if asked.role in ("cron", "public"):
            assert_open(asked, answer)
        else:
            assert_asked_to_sign_in(asked, answer)


@threat(13)
def test_every_other_verb_is_refused(app, admin):
    urls = app.url_map.bind("localhost")
    for url in {url for _, _, url in served(app)}:
        for method in {*METHODS, "TRACE", "CONNECT", "PROPFIND"} - set(urls.allowed_methods(url)):
            headers = {"X-CSRFToken": csrf_token(app, admin)}
            assert admin.open(url, method=method, headers=headers).status_code == 405, (method, url)


def may(role: str, asked: Asked) -> bool:
    needed = "editor" if asked.role == "cron" else asked.role
    return needed == "public" or ROLES.index(role) >= ROLES.index(needed)


def signed_in(app: Flask, user: User, secret: str = "a" * 40) -> FlaskClient:
    """A fresh session each time: some routes end it."""
    client = app.test_client()
    with app.app_context():
        users.start_session(user)
    with client.session_transaction() as session:
        session["_user_id"] = user.session_token
        session["csrf_token"] = secret
    return client


def planted_token(app: Flask, client: FlaskClient) -> str:
    with client.session_transaction() as session:
        session["csrf_token"] = "c" * 40
    return csrf_token(app, client)


def send(client: FlaskClient, asked: Asked, headers: dict[str, str]) -> TestResponse:
    answer = client.open(asked.url, method=asked.method, headers=headers)
    if answer.status_code == 308:  # another address of the same view
        answer = client.open(answer.location, method=asked.method, headers=headers)
    assert answer.status_code < 500 or asked.url == "/readyz", (asked, answer.text)
    return answer


def assert_open(asked: Asked, answer: TestResponse) -> None:
    if (asked.method, asked.rule) in CLOSED:
        assert answer.status_code == 405, asked
        return
    assert answer.status_code not in (401, 403, 405), (asked, answer.text)
    assert answer.status_code != 400 or "CSRF" not in answer.text, (asked, answer.text)


def assert_asked_to_sign_in(asked: Asked, answer: TestResponse) -> None:
    if asked.is_for_programs:
        assert answer.status_code == 401, (asked, answer.status)
    else:
        assert answer.status_code == 302, (asked, answer.status)
        assert re.match("/admin/(sign-in|first-start)", answer.location), (asked, answer.location)


def assert_forgery_refused(asked: Asked, role: str, answer: TestResponse) -> None:
    by_role_or_origin = not may(role, asked) or asked.rule.startswith("/admin/rq")
    assert answer.status_code == (403 if by_role_or_origin else 400), (asked, answer.status)
    assert by_role_or_origin or "CSRF" in answer.text, (asked, answer.text)

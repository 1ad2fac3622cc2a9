"""Signing in and out, and the first account."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from argon2 import extract_parameters
from argon2.exceptions import VerifyMismatchError
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.admin.conftest import NAUGHTY, Post
from tests.conftest import both_databases
from tests.security.rows import threat
from tests.support.passwords import AS_IN_PRODUCTION
from tests.support.people import PASSWORD, make_user
from webapp import create_app
from webapp.database import db
from webapp.extensions import connect_redis
from webapp.models import people
from webapp.models import user as users
from webapp.models.user import User

EMAIL = "ann@example.org"
WRONG = "don't belong together"


@pytest.fixture
def ann(app: Flask) -> User:
    return make_user(app, "editor", EMAIL)


@pytest.fixture
def visitor(anonymous: FlaskClient) -> FlaskClient:
    """A browser on the sign-in page, so that it has a session with a token."""
    anonymous.get("/admin/sign-in")
    anonymous.get("/admin/first-start")
    return anonymous


def sign_in(post: Post, client: FlaskClient, **fields: Any) -> TestResponse:
    return post(client, "/admin/sign-in", **({"email": EMAIL, "password": PASSWORD} | fields))


def cookie_of(answer: TestResponse) -> str:
    return answer.headers["Set-Cookie"].partition(";")[0]


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/admin/").status_code == 200


def test_the_right_password_leads_home(ann, visitor, post):
    answer = sign_in(post, visitor)
    assert (answer.status_code, answer.location) == (303, "/admin/")
    assert is_signed_in(visitor)


def test_the_address_is_found_however_it_is_written(ann, visitor, post):
    assert sign_in(post, visitor, email=" Ann@Example.ORG ").status_code == 303


def test_the_cookie_lasts_thirty_days_and_is_kept_from_scripts(ann, visitor, post):
    cookie = sign_in(post, visitor).headers["Set-Cookie"]
    assert re.search(r"Expires=", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_page_that_was_asked_for_comes_after_signing_in(ann, visitor, post):
    asked = visitor.get("/admin/jobs?status=failed")
    form = visitor.get(asked.location).text
    assert 'name="next" value="/admin/jobs?status=failed"' in form
    assert sign_in(post, visitor, next="/admin/jobs?status=failed").location == "/admin/jobs?status=failed"


@threat(10)
@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "///evil.example",
        "/\t/evil",
        "/%09/evil",
        "/%5Cevil.example",
        "/%2Fevil.example",
        "https:evil",
        "javascript:alert(1)",
        "evil",
        "",
    ],
)
def test_a_foreign_next_leads_home(ann, visitor, post, target):
    assert sign_in(post, visitor, next=target).location == "/admin/"


def test_whoever_is_signed_in_goes_on_from_the_sign_in_page(editor):
    assert editor.get("/admin/sign-in?next=/admin/pages").location == "/admin/pages"
    assert editor.get("/admin/sign-in?next=//evil.example").location == "/admin/"


def test_what_is_verified_for_an_unknown_account_costs_what_any_password_costs_and_fits_none():
    hasher, nobody = AS_IN_PRODUCTION
    assert extract_parameters(nobody) == extract_parameters(hasher.hash(PASSWORD))
    with pytest.raises(VerifyMismatchError):
        hasher.verify(nobody, PASSWORD)


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(app, ann, visitor, post):
    make_user(app, "editor", "gone@example.org")
    with app.app_context():
        people.disable(people.person_with("gone@example.org").id)
    answers = [
        sign_in(post, visitor, password="wrong"),
        sign_in(post, visitor, email="nobody@example.org"),
        sign_in(post, visitor, email="gone@example.org"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert all(WRONG in answer.text.replace("&#39;", "'") for answer in answers)
    assert not is_signed_in(visitor)


def test_missing_fields_are_named_and_the_rest_is_kept(ann, visitor, post):
    answer = sign_in(post, visitor, password="")
    assert answer.status_code == 422
    assert 'href="#password">Enter your password.' in answer.text
    assert 'aria-describedby="password-error"' in answer.text
    assert f'value="{EMAIL}"' in answer.text


@pytest.mark.parametrize("field", ["email", "password", "next"])
def test_naughty_text_is_refused_in_words(ann, visitor, post, field):
    wanted = {"password": "wrong"} | {field: NAUGHTY}
    answer = sign_in(post, visitor, **wanted)
    assert answer.status_code in (401, 422)
    assert "<script>alert" not in answer.text


@threat(9)
def test_without_its_token_the_form_is_refused(ann, visitor, editor, app):
    fields = {"email": EMAIL, "password": PASSWORD}
    assert visitor.post("/admin/sign-in", data=fields).status_code == 400
    assert visitor.post("/admin/sign-in", data=fields | {"csrf_token": "x"}).status_code == 400
    assert not is_signed_in(visitor)


def test_a_large_form_is_refused(ann, visitor, post):
    assert sign_in(post, visitor, password="x" * 100_000).status_code == 413


@threat(11)
def test_nothing_planted_in_the_session_survives_signing_in(ann, visitor, post):
    with visitor.session_transaction() as session:
        session["planted"] = "yes"
    sign_in(post, visitor)
    with visitor.session_transaction() as session:
        assert "planted" not in session


def test_signing_in_again_ends_the_session_before(app, ann, visitor, post):
    old = cookie_of(sign_in(post, visitor))
    visitor.get("/admin/")
    sign_in(post, visitor)
    assert is_signed_in(visitor)
    assert app.test_client(use_cookies=False).get("/admin/", headers={"Cookie": old}).status_code == 302


@threat(11)
def test_signing_out_makes_copies_of_the_cookie_worthless(app, ann, visitor, post):
    cookie = cookie_of(sign_in(post, visitor))
    visitor.get("/admin/")
    thief = app.test_client(use_cookies=False)
    assert thief.get("/admin/", headers={"Cookie": cookie}).status_code == 200
    answer = post(visitor, "/admin/sign-out")
    assert (answer.status_code, answer.location) == (303, "/admin/sign-in")
    assert "You are signed out." in visitor.get("/admin/sign-in").text
    assert thief.get("/admin/", headers={"Cookie": cookie}).status_code == 302


def test_signing_out_twice_is_harmless(editor, post):
    post(editor, "/admin/sign-out")
    editor.get("/admin/sign-in")
    assert post(editor, "/admin/sign-out").status_code == 303


@threat(9)
def test_signing_out_needs_a_post_with_its_token(editor):
    assert editor.get("/admin/sign-out").status_code == 405
    assert editor.post("/admin/sign-out").status_code == 400
    assert is_signed_in(editor)


@pytest.mark.parametrize("path", ["/admin/sign-in", "/admin/first-start"])
def test_other_methods_are_refused(anonymous, path):
    assert anonymous.put(path).status_code == 405
    assert anonymous.delete(path).status_code == 405


@threat(12)
def test_after_ten_tries_an_account_must_wait_and_others_need_not(app, ann, visitor, post, redis_url):
    make_user(app, "editor", "bob@example.org")
    for _ in range(10):
        assert sign_in(post, visitor, password="wrong").status_code == 401
    answer = sign_in(post, visitor)
    assert answer.status_code == 429
    assert "Too many tries to sign in. Wait a minute" in answer.text
    assert sign_in(post, visitor, email="bob@example.org").status_code == 303
    assert connect_redis(redis_url, 1).keys("LIMITS*"), "the counts are shared by all processes"


def test_a_forged_address_brings_no_further_tries(ann, visitor, post, app):
    visitor.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.7"
    for _ in range(10):
        sign_in(post, visitor, password="wrong")
    visitor.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.8"
    assert sign_in(post, visitor).status_code == 429


def test_after_sixty_tries_an_address_must_wait(ann, visitor, post):
    for n in range(60):
        assert sign_in(post, visitor, email=f"{n}@example.org", password="").status_code == 422
    assert sign_in(post, visitor).status_code == 429


def test_with_redis_away_people_sign_in_and_tries_are_still_counted(settings, ann, post):
    app = create_app(settings.model_copy(update={"redis_url": "unix:///nowhere/valkey.sock"}))
    client = app.test_client()
    client.get("/admin/sign-in")
    assert sign_in(post, client).status_code == 303
    assert is_signed_in(client)
    for _ in range(9):
        assert sign_in(post, client, password="wrong").status_code == 401
    assert sign_in(post, client).status_code == 429
    with app.app_context():
        db.engine.dispose()


@both_databases
def test_the_first_account_is_an_admin_and_signed_in(app, visitor, post):
    assert visitor.get("/admin/").location == "/admin/first-start"
    assert visitor.get("/admin/sign-in").location == "/admin/first-start"
    answer = post(visitor, "/admin/first-start", email=EMAIL, password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/admin/")
    assert is_signed_in(visitor)
    assert accounts(app) == [(EMAIL, "admin")]


def test_a_weak_first_password_is_refused_in_words(app, visitor, post):
    answer = post(visitor, "/admin/first-start", email=EMAIL, password="short")
    assert answer.status_code == 422
    assert 'href="#password">Use a password of 12 characters or more.' in answer.text
    assert f'value="{EMAIL}"' in answer.text
    assert accounts(app) == []


@threat(14)
def test_extra_fields_change_nothing(app, visitor, post):
    post(visitor, "/admin/first-start", email=EMAIL, password=PASSWORD, role="viewer", active="")
    assert accounts(app) == [(EMAIL, "admin")]


def test_the_first_start_is_over_once_there_is_an_account(app, ann, visitor, post):
    assert visitor.get("/admin/first-start").status_code == 302
    answer = post(visitor, "/admin/first-start", email="eve@example.org", password=PASSWORD)
    assert answer.status_code == 404
    assert accounts(app) == [(EMAIL, "editor")]


@both_databases
def test_of_many_first_accounts_at_once_one_is_made(app):
    def make(number: int) -> bool:
        with app.app_context():
            try:
                return bool(users.create_first_admin(f"{number}@example.org", PASSWORD))
            except LookupError:
                return False

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(make, range(6))) == 1
    assert len(accounts(app)) == 1


def accounts(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(user.email, user.role) for user in db.session.scalars(select(User))]

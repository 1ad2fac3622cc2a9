"""The page behind a one-time link."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.admin.conftest import NAUGHTY, Post
from tests.conftest import both_databases
from tests.support.people import PASSWORD, make_user, signed_in_client
from webapp.database import db, transaction, utcnow
from webapp.models import people
from webapp.models import user as users
from webapp.models.invite import Invite, UselessLink, accept, invite_person, new_link
from webapp.models.people import person_with

EMAIL = "bob@example.org"
NEW_PASSWORD = "purple monkey dishwasher"


@pytest.fixture
def key(app: Flask) -> str:
    make_user(app, "admin")
    with app.app_context():
        return invite_person(EMAIL, "editor")[1]


@pytest.fixture
def bob(anonymous: FlaskClient, key: str) -> FlaskClient:
    """His browser, on the page of the link."""
    assert anonymous.get(f"/admin/invite?key={key}").status_code == 200
    return anonymous


def take(post: Post, client: FlaskClient, key: str, **fields: str):
    return post(client, "/admin/invite", **({"key": key, "name": "Bob Bee", "password": NEW_PASSWORD} | fields))


def test_the_link_says_who_is_invited_as_what(anonymous, key):
    answer = anonymous.get(f"/admin/invite?key={key}")
    assert "bob@example.org" in answer.text
    assert "an editor." in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_name_and_a_password_make_the_account_and_sign_in(bob, post, key, in_app):
    answer = take(post, bob, key)
    assert (answer.status_code, answer.location) == (303, "/admin/")
    html = bob.get("/admin/").text
    assert "Bob Bee" in html
    user = users.user_with_password(EMAIL, NEW_PASSWORD)
    assert (user.role, user.name) == ("editor", "Bob Bee")


def test_the_name_may_stay_empty(bob, post, key, in_app):
    assert take(post, bob, key, name="  ").status_code == 303
    assert person_with(EMAIL).name == "bob"


def test_before_the_link_is_used_no_password_lets_in(key, in_app):
    for password in ("", PASSWORD, NEW_PASSWORD):
        assert users.user_with_password(EMAIL, password) is None


def test_an_invited_account_takes_as_long_to_refuse_as_an_unknown_one(key, in_app, monkeypatch):
    hashes, real = [], users._hasher
    hasher = SimpleNamespace(verify=lambda kept, typed: hashes.append(kept) or real.verify(kept, typed))
    monkeypatch.setattr(users, "_hasher", hasher)
    for email in (EMAIL, "nobody@example.org", "admin@example.org"):
        assert users.user_with_password(email, "wrong") is None
    assert [kept.startswith("$argon2") for kept in hashes] == [True, True, True]


def test_it_works_once_and_then_says_so(app, bob, post, key):
    take(post, bob, key)
    other = app.test_client()
    answer = other.get(f"/admin/invite?key={key}")
    assert answer.status_code == 410
    assert "This link was used already. Sign in with your password." in answer.text
    bob.get("/admin/")  # whose forms bring a new token
    answer = take(post, bob, key, password="another good password")
    assert answer.status_code == 410
    with app.app_context():
        assert users.user_with_password(EMAIL, "another good password") is None


@both_databases
def test_of_many_who_use_it_at_once_one_succeeds(app, key):
    def use(number: int) -> bool:
        with app.app_context():
            try:
                return bool(accept(key, "", f"{NEW_PASSWORD} {number}"))
            except UselessLink:
                return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use, range(4))) == 1


def test_an_old_link_says_that_it_is_too_old(anonymous, bob, post, key, in_app):
    with transaction():
        db.session.execute(update(Invite).values(expires_at=utcnow() - timedelta(seconds=1)))
    for answer in (anonymous.get(f"/admin/invite?key={key}"), take(post, bob, key)):
        assert answer.status_code == 410
        assert "This link is too old. If you can’t sign in, ask an admin of this site for a new one." in answer.text


@pytest.mark.parametrize("wrong", ["", "x", "é", "a" * 5000, NAUGHTY])
def test_an_unknown_link_says_so(bob, post, wrong):
    answer = bob.get("/admin/invite", query_string={"key": wrong})
    assert answer.status_code == 410
    assert "This link is not known." in answer.text
    assert take(post, bob, wrong).status_code == 410


def test_without_a_key_the_page_says_so(anonymous, in_app):
    assert anonymous.get("/admin/invite").status_code == 410


def test_a_disabled_account_is_not_opened_by_it(anonymous, key, in_app):
    people.disable(person_with(EMAIL).id)
    assert anonymous.get(f"/admin/invite?key={key}").status_code == 410


@pytest.mark.parametrize(
    ("fields", "words", "field"),
    [
        ({"password": ""}, "Choose a password.", "password"),
        ({"password": "short"}, "Use a password of 12 characters or more.", "password"),
        ({"password": "bobpassword123456"}, "This password is easy to guess.", "password"),
        ({"password": "x" * 1001}, "This is too long for a password.", "password"),
        ({"name": "x" * 101}, "Use 100 characters or fewer for the name.", "name"),
    ],
)
def test_what_can_not_be_is_said_at_its_field_and_the_link_still_works(bob, post, key, fields, words, field):
    answer = take(post, bob, key, **fields)
    assert answer.status_code == 422
    assert f'<a href="#{field}">{words}' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert key in answer.text
    assert NEW_PASSWORD not in answer.text
    assert take(post, bob, key).status_code == 303


def test_naughty_names_are_kept_as_text(bob, post, key, in_app):
    assert take(post, bob, key, name="<b>Bob</b>\0\n\u202e 猫").status_code == 303
    assert person_with(EMAIL).name == "<b>Bob</b> 猫"
    assert "<b>Bob" not in bob.get("/admin/").text


def test_extra_fields_change_nothing(bob, post, key, in_app):
    take(post, bob, key, role="admin", email="eve@example.org", active="")
    assert (person_with(EMAIL).role, person_with(EMAIL).active) == ("editor", True)


def test_who_lost_the_password_gets_in_and_every_other_device_is_signed_out(app, anonymous, post, in_app):
    thief = signed_in_client(app, "editor", email="ann@example.org")
    token = users.new_api_token("ann@example.org")
    _, key = new_link(person_with("ann@example.org").id)
    page = anonymous.get(f"/admin/invite?key={key}").text
    assert "Choose a new password" in page
    assert take(post, anonymous, key, name="Ann").status_code == 303
    assert anonymous.get("/admin/").status_code == 200
    assert thief.get("/admin/").status_code == 302
    db.session.expire_all()
    assert users.user_with_password("ann@example.org", PASSWORD) is None
    assert users.user_with_password("ann@example.org", NEW_PASSWORD) is not None
    assert users.user_with_api_token(token) is not None


def test_whoever_is_signed_in_becomes_the_invited_person(app, post, key):
    client = signed_in_client(app, "viewer", email="eve@example.org")
    with client.session_transaction() as session:
        session["planted"] = "yes"
    assert take(post, client, key).status_code == 303
    assert "Bob Bee" in client.get("/admin/").text
    with client.session_transaction() as session:
        assert "planted" not in session


def test_without_its_token_the_form_is_refused(bob, key, in_app):
    assert bob.post("/admin/invite", data={"key": key, "password": NEW_PASSWORD}).status_code == 400
    db.session.rollback()
    assert db.session.scalars(select(Invite.used_at)).all() == [None]


def test_other_methods_and_large_forms_are_refused(bob, post, key):
    for method in ("PUT", "PATCH", "DELETE"):
        assert post(bob, "/admin/invite", method=method).status_code == 405
    assert take(post, bob, key, name="x" * 100_000).status_code == 413


def test_after_twenty_tries_one_must_wait(bob, post, key):
    for _ in range(20):
        assert take(post, bob, key, password="short").status_code == 422
    assert take(post, bob, key).status_code == 429

"""The own account: name, password, where one is signed in, API tokens."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.admin.conftest import NAUGHTY, Post, fresh
from tests.security.rows import threat
from tests.support.people import PASSWORD, make_user
from webapp.database import db, transaction, utcnow
from webapp.models import user as users
from webapp.models.account import MOST_TOKENS, make_token
from webapp.models.people import person_with
from webapp.models.user import ApiToken, SignIn, User

EMAIL = "editor@example.org"
NEW_PASSWORD = "purple monkey dishwasher"
TOKEN = re.compile(r'<pre class="data">([\w-]{43})</pre>')
POSTS = ["/name", "/password", "/sign-out-everywhere", "/tokens", "/tokens/revoke"]


@pytest.fixture
def second(app: Flask, editor: FlaskClient) -> FlaskClient:
    """Another device of the editor."""
    client = app.test_client()
    with app.app_context():
        user = person_with(EMAIL)
        users.start_session(user, agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    with client.session_transaction() as session:
        session["_user_id"], session["csrf_token"] = user.session_token, "a" * 40
    return client


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/admin/").status_code == 200


def lets_in(app: Flask, password: str) -> bool:
    with app.app_context():
        return users.user_with_password(EMAIL, password) is not None


def change(post: Post, client: FlaskClient, current: str = PASSWORD, password: str = NEW_PASSWORD):
    return post(client, "/admin/account/password", current=current, password=password)


def tokens() -> list[ApiToken]:
    db.session.rollback()
    return list(db.session.scalars(select(ApiToken)))


def test_the_name_on_top_leads_to_it(viewer):
    assert 'href="/admin/account"' in viewer.get("/admin/").text
    html = viewer.get("/admin/account").text
    assert "viewer@example.org" in html
    assert "<dd>Viewer</dd>" in html


def test_a_name_is_what_others_see(editor, post, in_app):
    for _ in range(2):
        assert post(editor, "/admin/account/name", name=" Ed  Itor\n").status_code == 303
    assert person_with(EMAIL).name == "Ed Itor"
    assert ">Ed Itor</a>" in editor.get("/admin/").text
    post(editor, "/admin/account/name", name="")
    assert fresh(User, person_with(EMAIL).id).name == "editor"


def test_a_name_that_is_too_long_is_refused_at_its_field(editor, post, in_app):
    answer = post(editor, "/admin/account/name", name="x" * 101)
    assert answer.status_code == 422
    assert '<a href="#name">Use 100 characters or fewer' in answer.text
    assert "x" * 101 in answer.text


@threat(11)
def test_changing_the_password_ends_every_other_session(app, editor, second, post):
    answer = change(post, editor)
    assert (answer.status_code, answer.location) == (303, "/admin/account")
    assert "Your password is changed." in editor.get("/admin/account").text
    assert not is_signed_in(second)
    assert lets_in(app, NEW_PASSWORD)
    assert not lets_in(app, PASSWORD)


@threat(11)
def test_who_has_copied_the_cookie_is_out_too_once_the_password_is_changed(app, editor, post):
    with editor.session_transaction() as session:
        copied = dict(session)
    change(post, editor)
    thief = app.test_client()
    with thief.session_transaction() as session:
        session.update(copied)
    assert not is_signed_in(thief)
    assert is_signed_in(editor)
    assert editor.get("/admin/account").text.count("This device") == 1


@pytest.mark.parametrize(
    ("current", "password", "words", "field"),
    [
        ("wrong", NEW_PASSWORD, "This is not your current password.", "current"),
        ("", NEW_PASSWORD, "Enter your current password.", "current"),
        (PASSWORD, "", "Choose a new password.", "password"),
        (PASSWORD, "short", "Use a password of 12 characters or more.", "password"),
        (PASSWORD, "editor123456", "This password is easy to guess.", "password"),
        (PASSWORD, "x" * 1001, "This is too long for a password.", "password"),
        (NAUGHTY, NEW_PASSWORD, "This is not your current password.", "current"),
    ],
)
def test_what_can_not_be_is_said_at_its_field_and_changes_nothing(
    app, editor, second, post, current, password, words, field
):
    answer = change(post, editor, current, password)
    assert answer.status_code == 422
    assert f'<a href="#{field}">{words}' in answer.text
    assert f'id="{field}-error"' in answer.text
    for secret in (PASSWORD, NEW_PASSWORD, "<script>alert"):
        assert secret not in answer.text
    assert lets_in(app, PASSWORD)
    assert is_signed_in(second)


def test_after_ten_tries_at_the_current_password_one_must_wait(editor, admin, post):
    for _ in range(10):
        assert change(post, editor, current="wrong").status_code == 422
    assert change(post, editor).status_code == 429
    assert change(post, admin).status_code == 303


def test_the_devices_are_told_apart(editor, second):
    html = second.get("/admin/account").text
    assert "Firefox on Linux" in html
    assert "Unknown device" in html
    assert html.count("This device") == 1


def test_only_of_other_devices_it_says_when_they_were_seen(editor, second, in_app):
    """And of the last hour not to the minute: it is written down each half hour at most."""
    assert words(editor).count("last seen within the last hour") == words(editor).count("last seen") == 1
    with transaction() as session:
        long_ago = utcnow() - timedelta(hours=3)
        session.execute(update(SignIn).where(SignIn.agent.contains("Firefox")).values(seen_at=long_ago))
    assert words(editor).count("last seen 3 hours ago") == words(editor).count("last seen") == 1
    assert words(editor).count("Signed in just now") == 2


def words(client: FlaskClient) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get("/admin/account").text).split())


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iOS"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18.0 Safari/605.1", "Safari on macOS"),
        ("curl/8.0", "Unknown device"),
        ("", "Unknown device"),
        (None, "Unknown device"),
    ],
)
def test_what_a_browser_says_of_itself_becomes_words(app, agent, words):
    assert app.jinja_env.filters["device"](agent) == words


def test_signing_in_keeps_what_tells_the_device(app, editor, post):
    editor.get("/admin/sign-in")
    post(editor, "/admin/sign-out")
    editor.get("/admin/sign-in")
    editor.environ_base["HTTP_USER_AGENT"] = "x" * 1000
    assert post(editor, "/admin/sign-in", email=EMAIL, password=PASSWORD).status_code == 303
    with app.app_context():
        (row,) = db.session.scalars(select(SignIn)).all()
    assert (row.address, row.agent) == ("127.0.0.1", "x" * 300)


def test_signing_out_everywhere_ends_this_session_too(editor, second, admin, post):
    answer = post(editor, "/admin/account/sign-out-everywhere")
    assert (answer.status_code, answer.location) == (303, "/admin/sign-in")
    assert "signed out on every device" in editor.get("/admin/sign-in").text
    assert not is_signed_in(editor)
    assert not is_signed_in(second)
    assert is_signed_in(admin)


def test_a_token_is_shown_once_and_kept_as_a_digest(app, viewer, post, in_app):
    answer = post(viewer, "/admin/account/tokens", purpose=" Office  scanner ")
    assert answer.status_code == 201
    (token,) = TOKEN.findall(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    html = viewer.get("/admin/account").text
    assert "Office scanner" in html
    assert "not used yet" in html
    assert token not in html
    assert [row.id for row in tokens()] == [users.digest(token)]
    headers = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/api/media", headers=headers).status_code == 200
    assert app.test_client().post("/api/pages", headers=headers, json={"title": "x"}).status_code == 403
    assert "last used" in viewer.get("/admin/account").text


@pytest.mark.parametrize(
    ("purpose", "words"),
    [
        ("", "Say what the token is for, so that you know it later."),
        (" ", "Say what the token is for"),
        ("x" * 101, "Use 100 characters"),
    ],
)
def test_a_token_needs_a_name(editor, post, in_app, purpose, words):
    answer = post(editor, "/admin/account/tokens", purpose=purpose)
    assert answer.status_code == 422
    assert f'<a href="#purpose">{words}' in answer.text
    assert tokens() == []


def test_the_page_of_a_new_token_loaded_again_makes_no_other_one(editor, post, in_app):
    assert post(editor, "/admin/account/tokens", purpose="Office scanner").status_code == 201
    again = post(editor, "/admin/account/tokens", purpose=" Office scanner ")
    assert again.status_code == 422
    assert "You have a token “Office scanner” already." in again.text
    assert len(tokens()) == 1


def test_naughty_names_of_tokens_are_shown_as_text(editor, post, in_app):
    assert post(editor, "/admin/account/tokens", purpose=NAUGHTY[:90]).status_code == 201
    assert "<script>alert" not in editor.get("/admin/account").text


def test_nobody_has_endless_tokens(editor, post, in_app):
    for number in range(MOST_TOKENS):
        make_token(person_with(EMAIL), str(number))
    answer = post(editor, "/admin/account/tokens", purpose="one more")
    assert answer.status_code == 422
    assert "Revoke one that you don&#39;t use any more." in answer.text


def test_a_revoked_token_opens_nothing_and_revoking_twice_is_harmless(app, editor, post, in_app):
    token = make_token(person_with(EMAIL), "Office scanner")
    headers = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/api/media", headers=headers).status_code == 200
    for _ in range(2):
        assert post(editor, "/admin/account/tokens/revoke", token=users.digest(token)).status_code == 303
    assert editor.get("/admin/account").text.count("is revoked.") == 1
    assert app.test_client().get("/api/media", headers=headers).status_code == 401


def test_the_token_of_somebody_else_is_neither_seen_nor_revoked(editor, post, in_app):
    token = make_token(make_user(in_app, "admin", "ann@example.org"), "Secret plan")
    assert "Secret plan" not in editor.get("/admin/account").text
    assert post(editor, "/admin/account/tokens/revoke", token=users.digest(token)).status_code == 303
    assert len(tokens()) == 1


@pytest.mark.parametrize("token", ["", "x", NAUGHTY])
def test_a_token_that_there_is_not_is_not_revoked(editor, post, in_app, token):
    assert post(editor, "/admin/account/tokens/revoke", token=token).status_code == 303


def test_a_token_changes_no_account(editor_api):
    assert editor_api.get("/admin/account").status_code == 403
    for rest in POSTS:
        answer = editor_api.post(f"/admin/account{rest}", data={"purpose": "more", "name": "x"})
        assert answer.status_code == 403, rest


def test_whoever_is_not_signed_in_is_asked_to(anonymous, editor, post):
    assert anonymous.get("/admin/account").status_code == 302
    anonymous.get("/admin/sign-in")
    for rest in POSTS:
        assert post(anonymous, f"/admin/account{rest}").status_code == 302


def test_forms_without_their_token_are_refused(app, editor):
    for rest in POSTS:
        data = {"current": PASSWORD, "password": NEW_PASSWORD, "purpose": "x"}
        assert editor.post(f"/admin/account{rest}", data=data).status_code == 400
    assert is_signed_in(editor)
    assert lets_in(app, PASSWORD)


def test_other_methods_are_refused(editor, post):
    for rest in POSTS:
        assert editor.get(f"/admin/account{rest}").status_code == 405
        for method in ("PUT", "PATCH", "DELETE"):
            assert post(editor, f"/admin/account{rest}", method=method).status_code == 405

"""People in the admin: the list, one person, roles, disabling and links."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from tests.admin.conftest import HUGE, NAUGHTY, Post, count_queries, fresh
from tests.conftest import both_databases
from tests.security.rows import threat
from tests.support.people import PASSWORD, make_user, signed_in_client
from webapp.database import db, transaction, utcnow
from webapp.models import people
from webapp.models import user as users
from webapp.models.invite import Invite, invite_person
from webapp.models.people import NotAllowed, person_with
from webapp.models.user import ApiToken, SignIn, User

LINK = re.compile(r"http://localhost/admin/invite\?key=([\w-]{43})")
POSTS = ["/role", "/disable", "/enable", "/link"]


@pytest.fixture
def ann(in_app: Flask) -> User:
    return make_user(in_app, "editor", "ann@example.org")


def url(user: User, rest: str = "") -> str:
    return f"/admin/people/{user.id}{rest}"


def me(client_role: str = "admin") -> User:
    db.session.rollback()
    return person_with(f"{client_role}@example.org")


def rows(model: type, user: User) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(model.user_id == user.id)) or 0


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_list_shows_who_they_are_and_whether_they_come_in(admin, ann):
    invite_person("bob@example.org", "viewer")
    person_with("ann@example.org")
    seen = words(admin.get("/admin/people").text)
    assert "ann ann@example.org Editor Active not yet –" in seen
    assert "bob bob@example.org Viewer Invited not yet –" in seen
    assert "admin (you) admin@example.org Admin Active just now –" in seen
    people.disable(ann.id)
    assert "ann@example.org Editor Disabled" in words(admin.get("/admin/people").text)


def test_of_somebody_who_may_be_here_no_minute_is_told(admin, ann):
    """That they were seen is written down each half hour at most; of whoever asks it is known."""
    for minutes, told in ((40, "within the last hour"), (130, "2 hours ago")):
        with transaction() as session:
            session.execute(update(User).values(seen_at=utcnow() - timedelta(minutes=minutes)))
        assert f"Active {told} –" in words(admin.get("/admin/people").text)
        assert f"Last seen {told}" in words(admin.get(url(ann)).text)
        assert "Last seen just now" in words(admin.get(url(me())).text)
        assert "admin@example.org Admin Active just now –" in words(admin.get("/admin/people").text)


def test_the_list_says_who_has_tokens_and_shows_none(admin, ann):
    token = users.new_api_token(ann.email)
    for path in ("/admin/people", url(ann)):
        html = admin.get(path).text
        assert token not in html
        assert users.digest(token) not in html
    assert "ann@example.org Editor Active not yet 1" in words(admin.get("/admin/people").text)
    assert "API tokens 1" in words(admin.get(url(ann)).text)


def test_the_list_asks_the_database_as_often_for_many_as_for_one(admin, ann):
    before = count_queries(admin, "/admin/people")
    for number in range(5):
        users.new_api_token(make_user(admin.application, "viewer", f"{number}@example.org").email)
    assert count_queries(admin, "/admin/people") == before


def test_inviting_shows_the_link_once_and_keeps_its_digest_only(admin, post, in_app):
    answer = post(admin, "/admin/people", email=" Bob@Example.org ", role="editor")
    assert answer.status_code == 201
    (key,) = LINK.findall(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    bob = person_with("bob@example.org")
    assert (bob.role, bob.active, bob.has_joined) == ("editor", True, False)
    assert db.session.scalars(select(Invite.id)).all() == [users.digest(key)]
    for path in ("/admin/people", url(bob), "/admin/audit"):
        assert key not in admin.get(path).text
        assert users.digest(key) not in admin.get(path).text


@pytest.mark.parametrize(
    ("fields", "said", "field"),
    [
        ({"email": "bob"}, "This isn&#39;t an e-mail address", "email"),
        ({"email": ""}, "This isn&#39;t an e-mail address", "email"),
        ({"email": "ann@example.org"}, "There is already an account for ann@example.org.", "email"),
        ({"email": NAUGHTY}, "This isn&#39;t an e-mail address", "email"),
        ({"role": "owner"}, "There is no role &#39;owner&#39;.", "role"),
        ({"role": ""}, "There is no role", "role"),
    ],
)
def test_what_can_not_be_is_said_at_its_field_and_the_rest_is_kept(admin, post, ann, fields, said, field):
    answer = post(admin, "/admin/people", **({"email": "bob@example.org", "role": "viewer"} | fields))
    assert answer.status_code == 422
    assert f'<a href="#{field}">{said}' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert "<script>alert" not in answer.text
    if field == "role":
        assert 'value="bob@example.org"' in answer.text
    else:
        assert re.search(r'value="viewer" checked', answer.text)
    assert db.session.scalar(select(func.count()).select_from(Invite)) == 0


@threat(14)
def test_extra_fields_change_nothing(admin, post, in_app):
    post(admin, "/admin/people", email="bob@example.org", role="viewer", password=PASSWORD, active="", id="77")
    bob = person_with("bob@example.org")
    assert (bob.active, bob.has_joined) == (True, False)
    assert bob.id != 77


def test_inviting_twice_invites_once(admin, post, in_app):
    for status in (201, 422):
        assert post(admin, "/admin/people", email="bob@example.org", role="viewer").status_code == status


def test_a_new_role_holds_at_once(app, admin, post, in_app):
    client = signed_in_client(app, "viewer", email="ann@example.org")
    ann = person_with("ann@example.org")
    assert client.get("/admin/people").status_code == 403
    for _ in range(2):
        answer = post(admin, url(ann, "/role"), role="admin")
        assert (answer.status_code, answer.location) == (303, url(ann))
    assert "ann is an admin now." in admin.get(url(ann)).text
    assert client.get("/admin/people").status_code == 200


@pytest.mark.parametrize("role", ["owner", "", NAUGHTY])
def test_a_role_that_there_is_not_is_refused_in_words(admin, post, ann, role):
    assert post(admin, url(ann, "/role"), role=role).status_code == 303
    html = admin.get(url(ann)).text
    assert "There is no role" in html
    assert "<script>alert" not in html
    assert fresh(User, ann.id).role == "editor"


@threat(11)
def test_disabling_ends_sessions_tokens_and_links(app, admin, post, in_app):
    client = signed_in_client(app, "editor", email="ann@example.org")
    ann = person_with("ann@example.org")
    headers = {"Authorization": f"Bearer {users.new_api_token(ann.email)}"}
    post(admin, url(ann, "/link"))
    assert client.get("/admin/").status_code == 200
    assert app.test_client().get("/api/media", headers=headers).status_code == 200
    for _ in range(2):
        assert post(admin, url(ann, "/disable")).status_code == 303
    assert client.get("/admin/").status_code == 302
    assert app.test_client().get("/api/media", headers=headers).status_code == 401
    assert [rows(model, ann) for model in (SignIn, ApiToken, Invite)] == [0, 0, 0]
    assert users.user_with_password(ann.email, PASSWORD) is None
    assert "Disabled" in admin.get(url(ann)).text


def test_enabling_lets_in_again_with_the_old_password_and_without_the_old_tokens(app, admin, post, ann):
    headers = {"Authorization": f"Bearer {users.new_api_token(ann.email)}"}
    post(admin, url(ann, "/disable"))
    for _ in range(2):
        assert post(admin, url(ann, "/enable")).status_code == 303
    db.session.rollback()
    assert users.user_with_password(ann.email, PASSWORD) is not None
    assert app.test_client().get("/api/media", headers=headers).status_code == 401


def test_nobody_disables_themselves(admin, post, in_app):
    make_user(in_app, "admin", "second@example.org")
    assert "/disable" not in admin.get(url(me())).text
    post(admin, url(me(), "/disable"))
    assert "You can&#39;t disable yourself." in admin.get("/admin/people").text
    assert me().active


def test_the_last_admin_stays_one(admin, post, ann):
    invite_person("bob@example.org", "admin")  # who did not come yet, and so can't help
    post(admin, url(me(), "/role"), role="editor")
    assert "is the only admin who can sign in. Make somebody else an admin first." in admin.get(url(me())).text
    assert me().role == "admin"


def test_an_admin_may_step_down_while_another_is_there(admin, post, in_app):
    make_user(in_app, "admin", "second@example.org")
    answer = post(admin, url(me(), "/role"), role="viewer")
    assert (answer.status_code, answer.location) == (303, "/admin/")
    assert admin.get("/admin/people").status_code == 403


@both_databases
def test_of_two_admins_who_disable_each_other_at_once_one_stays(app):
    pair = [make_user(app, "admin", f"{name}@example.org").id for name in ("a", "b")]

    def disable(user_id: int) -> bool:
        with app.app_context():
            try:
                return bool(people.disable(user_id))
            except NotAllowed:
                return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(disable, pair)) == [False, True]


def test_a_new_link_ends_the_old_one_and_is_shown_once(admin, post, anonymous, ann):
    old, new = (LINK.findall(post(admin, url(ann, "/link")).text)[0] for _ in range(2))
    assert rows(Invite, ann) == 1
    assert anonymous.get(f"/admin/invite?key={old}").status_code == 410
    assert anonymous.get(f"/admin/invite?key={new}").status_code == 200
    assert users.user_with_password(ann.email, PASSWORD) is not None


def test_for_a_disabled_account_there_is_no_link(admin, post, ann):
    people.disable(ann.id)
    assert "/link" not in admin.get(url(ann)).text
    answer = post(admin, url(ann, "/link"))
    assert answer.status_code == 404
    assert "Enable it first." in answer.text


def test_a_name_is_shown_as_text(admin, ann):
    with transaction():
        db.session.get_one(User, ann.id).full_name = "<script>alert(1)</script>"
    for path in ("/admin/people", url(ann)):
        html = admin.get(path).text
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html


def test_it_is_for_admins_only(viewer, editor, anonymous, editor_api, post, ann):
    for path in ("/admin/people", "/admin/people/new", url(ann)):
        assert [client.get(path).status_code for client in (viewer, editor, editor_api)] == [403, 403, 403]
        assert anonymous.get(path).status_code == 302
    for client in (viewer, editor):
        assert post(client, "/admin/people", email="bob@example.org", role="admin").status_code == 403
        for rest in POSTS:
            assert post(client, url(ann, rest), role="admin").status_code == 403
    assert (fresh(User, ann.id).role, ann.active, rows(Invite, ann)) == ("editor", True, 0)


def test_forms_without_their_token_are_refused(admin, ann):
    assert admin.post("/admin/people", data={"email": "bob@example.org", "role": "admin"}).status_code == 400
    for rest in POSTS:
        assert admin.post(url(ann, rest), data={"role": "admin"}).status_code == 400
    assert fresh(User, ann.id).role == "editor"


def test_other_methods_are_refused(admin, post, ann):
    for rest in POSTS:
        assert admin.get(url(ann, rest)).status_code == 405
    for path in ("/admin/people", url(ann), url(ann, "/role")):
        for method in ("PUT", "PATCH", "DELETE"):
            assert post(admin, path, method=method).status_code == 405


@pytest.mark.parametrize("number", [999, HUGE])
def test_an_unknown_person_is_not_found(admin, post, in_app, number):
    assert admin.get(f"/admin/people/{number}").status_code == 404
    for rest in POSTS:
        assert post(admin, f"/admin/people/{number}{rest}", role="admin").status_code == 404


def test_admins_find_it_in_the_navigation_and_others_do_not(admin, editor, viewer):
    assert 'href="/admin/people"' in admin.get("/admin/").text
    for client in (editor, viewer):
        assert 'href="/admin/people"' not in client.get("/admin/").text


def test_a_session_is_seen_now_and_then(app: Flask, admin: FlaskClient, post: Post, in_app: Flask) -> None:
    long_ago = me().created_at.replace(year=2001)
    with transaction() as session:
        for model in (User, SignIn):
            session.execute(update(model).values(seen_at=long_ago))
    admin.get("/admin/")
    assert me().seen_at > long_ago
    before = count_queries(admin, "/admin/account")
    assert count_queries(admin, "/admin/account") == before

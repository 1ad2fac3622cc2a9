"""Forms that come too late, from before somebody signed in again: nothing is done, and what was typed is not lost."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.admin.conftest import file, fresh
from tests.security.rows import threat
from tests.support.people import PASSWORD, make_user
from webapp.kept_forms import KeptForm, seal, unseal
from webapp.models.page import Page

EMAIL = "ann@example.org"
HERE = {"Origin": "http://localhost", "Referer": "http://localhost/admin/pages/1"}
ELSEWHERE = [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, HERE | {"Sec-Fetch-Site": "cross-site"}]
TYPED = {"title": 'A "new" <title>', "slug": "fair", "status": "draft", "text": "One\nTwo"}


@pytest.fixture
def ann(app: Flask) -> FlaskClient:
    """A browser in which somebody has signed in."""
    make_user(app, "editor", EMAIL)
    client = app.test_client()
    sign_in(client)
    return client


def sign_in(client: FlaskClient, **more: str) -> TestResponse:
    form = fields_of(client.get("/admin/sign-in"))
    return client.post("/admin/sign-in", data=form | {"email": EMAIL, "password": PASSWORD} | more, headers=HERE)


def sign_out(client: FlaskClient) -> None:
    client.post("/admin/sign-out", data=fields_of(client.get("/admin/pages/new")), headers=HERE)
    client.get("/admin/sign-in")  # says so


def fields_of(answer: TestResponse) -> dict[str, str]:
    """What is hidden in the form of a page, as its browser would send it."""
    main = answer.text.partition('<main id="main"')[2].partition("</main>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', main)
    return {name: html.unescape(value) for name, value in found}


def action(answer: TestResponse) -> str:
    main = answer.text.partition('<main id="main"')[2]
    return html.unescape(re.search(r'action="([^"]*)"', main)[1])


def test_a_form_from_before_signing_in_again_comes_back_and_is_sent_again_with_one_button(ann, fair):
    url, old = f"/admin/pages/{fair.id}", fields_of(ann.get("/admin/pages/new"))
    typed = TYPED | {"version": str(fair.version)}
    sign_out(ann)
    sign_in(ann)

    answer = ann.post(f"{url}?a=1&b=2", data=old | typed, headers=HERE)
    assert answer.status_code == 400
    assert "This form is from before you signed in or out." in answer.text
    assert "CSRF" not in answer.text
    assert fresh(Page, fair.id).title == "Summer fair"

    again = fields_of(answer)
    assert typed.items() <= again.items()
    assert action(answer) == f"{url}?a=1&b=2"
    assert ann.post(action(answer), data=again, headers=HERE).status_code == 303
    assert fresh(Page, fair.id).title == TYPED["title"]


@threat(9)
@pytest.mark.parametrize("headers", ELSEWHERE)
def test_what_another_site_made_up_is_not_given_back_to_be_sent(ann, fair, headers):
    answer = ann.post(f"/admin/pages/{fair.id}", data=TYPED, headers=headers)
    assert answer.status_code == 400
    assert "does not come from a page of this site" in answer.text
    assert "Send it again" not in answer.text
    assert fresh(Page, fair.id).title == "Summer fair"


def test_over_tls_a_form_without_the_page_it_stood_on_is_not_given_back_for_ever(ann, fair):
    headers = {"Origin": "https://localhost"}
    answer = ann.post(f"/admin/pages/{fair.id}", base_url="https://localhost", data=TYPED, headers=headers)
    assert answer.status_code == 400
    assert "Send it again" not in answer.text


def test_a_script_is_answered_in_its_own_way(ann, fair):
    answer = ann.post(f"/admin/pages/{fair.id}", data=TYPED, headers=HERE | {"Accept": "application/json"})
    assert answer.status_code == 400
    assert "CSRF" in answer.json["error"]


def test_files_have_to_be_chosen_again(ann):
    sent = {"files": file(), "tags": "sea"}
    answer = ann.post("/admin/media", data=sent, headers=HERE | {"Referer": "http://localhost/admin/media?q=sea"})
    assert answer.status_code == 400
    assert "choose them once more" in html.unescape(answer.text)
    assert 'href="/admin/media?q=sea"' in answer.text
    assert "Send it again" not in answer.text


@pytest.mark.parametrize("path", ["/admin/account/password", "/admin/sign-in", "/admin/invite"])
@threat(11)
def test_a_password_is_never_given_back(ann, path):
    sent = {"current": "my secret words", "password": "my secret words", "email": EMAIL}
    answer = ann.post(path, data=sent, headers=HERE)
    assert answer.status_code == 400
    assert "my secret words" not in answer.text
    assert "CSRF" not in answer.text
    assert 'href="/admin/pages/1"' in answer.text
    sign_out(ann)
    assert "my secret words" not in ann.post(path, data=sent, headers=HERE, follow_redirects=True).text


def test_a_form_of_somebody_who_was_signed_out_waits_for_the_password_and_is_sent_again(ann, fair):
    url, old = f"/admin/pages/{fair.id}", fields_of(ann.get("/admin/pages/new"))
    typed = TYPED | {"version": str(fair.version)}
    sign_out(ann)

    asked = ann.post(url, data=old | typed, headers=HERE)
    assert asked.status_code == 401
    assert "You were signed out. Sign in, and send the form again. What you typed is kept." in asked.text
    wrong = ann.post("/admin/sign-in", data=fields_of(asked) | {"email": EMAIL, "password": "x"}, headers=HERE)
    assert wrong.status_code == 401
    signed_in = ann.post("/admin/sign-in", data=fields_of(wrong) | {"email": EMAIL, "password": PASSWORD}, headers=HERE)
    assert signed_in.status_code == 200
    assert "You are signed in again." in signed_in.text
    assert fresh(Page, fair.id).title == "Summer fair"

    assert ann.post(action(signed_in), data=fields_of(signed_in), headers=HERE).status_code == 303
    assert fresh(Page, fair.id).title == TYPED["title"]


def test_what_is_too_large_to_be_kept_leads_back_to_its_page(ann):
    sign_out(ann)
    answer = ann.post("/admin/pages/1", data=TYPED | {"text": "x" * 70_000}, headers=HERE)
    assert (answer.status_code, answer.location) == (302, "/admin/sign-in?next=/admin/pages/1")
    page = ann.get(answer.location)
    assert "You were signed out. Sign in, and send the form again. Files and long texts" in page.text
    assert sign_in(ann, next=fields_of(page)["next"]).location == "/admin/pages/1"


def test_files_of_somebody_who_was_signed_out_are_not_taken(ann):
    sign_out(ann)
    answer = ann.post("/admin/media", data={"files": file(), "tags": "sea"}, headers=HERE)
    assert (answer.status_code, answer.location) == (302, "/admin/sign-in?next=/admin/pages/1")


@threat(9)
@pytest.mark.parametrize("headers", ELSEWHERE)
def test_what_another_site_sends_to_somebody_signed_out_is_not_kept(ann, headers):
    sign_out(ann)
    answer = ann.post("/admin/pages/1", data=TYPED, headers=headers)
    assert (answer.status_code, answer.location) == (302, "/admin/sign-in")
    assert "You were signed out." not in ann.get(answer.location).text


@threat(9)
def test_only_what_this_site_has_kept_is_sent_after_signing_in(app, ann, in_app):
    sign_out(ann)
    kept = seal(KeptForm("/admin/pages/1", [("title", "Fair")]))
    assert unseal(kept) == KeptForm("/admin/pages/1", [("title", "Fair")])
    assert sign_in(ann, kept=kept[:-1]).location == "/admin/"
    sign_out(ann)
    form = fields_of(ann.get("/admin/sign-in")) | {"email": EMAIL, "password": PASSWORD, "kept": kept}
    assert ann.post("/admin/sign-in", data=form).location == "/admin/"

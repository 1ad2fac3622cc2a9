"""What an error says besides its words: always JSON, and what a program has to know to go on."""

from __future__ import annotations

from tests.api.conftest import is_error
from tests.support.people import csrf_token


def test_an_address_that_is_none_is_answered_in_json(editor_api):
    for address in ("/api", "/api/", "/api/nothing", "/api/pages/1/nothing"):
        assert is_error(editor_api.get(address), 404)


def test_a_slash_too_many_leads_on_in_json(editor_api, media_id):
    answer = editor_api.get(f"/api/media//{media_id}")
    assert (answer.status_code, answer.mimetype, answer.json["success"]) == (308, "application/json", False)
    assert answer.location.endswith(f"/api/media/{media_id}")


def test_who_is_not_known_is_told_how_to_say_who_it_is(anonymous):
    answer = anonymous.get("/api/media")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_whoever_asked_too_often_is_told_when_to_ask_again(app, anonymous):
    with anonymous.session_transaction() as session:
        session["csrf_token"] = "a" * 40
    sent = {"email": "ann@example.org", "password": "wrong", "csrf_token": csrf_token(app, anonymous)}
    answers = [anonymous.post("/admin/sign-in", data=sent) for _ in range(11)]
    assert [answer.headers.get("Retry-After") for answer in answers if answer.status_code == 429] == ["60"]

"""Bodies that are no JSON object, too large, too deep or of another kind: refused in JSON, by every endpoint alike."""

from __future__ import annotations

import threading

from tests.api.conftest import is_error
from tests.conftest import both_databases
from webapp.api.http import MAX_JSON_BYTES

JSON = "application/json"


def test_what_is_no_json_is_refused(editor_api):
    for data in (b"{", b"nope", b"\xff\xfe", b'{"title": "\\ud800"}', b"[" * 100_000, b'{"title": NaN1}'):
        assert is_error(editor_api.post("/api/pages", data=data, content_type=JSON), 400)


def test_json_that_is_no_object_is_refused(editor_api):
    for data in (b"[]", b"null", b'"x"', b"1", b"9" * 5000):
        answer = editor_api.post("/api/pages", data=data, content_type=JSON)
        assert answer.status_code in (400, 422) and is_error(answer, answer.status_code)


def test_other_kinds_of_body_are_refused(editor_api):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        assert is_error(editor_api.post("/api/pages", data=b'{"title": "x"}', content_type=kind), 415)


def test_too_much_json_is_refused(editor_api):
    data = b'{"title": "' + b"x" * MAX_JSON_BYTES + b'"}'
    assert is_error(editor_api.post("/api/pages", data=data, content_type=JSON), 413)


def test_a_thousand_wrong_fields_are_answered_with_a_few(editor_api):
    answer = editor_api.post("/api/pages", json={f"field{n}": n for n in range(5000)})
    assert is_error(answer, 422)
    assert len(answer.json["fields"]) <= 20


def test_addresses_that_there_are_not_are_answered_in_json(anonymous, editor_api):
    for path in ("/api/", "/api/nope", "/api/media/", "/api/media/1/nope", "/api/%00", "/api/" + "x" * 5000):
        for client in (anonymous, editor_api):
            assert is_error(client.get(path), 404)


@both_databases
def test_of_two_pages_with_one_slug_at_the_same_moment_one_is_refused_in_words(app, editor_api):
    headers = {"Authorization": editor_api.environ_base["HTTP_AUTHORIZATION"]}
    together = threading.Barrier(4)
    answers = []

    def make() -> None:
        together.wait()
        body = {"title": "Same", "slug": "same"}
        answers.append(app.test_client().post("/api/pages", json=body, headers=headers))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status_code for a in answers].count(201) == 1
    assert all(a.status_code == 201 or is_error(a, a.status_code) for a in answers)
    assert {a.status_code for a in answers} <= {201, 409, 422}

"""/ask: answers with where they stand, from what everybody may read; and in words, where there is none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.embedding_server import EmbeddingServer, keep_silent, refuse
from webapp.models.page import create_page, save_page
from webapp.models.post import create_post
from webapp.search import chat
from webapp.site import ask


@pytest.fixture
def chat_server(in_app: Flask) -> Iterator[EmbeddingServer]:
    server = EmbeddingServer()
    settings = in_app.config["SETTINGS"]
    settings.chat_model, settings.openai_api_key, settings.openai_base_url = "a-model", "a key", server.url
    yield server
    server.close()


@pytest.fixture
def page(chat_server: EmbeddingServer):
    layout = [{"blockType": "text", "body": "Dogs wait in the garden."}]
    return create_page("Dogs & cats", status="published", layout=layout)


def test_without_a_chat_model_there_is_none(anonymous: FlaskClient, in_app: Flask) -> None:
    assert anonymous.get("/ask").status_code == anonymous.get("/ask?q=dogs").status_code == 404
    in_app.config["SETTINGS"].chat_model = "a-model"  # and no key
    assert anonymous.get("/ask?q=dogs").status_code == 404


def test_an_answer_names_where_it_stands_and_is_made_of_the_passages(chat_server, page, anonymous) -> None:
    chat_server.reply = "They <b>wait</b> outside [1]. And so on [7]."
    seen = anonymous.get("/ask?q=dogs")
    assert seen.status_code == 200
    assert 'They &lt;b&gt;wait&lt;/b&gt; outside <a href="/dogs-cats">[1]</a>. And so on .' in seen.text
    assert '<li value="1"><a href="/dogs-cats">Dogs &amp; cats</a></li>' in seen.text
    assert seen.headers["Cache-Control"] == "no-store"
    (request,) = chat_server.requests
    assert request["model"] == "a-model"
    assert "[1] Dogs & cats\nDogs wait in the garden.\n\nQuestion: dogs" in request["messages"][1]["content"]
    assert chat_server.receiver.calls[0].headers["authorization"] == "Bearer a key"


@pytest.mark.parametrize("reply", ["NOT_IN_THE_PASSAGES", "They fly.", "They fly [9].", "", "[1] NOT_IN_THE_PASSAGES"])
def test_it_says_that_it_does_not_know_when_the_model_does_not_or_names_no_passage(
    reply, chat_server, page, anonymous
) -> None:
    chat_server.reply = reply
    seen = anonymous.get("/ask?q=dogs")
    assert (seen.status_code, "I do not know." in seen.text, "They fly" in seen.text) == (200, True, False)


def test_nobody_is_asked_when_nothing_is_said_about_it_in_public(chat_server, page, anonymous, editor) -> None:
    chat_server.reply = "They wait [1]."
    assert "I do not know." in anonymous.get("/ask?q=castles").text
    save_page(page.id, 1, {"status": "draft"})
    for client in (anonymous, editor):
        assert "I do not know." in client.get("/ask?q=dogs").text
    assert chat_server.requests == []


@pytest.mark.parametrize("answer", [refuse(429), refuse(500), refuse(401), refuse(400), keep_silent])
def test_a_service_that_does_not_answer_is_said_in_words(
    answer, chat_server, page, anonymous, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = chat.Chat("a key", chat_server.url, "a-model", time_limit=0.5 if answer is keep_silent else 30)
    monkeypatch.setattr(ask, "chat_of", lambda settings: silent)
    chat_server.receiver.answers = [answer]
    seen = anonymous.get("/ask?q=dogs")
    assert (seen.status_code, "No answer can be made just now" in seen.text) == (503, True)
    assert 'href="/search?q=dogs"' in seen.text
    assert len(chat_server.receiver.calls) == 1


def test_no_more_than_a_few_wait_for_it_at_once(chat_server, page, anonymous) -> None:
    chat_server.reply = "They wait [1]."
    with ask._one_of_few(), ask._one_of_few():
        assert anonymous.get("/ask?q=dogs").status_code == 503
    assert anonymous.get("/ask?q=dogs").status_code == 200


def test_without_a_question_there_is_the_form(chat_server, anonymous) -> None:
    seen = anonymous.get("/ask")
    assert (seen.status_code, 'name="q"' in seen.text, "<h2" in seen.text) == (200, True, False)


def test_it_leads_to_the_posts_where_there_are_some(chat_server, anonymous) -> None:
    assert 'href="/posts"' not in anonymous.get("/ask").text
    create_post("Boats", status="published")
    assert 'href="/posts"' in anonymous.get("/ask").text


def test_who_asks_very_often_is_told_to_wait(chat_server, page, anonymous) -> None:
    answers = [anonymous.get("/ask?q=dogs").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    assert anonymous.get("/ask").status_code == 200

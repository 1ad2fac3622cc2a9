"""Finding by words and by meaning at once: what either finds, as far as somebody may see it, the best first."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.conftest import both_databases
from tests.search.index import run_dry
from tests.support.embedding_server import EmbeddingServer, refuse
from webapp.jobs import queue
from webapp.models import meaning
from webapp.models.finding import EVERYBODY, find
from webapp.models.finding_hybrid import find_hybrid
from webapp.models.page import Page, create_page, save_page, trash_page
from webapp.search.embedders.openai import OpenAI

TEXT = "## At sea\n\nHerons wait in the reeds until a fish comes by."


def make(title: str, body: str = "", status: str = "published") -> Page:
    return create_page(title, status=status, layout=[{"blockType": "text", "body": body}] if body else [])


@pytest.fixture
def pages(in_app: Flask, by_meaning: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Page]:
    """To a question about birds the first is near in meaning, and only that."""
    monkeypatch.setattr(OpenAI, "floor", 0.9)
    by_meaning.alike = ("Herons", "birds")
    made = {"herons": make("Shore", TEXT), "birds": make("All about birds"), "boats": make("Boats", "Rowing.")}
    queue(meaning.REINDEX)
    run_dry()
    return made


def found(q: str, **more) -> list[int]:
    return [one.id for one in find_hybrid(q, **more)]


@both_databases
def test_what_has_the_words_and_what_means_the_same_are_found_together(pages: dict[str, Page]) -> None:
    assert found("birds") == [pages["birds"].id, pages["herons"].id]
    assert found("boats") == [pages["boats"].id]
    assert found("castles") == found("") == found("*") == []


@both_databases
def test_what_only_means_the_same_shows_the_part_that_does_with_the_typed_words_marked(pages: dict[str, Page]) -> None:
    one = find_hybrid("birds reeds")[0]
    assert (one.id, one.title, one.is_close) == (pages["herons"].id, "Shore", False)
    assert one.excerpt == "Herons wait in the reeds until a fish comes by."
    assert "the <mark>reeds</mark> until" in one.marked_excerpt


@both_databases
def test_scores_go_from_1_downwards_and_pages_follow_each_other(pages: dict[str, Page]) -> None:
    every = find_hybrid("birds")
    assert every[0].score == 1
    assert 0 < every[1].score < 1
    assert [found("birds", limit=1, offset=offset) for offset in range(3)] == [[every[0].id], [every[1].id], []]


@both_databases
def test_only_the_collections_that_are_asked_for_and_what_one_may_see_at_that_moment(pages: dict[str, Page]) -> None:
    assert found("birds", collections=("media", "posts")) == []
    assert found("birds", collections=("pages",), who=EVERYBODY) == [pages["birds"].id, pages["herons"].id]
    save_page(pages["herons"].id, 1, {"status": "draft"})
    assert found("birds", who=EVERYBODY) == [pages["birds"].id]
    assert found("birds") == [pages["birds"].id, pages["herons"].id]
    trash_page(pages["herons"].id)
    assert found("birds") == [pages["birds"].id]


@both_databases
def test_without_an_embedder_or_with_one_that_fails_words_find_alone(
    pages: dict[str, Page], by_meaning: EmbeddingServer, in_app: Flask
) -> None:
    by_meaning.receiver.answers = [refuse(503)]
    assert found("birds") == [one.id for one in find("birds")] == [pages["birds"].id]
    in_app.config["SETTINGS"].embedder = "off"
    assert found("birds") == [pages["birds"].id]


def test_a_question_that_is_asked_again_is_embedded_once(pages: dict[str, Page], by_meaning: EmbeddingServer) -> None:
    found("birds")
    asked = len(by_meaning.requests)
    assert found("birds", offset=1) == [pages["herons"].id]
    assert len(by_meaning.requests) == asked


def test_a_mistyped_word_is_forgiven_where_nothing_has_the_words(pages: dict[str, Page]) -> None:
    assert found("boast") == []
    assert [(one.id, one.is_close) for one in find_hybrid("boast", forgiving=True)] == [(pages["boats"].id, True)]


def test_the_site_and_the_admin_and_the_api_find_by_meaning(
    pages: dict[str, Page], anonymous, editor, viewer_api
) -> None:
    seen = anonymous.get("/search?q=birds+reeds").text
    assert 'href="/shore"' in seen
    assert "Nothing has all of these words" in seen
    assert f'href="/admin/pages/{pages["herons"].id}' in editor.get("/admin/search?q=birds+reeds").text
    docs = viewer_api.get("/api/search?q=birds").json["docs"]
    assert [(each["title"], each["score"]) for each in docs][0] == ("All about birds", 1)
    assert docs[1]["excerpt"] == "Herons wait in the reeds until a fish comes by."
    assert "Shore" not in editor.get("/admin/palette?q=birds+reeds").text

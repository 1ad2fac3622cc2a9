"""What has to do with a document: similar pictures for editors, related posts for everybody; or nothing."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.conftest import both_databases
from tests.search.index import run_dry
from tests.support.batches import add_picture
from tests.support.embedding_server import EmbeddingServer
from webapp.jobs import queue
from webapp.models import meaning
from webapp.models.finding_related import related
from webapp.models.media import trash_media
from webapp.models.post import Post, create_post, save_post
from webapp.search.embedders.openai import OpenAI


@pytest.fixture
def index(in_app: Flask, by_meaning: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> EmbeddingServer:
    """In which all that speaks of herons is alike, and nothing else is."""
    monkeypatch.setattr(OpenAI, "alike", 0.9)
    by_meaning.alike = ("heron",)
    queue(meaning.REINDEX)
    run_dry()
    return by_meaning


def posts(*titles: str, status: str = "published") -> list[Post]:
    made = [create_post(title, body=f"Of {title}.", status=status) for title in titles]
    run_dry()
    return made


@both_databases
def test_what_is_near_is_found_and_neither_itself_nor_another_collection(index: EmbeddingServer) -> None:
    one, other, boats = posts("A heron", "The heron fishes", "Boats")
    media = [add_picture(None, number, alt=f"heron {number}").id for number in range(2)]
    run_dry()
    assert related("posts", one.id, 5, to_everybody=True) == [other.id]
    assert related("posts", boats.id, 5, to_everybody=True) == []
    assert related("media", media[0], 5, to_everybody=False) == [media[1]]
    assert related("media", media[0], 5, to_everybody=True) == []  # it hangs nowhere
    assert related("posts", 99, 5, to_everybody=True) == []


@both_databases
def test_who_may_see_it_is_asked_at_that_moment_and_what_changes_is_noticed(index: EmbeddingServer) -> None:
    one, other, third = posts("A heron", "The heron fishes", "No heron")
    assert set(related("posts", one.id, 5, to_everybody=True)) == {other.id, third.id}
    save_post(other.id, 1, {"status": "draft"})
    assert related("posts", one.id, 5, to_everybody=True) == [third.id]
    save_post(third.id, 1, {"title": "Boats", "body": "Of boats."})
    run_dry()
    assert related("posts", one.id, 5, to_everybody=True) == []


def test_nothing_is_embedded_for_it_and_nothing_is_related_when_search_by_meaning_is_off(
    index: EmbeddingServer, in_app: Flask
) -> None:
    one, other = posts("A heron", "The heron fishes")
    asked = len(index.requests)
    assert related("posts", one.id, 5, to_everybody=True) == [other.id]
    assert len(index.requests) == asked
    in_app.config["SETTINGS"].embedder = "off"
    assert related("posts", one.id, 5, to_everybody=True) == []


def test_a_public_post_leads_to_related_ones_for_as_long_as_they_are_public(index: EmbeddingServer, anonymous) -> None:
    one, other, _ = posts("A heron", "The heron fishes", "Boats")
    seen = anonymous.get(f"/posts/{one.slug}")
    assert f'<a href="/posts/{other.slug}">The heron fishes</a>' in seen.text
    assert "Related posts" not in anonymous.get("/posts/boats").text
    save_post(other.id, 1, {"status": "draft"})
    again = anonymous.get(f"/posts/{one.slug}", headers={"If-None-Match": seen.headers["ETag"]})
    assert (again.status_code, "heron fishes" in again.text) == (200, False)


def test_the_page_of_a_picture_shows_similar_ones(index: EmbeddingServer, editor) -> None:
    one, other, boat = (add_picture(None, n, alt=alt).id for n, alt in enumerate(("A heron", "Two <herons>", "A boat")))
    run_dry()
    seen = editor.get(f"/admin/media/{one}").text
    assert "Similar pictures" in seen and "By what their alt texts, captions, tags and file names say." in seen
    assert "Two &lt;herons&gt;" in seen
    assert f'href="/admin/media/{boat}"' not in seen
    assert "Similar pictures" not in editor.get(f"/admin/media/{boat}").text
    trash_media(other)
    assert "Similar pictures" not in editor.get(f"/admin/media/{one}").text

"""Upstash Vector: what it is asked, what it may answer, and which of it is found."""

from __future__ import annotations

import sys

import pytest

from config import Settings, SettingsError, load
from tests.search.stores import DIMS, MODEL, document, found, new_generation, towards, write
from tests.support.embedding_server import refuse, say_nonsense
from tests.support.vector_server import TOKEN, VectorServer, keep_silent
from webapp.search.rows import UPSTASH, Generation
from webapp.search.stores import Away, StoreError, upstash_client
from webapp.search.stores.upstash import UpstashStore, namespace_of


@pytest.fixture
def store(at_upstash) -> UpstashStore:
    return UpstashStore()


@pytest.fixture
def generation(store) -> Generation:
    return new_generation(UPSTASH)


def there(server: VectorServer) -> dict[str, list[str]]:
    return {name: sorted(held) for name, held in server.namespaces.items() if held}


def test_each_vector_says_what_it_is_of(store, generation, at_upstash):
    write(store, generation, document(7, "one", "two"), towards(0, 1))
    held = at_upstash.namespaces[namespace_of(generation)]
    metadata = {"docId": 7, "collection": "media", "model": MODEL, "dims": DIMS, "contentHash": "a hash"}
    assert {name: each["metadata"] for name, each in held.items()} == {
        "media-7-0": metadata | {"chunk": 0},
        "media-7-1": metadata | {"chunk": 1},
    }


def test_new_chunks_come_before_the_surplus_of_the_old_goes(store, generation, at_upstash):
    write(store, generation, document(7, *"abcdefgh"), towards(*range(8)))
    at_upstash.receiver.calls.clear()
    write(store, generation, document(7, "new"), towards(3))
    assert there(at_upstash) == {namespace_of(generation): ["media-7-0"]}
    assert at_upstash.paths == ["upsert", "range", "range", "range", "delete"]


def test_it_is_called_with_our_token_and_tells_nothing_of_this_machine(store, at_upstash):
    store.check(DIMS)
    headers = at_upstash.receiver.calls[0].headers
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert not [name for name in headers if "telemetry" in name]


@pytest.mark.parametrize("answer", [refuse(429), refuse(503)])
def test_it_is_asked_once_so_that_the_job_decides_about_the_next_time(store, at_upstash, answer):
    at_upstash.receiver.answers = [answer]
    with pytest.raises(Away, match="busy"):
        store.check(DIMS)
    assert len(at_upstash.receiver.calls) == 1


def test_it_is_waited_for_no_longer_than_our_time_limit(store, at_upstash, monkeypatch):
    monkeypatch.setattr(upstash_client, "TIME_LIMIT", 0.3)
    at_upstash.receiver.answers = [keep_silent]
    with pytest.raises(Away, match="in time"):
        store.check(DIMS)


def test_nobody_there_is_tried_again(store, at_upstash):
    at_upstash.close()
    with pytest.raises(Away, match="UPSTASH_VECTOR_REST_URL"):
        store.check(DIMS)


def test_a_refused_token_is_said_in_words_without_the_token(store, in_app):
    in_app.config["SETTINGS"].upstash_vector_rest_token = "another token"
    with pytest.raises(StoreError, match="UPSTASH_VECTOR_REST_TOKEN") as raised:
        store.check(DIMS)
    assert "another token" not in str(raised.value)
    assert not isinstance(raised.value, Away)


@pytest.mark.parametrize("answer", [refuse(400), say_nonsense, 200])
def test_an_answer_that_is_none_is_refused(store, at_upstash, answer):
    at_upstash.receiver.answers = [answer]
    with pytest.raises(StoreError) as raised:
        store.check(DIMS)
    assert not isinstance(raised.value, Away)


def test_an_index_for_other_vectors_or_that_compares_otherwise_is_refused_with_the_way_out(store, at_upstash):
    at_upstash.dims = 1536
    with pytest.raises(StoreError, match="for 1536 numbers a text, and 8 are made.*flask search reindex"):
        store.check(DIMS)
    at_upstash.dims, at_upstash.similarity = DIMS, "EUCLIDEAN"
    with pytest.raises(StoreError, match="COSINE"):
        store.check(DIMS)


def test_an_address_without_the_package_is_said_in_words(in_app, monkeypatch):
    monkeypatch.setitem(sys.modules, "upstash_vector", None)  # as where it is not installed
    in_app.config["SETTINGS"].upstash_vector_rest_url = "http://127.0.0.1:1"
    with pytest.raises(StoreError, match=r"gallerist\[upstash\]"):
        UpstashStore().check(DIMS)


def test_settings_that_can_not_be_right_are_refused(monkeypatch):
    monkeypatch.setenv("UPSTASH_VECTOR_REST_URL", "https://name-vector.upstash.io/")
    with pytest.raises(SettingsError, match="UPSTASH_VECTOR_REST_TOKEN is missing"):
        load()
    monkeypatch.setenv("UPSTASH_VECTOR_REST_TOKEN", TOKEN)
    assert Settings().upstash_vector_rest_url == "https://name-vector.upstash.io"
    monkeypatch.setenv("UPSTASH_VECTOR_REST_URL", "http://name-vector.upstash.io")
    with pytest.raises(SettingsError, match="UPSTASH_VECTOR_REST_URL: must be an address"):
        load()


def test_what_is_of_another_version_than_is_noted_is_not_found(store, generation):
    write(store, generation, document(7, "one"), towards(0))
    store.send(generation, document(7, "two", content_hash="newer"), MODEL, towards(0))
    assert found(store, generation, 0) == []
    write(store, generation, document(7, "two", content_hash="newer"), towards(0))
    assert found(store, generation, 0) == [("media", 7, 0)]


def test_what_is_left_over_there_takes_no_place_of_what_is_found(store, generation):
    for doc_id in (1, 2, 3):
        write(store, generation, document(doc_id, "one"), towards(0))
        store.send(generation, document(doc_id, "two", content_hash="newer"), MODEL, towards(0))
    for doc_id in (4, 5):
        write(store, generation, document(doc_id, "one"), towards(0))
    assert found(store, generation, 0, limit=1) == [("media", 4, 0)]
    assert found(store, generation, 0) == [("media", 4, 0), ("media", 5, 0)]

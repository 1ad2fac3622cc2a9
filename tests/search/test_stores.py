"""What every store must do, on every database."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select

from tests.search.stores import DIMS, MODEL, document, found, new_generation, on_every_store, remove, towards, write
from webapp.database import db, transaction
from webapp.search.embedders.base import normalised
from webapp.search.rows import BUILDING, UPSTASH, Generation, SearchChunk
from webapp.search.stores import Store, WrongVectors, store_of

pytestmark = on_every_store


@pytest.fixture
def generation(in_app, kind, request) -> Generation:
    if kind == UPSTASH:
        request.getfixturevalue("at_upstash")
    return new_generation(kind)


@pytest.fixture
def store(generation) -> Store:
    return store_of(generation)


def ids(generation) -> list[str]:
    chunks = select(SearchChunk.id).where(SearchChunk.generation_id == generation.id)
    return list(db.session.scalars(chunks.order_by(SearchChunk.id)))


def test_an_empty_store_finds_nothing(store, generation):
    assert store.nearest(generation, towards(0)[0], 10) == []


def test_the_nearest_come_first(store, generation):
    write(store, generation, document(1, "one", "two"), towards(0, 1))
    write(store, generation, document(2, "three"), normalised(towards(0) + 0.5 * towards(1)))
    near = store.nearest(generation, towards(0)[0], 2)
    assert [(each.doc_id, each.chunk) for each in near] == [(1, 0), (2, 0)]
    assert near[0].score == pytest.approx(1)
    assert near[1].score == pytest.approx(0.894, abs=0.001)


def test_a_vector_without_a_direction_is_there_and_near_to_nothing(store, generation):
    write(store, generation, document(1, "—"), np.zeros((1, DIMS), np.float32))
    near = [(each.doc_id, each.score) for each in store.nearest(generation, towards(0)[0], 10)]
    assert near == ([] if store.elsewhere else [(1, 0)])
    assert ids(generation) == ["media-1-0"]


def test_only_the_collections_that_are_asked_for(store, generation):
    write(store, generation, document(1, "one"), towards(0))
    write(store, generation, document(1, "one", collection="pages"), towards(0))
    assert found(store, generation, 0, collections=("pages",)) == [("pages", 1, 0)]
    assert len(found(store, generation, 0)) == 2
    assert found(store, generation, 0, collections=("posts",)) == []
    assert found(store, generation, 0, collections=("') OR ('",)) == []


def test_chunks_are_named_and_say_what_they_are_of(store, generation):
    write(store, generation, document(7, "one", "two"), towards(0, 1))
    assert ids(generation) == ["media-7-0", "media-7-1"]
    chunk = db.session.get_one(SearchChunk, (generation.id, "media-7-1"))
    assert (chunk.collection, chunk.doc_id, chunk.chunk) == ("media", 7, 1)
    assert (chunk.heading, chunk.text) == ("Heading", "two")
    assert (chunk.model, chunk.dims, chunk.content_hash) == (MODEL, DIMS, "a hash")


def test_what_is_written_again_takes_the_place_and_surplus_goes(store, generation):
    write(store, generation, document(7, "one", "two", "three"), towards(0, 1, 2))
    assert found(store, generation, 1) == [("media", 7, 1)]
    write(store, generation, document(7, "new"), towards(3))
    assert ids(generation) == ["media-7-0"]
    assert [found(store, generation, axis) for axis in range(4)] == [[], [], [], [("media", 7, 0)]]


def test_what_is_removed_is_found_no_more_and_may_come_back(store, generation):
    write(store, generation, document(7, "one"), towards(0))
    assert found(store, generation, 0)
    for _ in range(2):
        remove(store, generation, "media", 7)
    assert (found(store, generation, 0), ids(generation)) == ([], [])
    write(store, generation, document(7, "one"), towards(0))
    assert found(store, generation, 0) == [("media", 7, 0)]


def test_what_was_rolled_back_is_not_found(store, generation):
    write(store, generation, document(1, "one"), towards(0))
    store.send(generation, document(2, "two"), MODEL, towards(0))
    with pytest.raises(ZeroDivisionError), transaction():
        store.write(generation, document(2, "two"), MODEL, towards(0))
        raise ZeroDivisionError
    assert found(store, generation, 0) == [("media", 1, 0)]


def test_generations_know_nothing_of_each_other(store, generation):
    other = new_generation(generation.store, state=BUILDING)
    write(store, generation, document(1, "one"), towards(0))
    write(store, other, document(2, "two"), towards(0))
    assert found(store, generation, 0) == [("media", 1, 0)]
    assert found(store, other, 0) == [("media", 2, 0)]
    with transaction():
        store.drop(other)
    store.clear([other])
    assert (ids(other), len(ids(generation))) == ([], 1)


def test_vectors_of_another_model_or_length_are_refused_with_the_way_out(store, generation):
    for model, vectors in (("another", towards(0)), (MODEL, np.ones((1, DIMS * 2), np.float32))):
        with pytest.raises(WrongVectors, match="flask search reindex"):
            write(store, generation, document(1, "one"), vectors, model)
    with pytest.raises(WrongVectors):
        store.nearest(generation, np.ones(DIMS * 2, np.float32), 10)
    assert ids(generation) == []


def test_writing_twice_is_as_writing_once(store, generation):
    for _ in range(2):
        write(store, generation, document(7, "one", "two"), towards(0, 1))
    assert (found(store, generation, 0), found(store, generation, 1)) == ([("media", 7, 0)], [("media", 7, 1)])


def test_what_begins_alike_is_not_mistaken(store, generation):
    write(store, generation, document(7, "one"), towards(0))
    write(store, generation, document(71, "one"), towards(1))
    remove(store, generation, "media", 7)
    assert (found(store, generation, 0), found(store, generation, 1)) == ([], [("media", 71, 0)])


def test_it_can_be_dropped_and_cleared_twice(store, generation):
    write(store, generation, document(7, "one"), towards(0))
    for _ in range(2):
        with transaction():
            store.drop(generation)
        store.clear([generation])
    assert (found(store, generation, 0), ids(generation), store.sent(generation)) == ([], [], set())

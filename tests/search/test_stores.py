"""What every store must do, on every database."""

from __future__ import annotations

import time

import numpy as np
import pytest
from sqlalchemy import insert, select, update

from tests.conftest import both_databases
from tests.search.stores import DIMS, MODEL, document, new_generation, towards, write
from webapp.database import db, transaction
from webapp.search.embedders.base import normalised
from webapp.search.rows import BUILDING, Generation, IndexedDocument, SearchChunk
from webapp.search.stores import DatabaseStore, TooLarge, WrongVectors, database

pytestmark = both_databases


@pytest.fixture
def store(in_app) -> DatabaseStore:
    return DatabaseStore()


@pytest.fixture
def generation(in_app) -> Generation:
    return new_generation()


def found(store, generation, axis, **more):
    near = store.nearest(generation, towards(axis)[0], more.pop("limit", 10), **more)
    return [(each.collection, each.doc_id, each.chunk) for each in near if each.score > 0.5]


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


def test_only_the_collections_that_are_asked_for(store, generation):
    write(store, generation, document(1, "one"), towards(0))
    write(store, generation, document(1, "one", collection="pages"), towards(0))
    assert found(store, generation, 0, collections=("pages",)) == [("pages", 1, 0)]
    assert len(found(store, generation, 0)) == 2
    assert found(store, generation, 0, collections=("posts",)) == []


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
        with transaction():
            store.remove(generation, "media", 7)
    assert (found(store, generation, 0), ids(generation)) == ([], [])
    write(store, generation, document(7, "one"), towards(0))
    assert found(store, generation, 0) == [("media", 7, 0)]


def test_what_was_rolled_back_is_not_found(store, generation):
    write(store, generation, document(1, "one"), towards(0))
    with pytest.raises(ZeroDivisionError), transaction():
        store.write(generation, document(2, "two"), MODEL, towards(0))
        raise ZeroDivisionError
    assert found(store, generation, 0) == [("media", 1, 0)]


def test_generations_know_nothing_of_each_other(store, generation):
    other = new_generation(BUILDING)
    write(store, generation, document(1, "one"), towards(0))
    write(store, other, document(2, "two"), towards(0))
    assert found(store, generation, 0) == [("media", 1, 0)]
    assert found(store, other, 0) == [("media", 2, 0)]
    with transaction():
        store.drop(other)
    assert (ids(other), len(ids(generation))) == ([], 1)


def test_vectors_of_another_model_or_length_are_refused_with_the_way_out(store, generation):
    for model, vectors in (("another", towards(0)), (MODEL, np.ones((1, DIMS * 2), np.float32))):
        with pytest.raises(WrongVectors, match="flask search reindex"):
            write(store, generation, document(1, "one"), vectors, model)
    with pytest.raises(WrongVectors):
        store.nearest(generation, np.ones(DIMS * 2, np.float32), 10)
    assert ids(generation) == []


def test_a_search_reads_only_what_changed_since_the_last(store, generation, monkeypatch):
    read = []
    whole = database._changed_since

    def noting(generation_id, seen):
        documents, chunks = whole(generation_id, seen)
        read.append(documents)
        return documents, chunks

    monkeypatch.setattr(database, "_changed_since", noting)
    for doc_id in range(1, 4):
        write(store, generation, document(doc_id, "one"), towards(0))
    found(store, generation, 0)
    found(store, generation, 0)
    write(store, generation, document(2, "other"), towards(1))
    found(store, generation, 0)
    assert [sorted(doc_id for _, doc_id in documents) for documents in read] == [[1, 2, 3], [2]]


def test_a_database_that_was_put_back_is_read_anew(store, generation):
    for doc_id in (1, 2):
        write(store, generation, document(doc_id, "one"), towards(0))
    found(store, generation, 0)
    with transaction() as session:
        session.execute(update(Generation).values(changes=1))
        session.query(SearchChunk).filter_by(doc_id=2).delete()
        session.query(IndexedDocument).filter_by(doc_id=2).delete()
    assert found(store, generation, 0) == [("media", 1, 0)]


def test_more_than_a_process_can_hold_is_refused_in_words(store, generation, monkeypatch):
    monkeypatch.setattr(database, "MOST_BYTES", DIMS * 4)
    write(store, generation, document(1, "one", "two"), towards(0, 1))
    with pytest.raises(TooLarge, match="2 chunks"):
        found(store, generation, 0)


def test_twenty_thousand_chunks_are_searched_in_no_time(store, in_app):
    dims, count = 512, 20_000
    vectors = normalised(np.random.default_rng(1).standard_normal((count, dims)))
    with transaction() as session:
        session.add(generation := Generation(model=MODEL, dims=dims, state="active", changes=count))
        session.flush()
        at = {"generation_id": generation.id, "collection": "media"}
        same = {"heading": "", "text": "", "model": MODEL, "dims": dims, "content_hash": "x", "chunk": 0}
        for first in range(0, count, 5000):
            some = range(first, first + 5000)
            documents = [at | {"doc_id": n, "content_hash": "x", "chunks": 1, "change": n} for n in some]
            chunks = [at | same | {"id": f"media-{n}-0", "doc_id": n, "vector": vectors[n].tobytes()} for n in some]
            session.execute(insert(IndexedDocument), documents)
            session.execute(insert(SearchChunk), chunks)
    assert store.nearest(generation, vectors[77], 5)[0].doc_id == 77
    times = []
    for n in range(20):
        begun = time.perf_counter()
        assert store.nearest(generation, vectors[n], 50)[0].doc_id == n
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.030

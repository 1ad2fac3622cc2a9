"""The store that compares in memory: what it reads, what it keeps, and how quick it is."""

from __future__ import annotations

import time

import numpy as np
import pytest
from sqlalchemy import insert, update

from tests.conftest import both_databases
from tests.search.stores import DIMS, MODEL, document, found, new_generation, towards, write
from webapp.database import transaction
from webapp.search.embedders.base import normalised
from webapp.search.rows import Generation, IndexedDocument, SearchChunk
from webapp.search.stores import TooLarge, database
from webapp.search.stores.database import DatabaseStore

pytestmark = both_databases


@pytest.fixture
def store(in_app) -> DatabaseStore:
    return DatabaseStore()


@pytest.fixture
def generation(in_app) -> Generation:
    return new_generation()


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

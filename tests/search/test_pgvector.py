"""pgvector: finds nearly all that comparing each would find, and what is done where it is not to be had."""

from __future__ import annotations

from collections.abc import Iterator

import flask_migrate
import numpy as np
import pytest
from sqlalchemy import event, inspect, text

from tests.search.index import run_dry
from tests.search.stores import document, found, new_generation, towards, write
from tests.support.databases import on_postgresql
from webapp.database import db, reading_together, transaction
from webapp.doctor import check
from webapp.jobs import queue
from webapp.models import meaning, meaning_index
from webapp.models.meaning_state import state
from webapp.models.page import create_page
from webapp.models.searchable import SEARCHABLE
from webapp.search.embedders.base import normalised
from webapp.search.rows import ACTIVE, DATABASE, PGVECTOR, RETIRED, Generation
from webapp.search.stores import store_of
from webapp.search.stores.choice import kind_for_new
from webapp.search.stores.pgvector import MOST_DIMS, vectors_table

pytestmark = on_postgresql
DIMS, COUNT = 64, 5000


def tables() -> list[str]:
    db.session.rollback()
    return sorted(name for name in inspect(db.engine).get_table_names() if name.startswith("search_vectors_"))


def tables_of(generation: Generation) -> list[str]:
    """A part for each collection, one for the rest, and the whole."""
    whole = f"search_vectors_{generation.id}"
    return [whole, *(f"{whole}_{part}" for part in (*range(len(SEARCHABLE)), "rest"))]


def words_of_the_doctor() -> tuple[bool, str]:
    return next((finding.ok, finding.words) for finding in check() if finding.part == "meaning")


@pytest.fixture(scope="module")
def vectors():
    """In clusters, as those of texts are."""
    chance = np.random.default_rng(1)
    subjects = chance.standard_normal((50, DIMS))
    return normalised(subjects[chance.integers(0, 50, COUNT)] + 2 * chance.standard_normal((COUNT, DIMS)))


@pytest.fixture
def filled(in_app, vectors) -> Generation:
    """One in ten is of a page."""
    generation = new_generation(PGVECTOR, dims=DIMS)
    table = vectors_table(generation.id, DIMS)
    collections = ["media" if n % 10 else "pages" for n in range(COUNT)]
    rows = [
        {"collection": collection, "doc_id": n, "chunk": 0, "embedding": vectors[n]}
        for n, collection in enumerate(collections)
    ]
    with transaction() as session:
        session.execute(table.insert(), rows)
    return generation


@pytest.fixture
def by_index(filled) -> Iterator[list[str]]:
    """The plans of what is searched: of so few rows it would rather compare each."""
    plans: list[str] = []

    def explain(_connection, cursor, statement, parameters, *_):
        if "<#>" in statement:
            with cursor.connection.cursor() as other:
                plans.append(str(other.execute(f"EXPLAIN {statement}", parameters).fetchall()))

    event.listen(db.engine, "before_cursor_execute", explain)
    with reading_together():
        db.session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off"))
        yield plans
    event.remove(db.engine, "before_cursor_execute", explain)


@pytest.mark.parametrize("collections", [(), ("pages",)])
def test_it_finds_what_comparing_each_would_find(filled, vectors, by_index, collections):
    chance = np.random.default_rng(2)
    kept = np.array([not collections or n % 10 == 0 for n in range(COUNT)])
    hits = 0
    for n in range(40):
        asked = normalised([vectors[n] + 0.2 * chance.standard_normal(DIMS)])[0]
        wanted = np.argsort(-np.where(kept, vectors @ asked, -2))[:10]
        near = store_of(filled).nearest(filled, asked, 10, collections)
        hits += len({each.doc_id for each in near} & {int(n) for n in wanted})
    assert all("Index Scan using search_vectors" in plan and "Seq Scan" not in plan for plan in by_index)
    assert all(plan.count("Index Scan") == (len(collections) or 3) for plan in by_index)
    assert (len(by_index), hits / 400 >= 0.95) == (40, True), hits / 400


@pytest.mark.parametrize(("collections", "count"), [((), COUNT), (("pages",), COUNT // 10)])
def test_it_goes_on_until_there_are_as_many_as_are_wanted(filled, vectors, by_index, collections, count):
    found = {each.doc_id for each in store_of(filled).nearest(filled, vectors[0], COUNT, collections)}
    assert count * 0.99 <= len(found) <= count


def test_a_new_index_is_built_there_and_the_old_one_is_gone_with_its_table(in_app, by_meaning):
    create_page("Shore", status="published")
    for _ in range(2):
        queue(meaning.REINDEX)
        run_dry()
    found = {each.state: each for each in db.session.query(Generation)}
    assert {name: each.store for name, each in found.items()} == {ACTIVE: PGVECTOR, RETIRED: PGVECTOR}
    assert tables() == tables_of(found[ACTIVE])
    assert state().warnings == []
    ok, words = words_of_the_doctor()
    assert ok and words.startswith("Vectors are compared by pgvector 0.")


def test_a_search_that_is_overtaken_by_a_new_index_finds_nothing_and_does_not_break(in_app):
    generation = new_generation(PGVECTOR)
    write(store_of(generation), generation, document(1, "one"), towards(0))
    with transaction():
        store_of(generation).drop(generation)
    assert found(store_of(generation), generation, 0) == []
    assert db.session.scalar(text("SELECT 1")) == 1


def test_somebody_who_reads_for_hours_stops_no_search_for_long(in_app, monkeypatch):
    """As a backup does: the switch is tried again later."""
    monkeypatch.setattr("webapp.search.stores.pgvector.PATIENCE", "50ms")
    generation = new_generation(PGVECTOR)
    with db.engine.connect().execution_options(isolation_level="READ COMMITTED") as backup:
        backup.execute(text(f"LOCK TABLE search_vectors_{generation.id} IN ACCESS SHARE MODE"))
        with pytest.raises(Exception, match="lock timeout"), transaction():
            store_of(generation).drop(generation)
    assert f"search_vectors_{generation.id}" in tables()


def test_a_collection_that_came_after_the_index_is_found_all_the_same(in_app):
    generation = new_generation(PGVECTOR)
    store = store_of(generation)
    write(store, generation, document(1, "one", collection="notes"), towards(0))
    write(store, generation, document(2, "two"), towards(0))
    assert [(each.collection, each.doc_id) for each in store.nearest(generation, towards(0)[0], 9)] == [
        ("media", 2),
        ("notes", 1),
    ]
    assert [each.doc_id for each in store.nearest(generation, towards(0)[0], 9, ("notes",))] == [1]


def test_without_the_extension_vectors_are_compared_in_memory_until_it_is_there(in_app, by_meaning):
    with transaction() as session:
        session.execute(text("DROP EXTENSION vector CASCADE"))
    create_page("Shore", status="published")
    run_dry()
    active = db.session.query(Generation).filter_by(state=ACTIVE).one()
    assert active.store == DATABASE
    assert len(store_of(active).nearest(active, meaning.embedder().embed(["x"])[0], 10)) == 1
    ok, words = words_of_the_doctor()
    assert ok and "no extension vector" in words and "CREATE EXTENSION vector;" in words
    with transaction() as session:
        session.execute(text("CREATE EXTENSION vector"))
    ok, words = words_of_the_doctor()
    assert not ok and words.endswith("with pgvector. Run: flask search reindex")
    assert state().warnings == [words]
    queue(meaning.REINDEX)
    run_dry()
    assert words_of_the_doctor()[0]


def test_an_unfinished_index_of_another_store_is_begun_anew(in_app, by_meaning):
    with transaction():
        left = new_generation(DATABASE, state="building", dims=8)
        left.model = meaning.embedder().model
    with transaction():
        assert meaning_index.begin_building(meaning.embedder()) != left.id
    assert db.session.get_one(Generation, left.id, populate_existing=True).state == RETIRED


def test_vectors_too_long_for_its_index_are_compared_in_memory(in_app):
    assert (kind_for_new(MOST_DIMS), kind_for_new(MOST_DIMS + 1)) == (PGVECTOR, DATABASE)


def test_the_version_before_knows_nothing_of_it_and_leaves_no_table(in_app, by_meaning):
    create_page("Shore", status="published")
    run_dry()
    assert tables() == tables_of(db.session.query(Generation).one())
    db.session.rollback()
    flask_migrate.downgrade(revision="0016")
    assert (tables(), db.session.scalar(text("SELECT count(*) FROM search_generations"))) == ([], 0)
    db.session.rollback()
    flask_migrate.upgrade()
    queue(meaning.REINDEX)
    run_dry()
    assert state().warnings == []

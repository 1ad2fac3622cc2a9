"""Drift of the index: found by the check of each hour, or by one that reads everything, and mended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from tests.conftest import both_databases
from tests.search.index import in_the_matrix, indexed, jobs_about_search, run_dry, should_be
from tests.support.embedding_server import refuse
from webapp.database import db, transaction, utcnow
from webapp.jobs import Job, queue
from webapp.models import meaning, meaning_drift
from webapp.models.meaning_state import start_reindex, state
from webapp.models.page import Page, create_page, save_page, trash_page
from webapp.search.rows import ACTIVE, Generation, IndexedDocument, SearchChunk
from webapp.search.stores import store_of
from workers.perform import perform_job

pytestmark = both_databases


@pytest.fixture
def pages(in_app, by_meaning) -> list:
    start_reindex()
    run_dry()
    made = [create_page(f"Shore {number}", status="published") for number in range(4)]
    run_dry()
    return made


def check(*, deep: bool = False) -> dict[str, int]:
    """What a check found; its jobs are done."""
    job = queue(meaning.CHECK, {"deep": deep})
    assert perform_job(job.id) == "succeeded"
    run_dry()
    db.session.rollback()
    output = db.session.get_one(Job, job.id, populate_existing=True).output
    return {kind: count for kind, count in output.items() if count}


def lose(*pages) -> None:
    with transaction() as session:
        for model in (IndexedDocument, SearchChunk):
            session.execute(delete(model).where(model.doc_id.in_([page.id for page in pages])))


def test_an_index_as_it_should_be_is_left_alone(pages):
    before = len(jobs_about_search())
    assert check(deep=True) == {}
    assert len(jobs_about_search()) == before


def test_what_is_missing_is_put_in_and_what_is_left_over_taken_out(pages):
    lose(*pages[:2])
    trash_page(pages[3].id)
    with transaction() as session:
        session.execute(delete(Job))
    assert check() == {"missing": 2, "surplus": 1, "mended": 3}
    assert indexed() == should_be() != set()
    assert check() == {}


def test_what_was_published_while_search_by_meaning_was_off_comes_in(pages, in_app):
    settings = in_app.config["SETTINGS"]
    settings.embedder = "off"
    create_page("Unseen", status="published")
    settings.embedder = "openai"
    assert check() == {"missing": 1, "mended": 1}
    assert indexed() == should_be()


def test_without_an_index_it_is_built(in_app, by_meaning):
    settings = in_app.config["SETTINGS"]
    settings.embedder = "off"
    create_page("Unseen", status="published")
    settings.embedder = "openai"
    assert check() == {}
    assert [job.slug for job in jobs_about_search()] == [meaning.REINDEX]
    assert indexed() == should_be() != set()


def test_what_a_job_is_at_is_left_to_it(pages):
    save_page(pages[0].id, pages[0].version, {"title": "Harbour"})
    trash_page(pages[1].id)
    create_page("New", status="published")
    before = {job.id for job in jobs_about_search()}
    check(deep=True)
    assert {job.id for job in jobs_about_search()} == before


def test_other_words_than_are_indexed_are_found_by_the_check_of_everything(pages):
    with transaction() as session:
        session.execute(update(IndexedDocument).values(content_hash="of former words"))
    assert check() == {}
    assert check(deep=True) == {"stale": 4, "mended": 4}
    assert indexed() == should_be()


def test_what_lost_its_words_without_a_job_is_taken_out_by_the_check_of_everything(pages):
    with transaction() as session:
        session.execute(update(Page).where(Page.id == pages[0].id).values(title="*"))
    assert check(deep=True) == {"stale": 1, "mended": 1}
    assert ("pages", pages[0].id) not in in_the_matrix()
    assert check(deep=True) == {}


def test_what_failed_is_not_tried_each_hour_but_when_somebody_asks_or_the_next_day(pages, by_meaning):
    by_meaning.receiver.answers = [refuse(401)]
    create_page("Refused", status="published")
    run_dry()
    assert jobs_about_search()[-1].status == "failed"
    assert check() == {}
    assert check(deep=True) == {"missing": 1, "mended": 1}
    by_meaning.receiver.answers = [by_meaning.embed]
    with transaction() as session:
        session.execute(update(Job).values(completed_at=utcnow() - timedelta(days=2)))
    assert check() == {"missing": 1, "mended": 1}
    assert indexed() == should_be()


def test_one_check_mends_only_so_many(pages, monkeypatch):
    monkeypatch.setattr(meaning_drift, "AT_ONCE", 3)
    lose(*pages)
    assert [check(), check(), check()] == [{"missing": 3, "mended": 3}, {"missing": 1, "mended": 1}, {}]


def test_what_has_no_words_is_missing_for_nobody_and_comes_in_with_its_first(pages):
    page = create_page("—", status="published")
    with transaction() as session:
        session.execute(update(type(page)).where(type(page).id == page.id).values(title="*"))
    run_dry()
    assert jobs_about_search()[-1].output["message"] == "no content"
    assert check(deep=True) == {}
    assert not any(kept.missing for kept in state().collections)
    save_page(page.id, page.version, {"title": "Words"})
    run_dry()
    assert indexed() == should_be()
    assert ("pages", page.id) in in_the_matrix()


def test_switched_off_there_is_nothing_to_do(pages, in_app):
    lose(*pages)
    in_app.config["SETTINGS"].embedder = "off"
    assert check(deep=True) == {}
    assert indexed() == set()


@pytest.fixture
def elsewhere(in_app, by_meaning, at_upstash):
    start_reindex()
    run_dry()
    made = [create_page(f"Shore {number}", status="published") for number in range(4)]
    run_dry()
    return made


def test_what_somebody_took_out_or_put_in_elsewhere_is_mended(elsewhere, at_upstash):
    held = next(iter(at_upstash.namespaces.values()))
    lost, changed = (f"pages-{page.id}-0" for page in elsewhere[:2])
    del held[lost]
    held[changed]["metadata"]["contentHash"] = "of other words"
    left = held[f"pages-{elsewhere[2].id}-7"] = {**held[f"pages-{elsewhere[2].id}-0"]}
    left["id"], left["metadata"] = f"pages-{elsewhere[2].id}-7", {**left["metadata"], "contentHash": "of former words"}
    held["pages-999-0"] = {**left, "id": "pages-999-0", "metadata": {**left["metadata"], "docId": 999}}
    assert len(in_the_matrix()) == 2
    assert check() == {}
    assert check(deep=True) == {"elsewhere": 4, "mended": 4}
    assert indexed() == should_be()
    assert in_the_matrix() == {("pages", page.id) for page in elsewhere}
    active = db.session.scalars(select(Generation).where(Generation.state == ACTIVE)).one()
    assert sorted(each.doc_id for each in store_of(active).sent(active)) == sorted(page.id for page in elsewhere)
    assert "pages-999-0" not in held
    assert check(deep=True) == {}

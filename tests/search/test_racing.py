"""Two processes at one document: one publishes it and lets it be found, the other hides it and takes it out."""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Barrier

import pytest
from sqlalchemy import select

from tests.search.index import in_the_matrix, indexed, jobs_about_search, run_dry, should_be
from tests.search.stores import on_every_store
from tests.support.apps import new_app
from tests.support.launch import PRELOAD
from webapp.database import db
from webapp.jobs import run
from webapp.models.meaning_state import start_reindex, state
from webapp.models.page import PageConflict, create_page, live_page, save_page
from webapp.search.rows import ACTIVE, DATABASE, UPSTASH, Generation
from webapp.search.stores import choice, store_of

pytestmark = on_every_store
ROUNDS = 15


def play(together: Barrier, settings, memory_only: bool, page_id: int, status: str) -> None:
    """Change it and run whatever job waits, again and again."""
    if memory_only:
        choice.pgvector.is_usable = lambda dims: False
    with new_app(settings).app_context():
        together.wait(60)
        for number in range(ROUNDS):
            try:
                save_page(page_id, live_page(page_id).version, {"status": status, "title": f"{status} {number}"})
            except PageConflict:
                db.session.rollback()  # the other one was quicker
            assert not [outcome for outcome in run(None, limit=3).values() if outcome == "failed"]
            db.session.rollback()


def start(*given) -> ForkServerProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    process = context.Process(target=play, args=given)
    process.start()
    return process


@pytest.fixture
def settings_of_both(in_app, by_meaning, kind, request, monkeypatch):
    if kind == UPSTASH:
        request.getfixturevalue("at_upstash")
    if kind == DATABASE:
        monkeypatch.setattr(choice.pgvector, "is_usable", lambda dims: False)
    return in_app.config["SETTINGS"]


def test_upsert_and_delete_of_one_document_end_as_the_document_is(settings_of_both, kind):
    page = create_page("Shore", status="published")
    start_reindex()
    run_dry()
    together = multiprocessing.get_context("forkserver").Barrier(2)
    processes = [
        start(together, settings_of_both, kind == DATABASE, page.id, status) for status in ("published", "draft")
    ]
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    run_dry()
    assert {job.slug for job in jobs_about_search()} >= {"vector-upsert", "vector-delete"}
    assert not [job for job in jobs_about_search() if job.status == "failed"]
    assert indexed() == should_be()
    assert in_the_matrix() == {("pages", page.id) for _ in should_be()}
    assert not any(kept.missing + kept.surplus for kept in state().collections)
    active = db.session.scalars(select(Generation).where(Generation.state == ACTIVE)).one()
    if kind == UPSTASH:
        assert {each[:2] for each in store_of(active).sent(active)} == in_the_matrix()

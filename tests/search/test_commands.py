"""flask search: how the index is, and building it anew."""

from __future__ import annotations

import pytest

from tests.search.index import indexed, jobs_about_search, run_dry, should_be
from tests.support.embedding_server import refuse
from webapp.database import transaction
from webapp.jobs import Job
from webapp.models import meaning_index
from webapp.models.page import create_page
from workers.perform import perform_job


@pytest.fixture
def flask(in_app):
    def call(*arguments):
        return in_app.test_cli_runner().invoke(args=["search", *arguments])

    return call


def test_without_an_index_it_says_what_to_do(flask, by_meaning):
    done = flask("status")
    assert done.exit_code == 1
    assert "There is no index yet. Run: flask search reindex" in done.output
    assert "Embedder: text-embedding-3-small (8)" in done.output


def test_switched_off_it_says_so(flask, in_app):
    in_app.config["SETTINGS"].embedder = "off"
    done = flask("status")
    assert (done.exit_code, "Search by meaning is off" in done.output) == (0, True)
    refused = flask("reindex")
    assert (refused.exit_code, "Set EMBEDDER" in refused.output) == (1, True)
    assert jobs_about_search() == []


def test_what_was_there_before_is_indexed_by_reindex_and_the_old_index_serves_until_then(flask, by_meaning, in_app):
    settings = in_app.config["SETTINGS"]
    settings.embedder = "off"
    create_page("Shore", status="published")
    create_page("Draft")
    settings.embedder = "openai"
    assert "Asked for it: job" in flask("reindex").output
    assert flask("reindex").exit_code == 0
    assert [job.status for job in jobs_about_search()] == ["queued"]
    run_dry()
    done = flask("status")
    assert done.exit_code == 0, done.output
    assert "pages: 1 of 1 in the index, 0 too many" in done.output
    assert ", active" in done.output
    assert indexed() == should_be() != set()


def test_a_rebuild_that_broke_off_goes_on_where_it_was(flask, by_meaning, monkeypatch):
    monkeypatch.setattr(meaning_index, "PORTION", 1)
    for number in range(3):
        create_page(f"Shore {number}", status="published")
    flask("reindex")
    reindex = next(job for job in jobs_about_search() if job.workflow_slug)
    with transaction() as session:
        session.query(Job).filter(Job.id != reindex.id).delete()
    by_meaning.receiver.answers = [by_meaning.embed, refuse(503)]
    assert perform_job(reindex.id) == "retrying"
    assert "building" in flask("status").output
    by_meaning.receiver.answers = [by_meaning.embed]
    by_meaning.receiver.calls.clear()
    run_dry()
    assert len(by_meaning.requests) == 2
    assert indexed() == should_be()
    assert len(indexed()) == 3

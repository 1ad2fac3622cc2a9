"""The jobs with vectors at Upstash: whatever is cut off between both, the rows decide, and it is done again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.search.index import in_the_matrix, indexed, jobs_about_search, run_dry, should_be
from tests.support.embedding_server import refuse
from tests.support.vector_server import VectorServer, refuse_at
from webapp.database import db
from webapp.doctor import check
from webapp.jobs import queue
from webapp.models import finding_meaning, meaning
from webapp.models.meaning_state import start_reindex, state
from webapp.models.page import create_page, save_page, trash_page
from webapp.search.rows import ACTIVE, RETIRED, UPSTASH, Generation
from webapp.search.stores.upstash import namespace_of
from workers.perform import perform_job


@pytest.fixture
def index(at_upstash, by_meaning) -> None:
    """An empty one, there."""
    start_reindex()
    run_dry()


def active() -> Generation:
    db.session.rollback()
    return db.session.scalars(select(Generation).where(Generation.state == ACTIVE)).one()


def there(server: VectorServer) -> dict[str, list[str]]:
    return {name: sorted(held) for name, held in server.namespaces.items() if held}


def doctor() -> tuple[bool, str]:
    return next((finding.ok, finding.words) for finding in check() if finding.part == "meaning")


def test_the_jobs_keep_it_as_the_documents_are(index, at_upstash):
    page = create_page("Shore", status="published")
    run_dry()
    assert indexed() == should_be() != set()
    assert there(at_upstash) == {namespace_of(active()): [f"pages-{page.id}-0"]}
    assert in_the_matrix() == {("pages", page.id)}
    trash_page(page.id)
    run_dry()
    assert (indexed(), there(at_upstash)) == (set(), {})


@pytest.mark.parametrize("at", [0, 1])
def test_a_job_that_is_cut_off_before_its_rows_are_written_does_it_again(index, at_upstash, at):
    page = create_page("Shore", status="published")
    run_dry()
    save_page(page.id, page.version, {"title": "Harbour"})
    job = jobs_about_search()[-1]
    at_upstash.receiver.answers = refuse_at(at, 503, at_upstash)
    assert perform_job(job.id) == "retrying"
    still_found = at == 0  # as it was; what is sent and not noted yet is not
    assert (("pages", page.id) in in_the_matrix()) == still_found
    run_dry()
    assert indexed() == should_be()
    assert in_the_matrix() == {("pages", page.id)}


def test_a_refusal_ends_the_job_with_the_reason(index, at_upstash, in_app):
    in_app.config["SETTINGS"].upstash_vector_rest_token = "another"
    create_page("Shore", status="published")
    run_dry()
    job = jobs_about_search()[-1]
    assert (job.status, job.total_tried) == ("failed", 1)
    assert "UPSTASH_VECTOR_REST_TOKEN" in job.reason


def test_what_goes_is_not_found_even_when_it_can_not_be_taken_out_there(index, at_upstash, in_app):
    page = create_page("Shore", status="published")
    run_dry()
    trash_page(page.id)
    at_upstash.receiver.answers = [refuse(400), at_upstash.answer]
    run_dry()
    assert there(at_upstash) == {namespace_of(active()): [f"pages-{page.id}-0"]}
    assert (indexed(), in_the_matrix()) == (set(), set())


def test_a_change_while_it_is_sent_is_not_taken_for_what_is_there(index, at_upstash, in_app):
    """Back to what it was, for instance: the row says so, but other words have been sent since."""
    page = create_page("Shore", status="published")
    run_dry()
    changed = save_page(page.id, page.version, {"title": "Harbour"})
    job = jobs_about_search()[-1]

    def change_it_back(handler):
        at_upstash.receiver.answers = [at_upstash.answer]
        with in_app.app_context():
            save_page(page.id, changed.version, {"title": "Shore"})
        at_upstash.answer(handler)

    at_upstash.receiver.answers = [change_it_back]
    perform_job(job.id)
    run_dry()
    assert indexed() == should_be()
    assert in_the_matrix() == {("pages", page.id)}


def test_a_new_index_has_a_namespace_of_its_own_and_the_old_one_goes(index, at_upstash):
    create_page("Shore", status="published")
    run_dry()
    former = namespace_of(active())
    start_reindex()
    run_dry()
    assert former != namespace_of(active())
    assert list(there(at_upstash)) == [namespace_of(active())]
    assert list(at_upstash.namespaces) == [namespace_of(active())]
    assert db.session.query(Generation).filter_by(state=RETIRED, store=UPSTASH).count() == 1


def test_an_index_of_other_dims_there_is_not_even_begun(at_upstash, by_meaning):
    at_upstash.dims = 1536
    start_reindex()
    run_dry()
    job = jobs_about_search()[-1]
    assert (job.status, db.session.query(Generation).count()) == ("failed", 0)
    assert "1536" in job.reason
    ok, words = doctor()
    assert not ok and words in job.reason


def test_the_way_back_into_the_own_database_works_without_it(index, at_upstash, in_app):
    create_page("Shore", status="published")
    run_dry()
    assert doctor() == (True, "Vectors are at Upstash Vector, as UPSTASH_VECTOR_REST_URL says.")
    in_app.config["SETTINGS"].upstash_vector_rest_url = ""
    assert "The index is in Upstash Vector; a new one would be in our database" in doctor()[1]
    assert state().warnings == [doctor()[1]]
    page = create_page("Harbour", status="published")
    queue(meaning.REINDEX)
    run_dry()
    assert indexed() == should_be()
    assert ("pages", page.id) in in_the_matrix()
    assert state().warnings == []


def test_a_search_goes_on_by_words_while_it_is_away(index, at_upstash, by_meaning):
    by_meaning.alike = ("Shore",)
    page = create_page("Shore", status="published")
    run_dry()
    assert [each.doc_id for each in finding_meaning.find_by_meaning("Shore", to_everybody=True)] == [page.id]
    at_upstash.receiver.answers = [refuse(503)]
    assert finding_meaning.find_by_meaning("Shore", to_everybody=True) == []

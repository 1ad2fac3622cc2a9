"""vector-upsert and vector-delete: queued with each change, and what they do to the index."""

from __future__ import annotations

import pytest
from sqlalchemy import event, update

from tests.conftest import both_databases
from tests.search.index import in_the_matrix, indexed, jobs_about_search, run_dry, should_be
from tests.support.batches import add_picture
from tests.support.embedding_server import refuse
from webapp.database import db, transaction
from webapp.jobs import BadInput, Job, queue
from webapp.models import meaning, meaning_index
from webapp.models.deleting import delete_page
from webapp.models.many_media import tag_many
from webapp.models.media import trash_media
from webapp.models.page import create_page, live_page, restore_page, save_page, trash_page
from webapp.models.searchable import changed
from webapp.search.rows import Generation
from workers.perform import perform_job

pytestmark = both_databases
TEXT = [{"blockType": "text", "title": "Birds", "body": "The heron waits in the reeds."}]


@pytest.fixture(autouse=True)
def _by_meaning(by_meaning):
    return by_meaning


@pytest.fixture
def index(in_app) -> None:
    """An empty one."""
    queue(meaning.REINDEX)
    run_dry()


def publish(title="Shore", layout=TEXT):
    return create_page(title, status="published", layout=layout)


def asked() -> list[tuple[str, str, dict]]:
    return [(job.slug, job.status, job.input) for job in jobs_about_search() if job.slug != meaning.REINDEX]


def newest() -> dict:
    return jobs_about_search()[-1].output


def test_to_publish_asks_for_an_upsert_and_the_page_is_in_the_index(index):
    page = publish()
    assert asked() == [("vector-upsert", "queued", {"docId": page.id, "collection": "pages"})]
    assert jobs_about_search()[-1].subject == f"page:{page.id}"
    run_dry()
    assert newest() == {"docId": page.id, "collection": "pages", "message": "indexed", "chunks": 1}
    assert indexed() == should_be() != set()
    assert in_the_matrix() == {("pages", page.id)}


def test_a_change_that_is_rolled_back_asks_for_nothing(index):
    with pytest.raises(ZeroDivisionError), transaction():
        publish()
        raise ZeroDivisionError
    assert asked() == []


def test_a_draft_costs_no_job(index):
    page = create_page("Shore", layout=TEXT)
    save_page(page.id, page.version, {"title": "Other"})
    assert asked() == []


def test_a_newer_job_replaces_the_one_that_waits(index):
    page = publish()
    save_page(page.id, page.version, {"title": "Other"})
    trash_page(page.id)
    assert [(slug, status) for slug, status, _ in asked()] == [
        ("vector-upsert", "cancelled"),
        ("vector-upsert", "cancelled"),
        ("vector-delete", "queued"),
    ]
    first, last = jobs_about_search()[-3], jobs_about_search()[-1]
    assert first.reason == f"Replaced by job {first.id + 1}."
    assert first.concurrency_key == last.concurrency_key
    assert [line.event for line in first.log] == ["cancelled"]


def test_what_is_hidden_trashed_or_deleted_goes_and_what_is_restored_comes_back(index):
    page = publish()
    run_dry()
    hidden = save_page(page.id, page.version, {"status": "draft"})
    run_dry()
    assert (indexed(), in_the_matrix()) == (set(), set())
    save_page(page.id, hidden.version, {"status": "published"})
    run_dry()
    assert len(indexed()) == 1
    trash_page(page.id)
    run_dry()
    assert indexed() == set()
    restore_page(page.id)
    run_dry()
    assert indexed() == should_be()
    trash_page(page.id)
    delete_page(page.id)
    run_dry()
    assert (indexed(), in_the_matrix()) == (set(), set())


def test_unchanged_content_is_not_embedded_again(index, by_meaning):
    page = publish()
    run_dry()
    count = len(by_meaning.requests)
    save_page(page.id, page.version, {"slug": "elsewhere"})
    run_dry()
    assert (newest()["message"], len(by_meaning.requests)) == ("unchanged", count)


def test_what_is_not_published_is_skipped_with_words(index):
    page = create_page("Shore", layout=TEXT)
    queue("vector-upsert", {"docId": page.id, "collection": "pages"})
    run_dry()
    assert newest()["message"] == "not published"


def test_what_has_no_words_is_skipped_with_words(index):
    page = publish("—", [])
    with transaction() as session:
        session.execute(update(type(page)).values(title="*"))
    run_dry()
    assert newest()["message"] == "no content"


def test_one_statement_of_many_pictures_asks_for_each(index):
    ids = [add_picture(None, number).id for number in range(5)]
    run_dry()
    before = len(asked())
    tag_many(ids, ["heron"])
    assert [given["docId"] for _, status, given in asked()[before:] if status == "queued"] == ids
    run_dry()
    assert indexed() == should_be()
    trash_media(ids[0])
    run_dry()
    assert {doc_id for _, doc_id, _, _ in indexed()} == set(ids[1:])


def test_however_many_documents_go_at_once_no_statement_has_too_many_parameters(index):
    page = publish()
    run_dry()
    counts = []

    def note(_connection, _cursor, _statement, parameters, *_) -> None:
        counts.append(len(parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    with transaction() as session:
        session.delete(page)
        changed("pages", range(1, 3000))  # as of a trash that is emptied; PostgreSQL lets a statement have 65,535
    event.remove(db.engine, "before_cursor_execute", note)
    assert asked()[-1] == ("vector-delete", "queued", {"docId": page.id, "collection": "pages"})
    assert max(counts) < 1100


def test_a_change_while_it_is_embedded_leaves_the_index_to_the_newer_job(index, by_meaning):
    page = publish()
    first = jobs_about_search()[-1]
    assert perform_job(first.id) == "succeeded"
    content = meaning.contents(meaning_index.SEARCHABLE["pages"], [page.id])[page.id]
    save_page(page.id, live_page(page.id).version, {"title": "Other"})
    embedder, sent = meaning.embedder(), [each.id for each in meaning_index.live()]
    with transaction():
        assert meaning_index.put(embedder, content, embedder.embed(content.texts), sent) is False
    run_dry()
    assert indexed() == should_be()


def test_a_busy_server_is_tried_again_and_one_that_refuses_is_not(index, by_meaning):
    by_meaning.receiver.answers = [refuse(429), refuse(503), by_meaning.embed]
    page = publish()
    job = jobs_about_search()[-1]
    assert perform_job(job.id) == "retrying"
    run_dry()
    assert jobs_about_search()[-1].total_tried == 3
    assert indexed() == should_be()
    by_meaning.receiver.answers = [refuse(401)]
    save_page(page.id, page.version, {"title": "Other"})
    run_dry()
    failed = jobs_about_search()[-1]
    assert (failed.status, failed.total_tried) == ("failed", 1)
    assert "OPENAI_API_KEY" in failed.reason


def test_another_model_is_refused_with_the_way_out_until_the_index_is_built_anew(index, in_app):
    publish()
    run_dry()
    in_app.config["SETTINGS"].embedding_model = "another-model"
    page = publish("Second")
    run_dry()
    assert (jobs_about_search()[-1].status, "flask search reindex" in jobs_about_search()[-1].reason) == (
        "failed",
        True,
    )
    queue(meaning.REINDEX)
    run_dry()
    assert indexed() == should_be()
    assert {
        model for (model,) in db.session.execute(db.select(Generation.model).where(Generation.state == "active"))
    } == {"another-model"}
    assert ("pages", page.id) in in_the_matrix()


def test_the_first_document_has_the_index_built(in_app):
    publish()
    add_picture(None, 1)
    run_dry()
    assert [job.status for job in jobs_about_search() if job.slug == meaning.REINDEX] == ["succeeded"]
    assert indexed() == should_be() != set()


def test_an_unknown_collection_is_refused_in_words(index):
    """When it is queued, and when a row of another version holds it."""
    with pytest.raises(BadInput, match="collection: Input should be 'media', 'pages' or 'posts'"):
        queue("vector-upsert", {"docId": 1, "collection": "plants"})
    job = queue("vector-upsert", {"docId": 1, "collection": "posts"})
    with transaction() as session:
        session.get_one(Job, job.id).input = {"docId": 1, "collection": "plants"}
    assert perform_job(job.id) == "failed"
    assert "'media', 'pages' or 'posts'" in jobs_about_search()[-1].reason


def test_without_an_embedder_nothing_is_queued(in_app):
    in_app.config["SETTINGS"].embedder = "off"
    publish()
    add_picture(None, 1)
    assert jobs_about_search() == []


@pytest.mark.parametrize(
    ("kind", "vectors_at", "where"),
    [("openai", "", "images"), ("local", "", "default"), ("local", "http://127.0.0.1:1", "images")],
)
def test_a_server_that_keeps_silent_holds_up_no_sync(in_app, kind, vectors_at, where):
    in_app.config["SETTINGS"].embedder = kind
    in_app.config["SETTINGS"].upstash_vector_rest_url = vectors_at
    publish()
    job = jobs_about_search()[-1]
    assert (job.queue, job.priority) == (where, -5)

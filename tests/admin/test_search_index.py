"""The index of meaning in the admin: each document's line, the page of the index, mending it and building it anew."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, update

from tests.admin.conftest import count_queries, upload, work_off
from tests.conftest import both_databases
from tests.search.index import indexed, jobs_about_search, run_dry, should_be
from tests.support.audit import entries
from tests.support.embedding_server import EmbeddingServer, refuse
from tests.support.people import signed_in_client
from webapp.database import transaction
from webapp.jobs import Job
from webapp.models.meaning_state import start_reindex
from webapp.models.page import create_page, save_page, trash_page
from webapp.models.post import create_post, save_post
from webapp.search.rows import IndexedDocument, SearchChunk
from workers.perform import perform_job

URL = "/admin/search/index"


@pytest.fixture
def by_meaning(in_app) -> Iterator[EmbeddingServer]:
    server = EmbeddingServer()
    settings = in_app.config["SETTINGS"]
    settings.embedder, settings.openai_api_key = "openai", "a key"
    settings.openai_base_url, settings.embedding_dims = server.url, 8
    yield server
    server.close()


@pytest.fixture
def index(by_meaning) -> None:
    """An empty one."""
    start_reindex()
    run_dry()


@pytest.fixture
def shore(index):
    """A published page that is in it."""
    page = create_page("Shore", status="published")
    run_dry()
    return page


def text(client, path: str = URL) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def of(page) -> str:
    return f"{URL}/pages/{page.id}"


def lose(page) -> None:
    """Nobody knows how."""
    with transaction() as session:
        for model in (IndexedDocument, SearchChunk):
            session.execute(delete(model).where(model.doc_id == page.id))


def test_a_document_waits_and_is_then_in_the_index(index, editor):
    page = create_page("Shore", status="published")
    waiting = editor.get(of(page)).text
    assert "Waiting for the search index" in waiting
    assert f'data-poll-url="{of(page)}"' in waiting
    run_dry()
    settled = editor.get(of(page)).text
    assert "In the search index" in settled and "data-poll-url" not in settled


@pytest.mark.parametrize("kind", ["pages", "posts", "media"])
def test_the_form_of_each_document_says_it(index, editor, kind, post):
    if kind == "pages":
        found = create_page("Shore", status="published")
    elif kind == "posts":
        made = create_post("Shore", "")
        found = save_post(made.id, made.version, {"status": "published"})
    else:
        found = upload(editor, post, "shore.jpg", 3)
    assert "Waiting for the search index" in text(editor, f"/admin/{kind}/{found.id}")
    run_dry()
    assert "In the search index" in text(editor, f"/admin/{kind}/{found.id}")


def test_a_draft_has_no_line_and_what_is_hidden_is_taken_out(shore, editor):
    draft = create_page("Draft")
    assert "search index" not in text(editor, of(draft))
    trash_page(shore.id)
    assert "Waiting to be taken out of the search index" in text(editor, of(shore))
    run_dry()
    assert "search index" not in text(editor, of(shore))


def test_a_failure_is_said_with_its_reason_and_can_be_tried_again(shore, editor, post, by_meaning):
    by_meaning.receiver.answers = [refuse(401)]
    save_page(shore.id, shore.version, {"title": "Harbour"})
    run_dry()
    answer = editor.get(of(shore)).text
    assert "The search index could not take it. The embedding service refuses our key." in answer
    by_meaning.receiver.answers = [by_meaning.embed]
    retry = re.search(r'action="(/admin/jobs/\d+/retry)"', answer)
    assert post(editor, retry.group(1)).status_code == 303
    run_dry()
    assert "In the search index" in text(editor, of(shore))


def test_a_busy_server_is_tried_again_by_itself_and_says_so(shore, editor, by_meaning):
    by_meaning.receiver.answers = [refuse(503)]
    save_page(shore.id, shore.version, {"title": "Harbour"})
    perform_job(jobs_about_search()[-1].id)
    assert "will be tried again by itself" in text(editor, of(shore))


def test_what_is_stale_or_lost_can_be_tried_again(shore, editor, viewer, post):
    with transaction() as session:
        session.execute(update(IndexedDocument).values(content_hash="of something else"))
    assert "The search index has its former words" in text(editor, of(shore))
    assert "Try again" not in text(viewer, of(shore))
    lose(shore)
    assert "Not in the search index" in text(editor, of(shore))
    answer = post(editor, of(shore), next=f"/admin/pages/{shore.id}")
    assert (answer.status_code, answer.location) == (303, f"/admin/pages/{shore.id}")
    run_dry()
    assert indexed() == should_be() != set()
    assert "In the search index" in text(editor, of(shore))


def test_trying_again_takes_no_bad_input_and_changes_nothing_twice(shore, editor, viewer, post):
    for path in ("plants/1", "pages/999999", f"pages/{10**30}", "pages/x"):
        assert post(editor, f"{URL}/{path}").status_code == 404
        assert path.startswith("pages/9") or editor.get(f"{URL}/{path}").status_code == 404
    assert post(viewer, of(shore)).status_code == 403
    assert post(editor, of(shore), next="https://elsewhere.example/").location == "/admin/"
    before = indexed()
    post(editor, of(shore))
    run_dry()
    assert indexed() == before


def test_switched_off_nothing_is_said_of_documents_and_the_page_says_so(in_app, editor, admin, post):
    page = create_page("Shore", status="published")
    assert "search index" not in text(editor, of(page))
    assert count_queries(editor, of(page)) == count_queries(editor, f"{URL}/pages/999999")
    assert "Search by meaning is off" in text(admin)
    assert post(admin, f"{URL}/rebuild").status_code == 409
    assert post(admin, f"{URL}/mend").status_code == 409
    assert jobs_about_search() == []


@both_databases
def test_the_page_counts_what_is_in_the_index(index, app):
    admin = signed_in_client(app, "admin")
    for number in range(3):
        create_page(f"Shore {number}", status="published")
    run_dry()
    create_page("Waits", status="published")
    words = text(admin)
    assert "Pages 4 3 1 0 0" in words and "Pictures 0 0 0 0 0" in words
    assert "text-embedding-3-small, 8 numbers a text" in words
    assert "Jobs are at it." in words
    assert f'data-poll-url="{URL}"' in admin.get(URL, headers={"X-Fragment": "1"}).text
    run_dry()
    assert "Every document that shall be found is in it, and no other." in text(admin)
    assert "data-poll-url" not in admin.get(URL, headers={"X-Fragment": "1"}).text


@both_databases
def test_drift_is_said_and_mended(index, app, post):
    admin = signed_in_client(app, "admin")
    pages = [create_page(f"Shore {number}", status="published") for number in range(5)]
    run_dry()
    for page in pages[:3]:
        lose(page)
    trash_page(pages[3].id)
    with transaction() as session:
        session.execute(delete(Job))
    assert "3 documents are missing, 1 is left over." in text(admin)
    assert post(admin, f"{URL}/mend").location == URL
    run_dry()
    work_off()
    run_dry()
    words = text(admin)
    assert "Looked through: 4 documents are mended" in words
    assert "Every document that shall be found is in it" in words
    assert indexed() == should_be()


def test_a_new_index_is_built_with_its_progress_on_the_page(shore, admin, post, by_meaning):
    assert post(admin, f"{URL}/rebuild").location == URL
    assert "Waiting to be built anew" in text(admin)
    by_meaning.receiver.answers = [refuse(503)]
    perform_job(jobs_about_search()[-1].id)
    assert "0 of 1 document" in text(admin)
    by_meaning.receiver.answers = [by_meaning.embed]
    run_dry()
    words = text(admin)
    assert "Built anew" in words and "of 1 document" not in words
    assert post(admin, f"{URL}/rebuild").status_code == 303


def test_whoever_asks_for_something_is_in_the_audit_log(shore, admin, editor, post):
    post(admin, f"{URL}/rebuild")
    post(admin, f"{URL}/mend")
    post(editor, of(shore))
    assert [(entry.name, entry.subject, entry.words) for entry in entries()] == [
        ("admin", "search", "asked to build the search index anew"),
        ("admin", "search", "asked to mend the search index"),
        ("editor", shore.subject, "asked to put “Shore” into the search index again"),
    ]
    assert "asked to mend the search index" in text(admin, "/admin/audit")


def test_before_there_is_an_index_the_page_says_so(by_meaning, admin):
    assert "There is no index yet." in text(admin)


@pytest.mark.parametrize("who", ["viewer", "editor"])
def test_the_page_is_for_admins(index, app, post, who):
    client = signed_in_client(app, who)
    assert client.get(URL).status_code == 403
    assert post(client, f"{URL}/mend").status_code == 403
    assert post(client, f"{URL}/rebuild").status_code == 403

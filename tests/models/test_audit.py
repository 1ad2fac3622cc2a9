"""The audit log: a row in the transaction of the change, by people only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.conftest import both_databases
from tests.support.people import make_user
from webapp import jobs
from webapp.database import db, transaction, utcnow
from webapp.models.audit import SOMEBODY, Entry, Named, history_of, in_background, note, note_jobs
from webapp.models.page import create_page, save_page, trash_page
from webapp.models.user import User, note_failed_sign_in, start_session

pytestmark = both_databases

HARBOUR = Named("media:42", "Harbour")


@pytest.fixture
def ann(in_app: Flask) -> User:
    return make_user(in_app, "editor", "ann@example.org")


@pytest.fixture
def as_ann(in_app: Flask, ann: User) -> Any:
    """A request of hers, from a proxy that passes on what it likes."""
    from flask_login import login_user

    start_session(ann)
    with in_app.test_request_context("/admin/", environ_base={"REMOTE_ADDR": "203.0.113.7\0" + "x" * 60}):
        login_user(ann)
        yield


def entries() -> list[Entry]:
    db.session.rollback()
    return list(db.session.scalars(select(Entry).where(Entry.verb != "signed in").order_by(Entry.id)))


def test_a_row_says_who_what_about_what_when_and_from_where(as_ann, ann):
    note("trashed", HARBOUR, "moved Harbour to the trash", item="page:7")
    (entry,) = entries()
    assert (entry.user_id, entry.who, entry.verb) == (ann.id, "ann@example.org", "trashed")
    assert (entry.subject, entry.title, entry.item) == ("media:42", "Harbour", "page:7")
    assert entry.words == "moved Harbour to the trash"
    assert entry.address == ("203.0.113.7" + "x" * 60)[:45]
    assert entry.at is not None


def test_without_words_the_line_is_the_verb_and_the_title(as_ann):
    note("trashed", HARBOUR)
    assert entries()[0].words == "trashed Harbour"


def test_a_verb_that_no_filter_offers_is_a_mistake(as_ann):
    with pytest.raises(ValueError, match="exploded"):
        note("exploded", HARBOUR)


def test_a_change_that_is_rolled_back_leaves_no_row(as_ann):
    with pytest.raises(RuntimeError), transaction():
        create_page("Summer fair")
        raise RuntimeError("the power fails")
    assert entries() == []


def test_a_change_that_is_refused_leaves_no_row(as_ann):
    with pytest.raises(ValueError):
        create_page("")
    with pytest.raises(LookupError):
        trash_page(99)
    assert entries() == []


def test_the_background_leaves_no_row_even_when_a_person_runs_it(as_ann):
    with in_background():
        create_page("Summer fair")
    assert entries() == []


def test_without_a_person_there_is_no_row(in_app):
    create_page("Summer fair")
    assert entries() == []


def test_a_page_leaves_a_row_for_what_happened_to_it(as_ann):
    page = create_page("Summer fair")
    save_page(page.id, 1, {"title": "Winter fair", "status": "published"})
    save_page(page.id, 2, {"status": "draft"})
    trash_page(page.id)
    assert [entry.words for entry in entries()] == [
        "made the page “Summer fair”",
        "saved the page “Winter fair”",
        "published the page “Winter fair”",
        "saved the page “Winter fair”",
        "unpublished the page “Winter fair”",
        "moved the page “Winter fair” to the trash",
    ]
    assert {entry.subject for entry in entries()} == {page.subject}


def test_the_history_of_a_thing_is_what_was_done_to_it_and_with_it_newest_first(as_ann):
    note("uploaded", HARBOUR)
    note("hid", Named("gallery:5", "Fair"), "hid Harbour in Fair", item="media:42")
    note("uploaded", Named("media:4", "Other"))
    assert [entry.words for entry in history_of("media:42")] == ["hid Harbour in Fair", "uploaded Harbour"]
    assert [entry.words for entry in history_of("media:42", limit=1)] == ["hid Harbour in Fair"]
    assert [entry.subject for entry in history_of("media:4", "gallery:5")] == ["media:4", "gallery:5"]


def test_one_job_is_named_with_what_it_is_about_and_many_are_counted(as_ann):
    ids = [jobs.queue("makeRenditions", {"mediaId": 42}, subject="media:42").id for _ in range(3)]
    jobs.cancel_by_id(ids[0])
    jobs.cancel({"id": ids})
    jobs.retry({"id": [ids[0]]})
    jobs.cancel({"id": ids})
    jobs.discard({"id": ids})
    jobs.discard({"id": ids})
    one, two, again, stopped, gone = entries()
    label = f"Make the renditions of a picture #{ids[0]}"
    assert (one.verb, one.subject, one.item, one.title) == ("cancelled", f"job:{ids[0]}", "media:42", label)
    assert two.words == f"cancelled 2 jobs: #{ids[1]}, #{ids[2]}"
    assert (again.verb, stopped.subject) == ("retried", f"job:{ids[0]}")
    assert gone.words == f"discarded 3 jobs: #{ids[0]}, #{ids[1]}, #{ids[2]}"


def test_of_very_many_jobs_some_are_named(as_ann):
    note_jobs("cancelled", ids=range(1, 1001))
    assert entries()[0].words.startswith("cancelled 1,000 jobs: #1, #2,")
    assert entries()[0].words.endswith("#20 and more")


def test_a_queue_leaves_a_row_only_when_something_changed(as_ann):
    for _ in range(2):
        jobs.pause("default")
    for _ in range(2):
        jobs.resume("default")
    assert [entry.words for entry in entries()] == ["paused the queue “default”", "resumed the queue “default”"]


def test_what_is_typed_instead_of_an_address_is_not_kept(in_app, ann):
    note_failed_sign_in(" Ann@example.org")
    note_failed_sign_in("correct horse battery staple")
    known, unknown = entries()
    assert (known.who, known.user_id, known.subject) == ("ann@example.org", ann.id, ann.subject)
    assert (unknown.who, unknown.user_id, unknown.subject, unknown.title) == (SOMEBODY, None, None, "")


def test_who_fails_to_sign_in_again_and_again_leaves_one_row_an_hour_and_address(in_app, ann):
    for place in ("203.0.113.7", "203.0.113.8"):
        with in_app.test_request_context("/", environ_base={"REMOTE_ADDR": place}):
            for n in range(3):
                note_failed_sign_in(ann.email)
                note_failed_sign_in(f"nobody{n}@example.org")
    often = "failed to sign in 3 times within an hour"
    assert [(entry.who, entry.words) for entry in entries()] == [("ann@example.org", often), (SOMEBODY, often)] * 2
    with transaction() as session:
        session.execute(update(Entry).values(at=utcnow() - timedelta(hours=1)))
    with in_app.test_request_context("/", environ_base={"REMOTE_ADDR": "203.0.113.8"}):
        note_failed_sign_in(ann.email)
    assert [entry.words for entry in entries()[4:]] == ["failed to sign in"]

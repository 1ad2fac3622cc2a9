"""A scheduled post is published by its job, and by no job of a moment that is no longer wanted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.support.people import PASSWORD
from tests.support.rows import change, fresh
from webapp.database import db, transaction, utcnow
from webapp.jobs import WrongState, cancel_by_id, retry, retry_by_id
from webapp.jobs.job import Job
from webapp.models.audit import Entry
from webapp.models.deleting import delete_post
from webapp.models.post import Post, PostConflict, UnfitPost, create_post, restore_post, save_post, trash_post
from webapp.models.user import EDITOR, create_user
from workers.perform import perform_job
from workers.tasks import HANDLERS

pytestmark = [both_databases, pytest.mark.usefixtures("in_app")]

SOON = utcnow() + timedelta(hours=1)
LATER = utcnow() + timedelta(hours=2)


def scheduled(at: datetime = SOON) -> tuple[Post, Job]:
    post = create_post("Fair", status="scheduled", publish_at=at)
    return post, jobs_of(post)[-1]


def jobs_of(post: Post) -> list[Job]:
    db.session.rollback()
    return list(db.session.scalars(select(Job).where(Job.subject == post.subject).order_by(Job.id)))


def now(post: Post) -> Post:
    db.session.rollback()
    return db.session.get_one(Post, post.id, populate_existing=True)


def make_due(job: Job) -> None:
    change(job, wait_until=utcnow() - timedelta(seconds=1))


def test_it_waits_for_its_moment_and_then_publishes():
    post, job = scheduled()
    assert (job.task_slug, job.status, job.wait_until) == ("publishPost", "queued", SOON)
    assert perform_job(job.id) == "skipped"
    assert not now(post).is_public
    make_due(job)
    assert perform_job(job.id) == "succeeded"
    assert (now(post).status, now(post).publish_at) == ("published", None)
    assert now(post).published_at is not None
    assert fresh(job).output == {"postId": post.id, "slug": "fair"}


def test_a_moment_that_has_passed_publishes_at_once():
    post, job = scheduled(utcnow() - timedelta(days=1))
    assert perform_job(job.id) == "succeeded"
    assert now(post).published_at < utcnow() - timedelta(hours=23)


def test_another_moment_replaces_the_job_of_the_old_one():
    post, old = scheduled()
    save_post(post.id, 1, {"publish_at": LATER})
    old, new = jobs_of(post)
    assert (old.status, old.reason) == ("cancelled", f"Replaced by job {new.id}.")
    assert (new.status, new.wait_until) == ("queued", LATER)


def test_a_save_that_leaves_the_moment_alone_queues_nothing_more():
    post, job = scheduled()
    save_post(post.id, 1, {"title": "Summer fair"})
    save_post(post.id, 2, {"status": "scheduled", "publish_at": SOON})
    assert jobs_of(post) == [job]
    make_due(job)
    assert perform_job(job.id) == "succeeded"


CHANGES_OF_MIND: dict[str, tuple[Callable[[Post], Any], str]] = {
    "a draft again": (lambda post: save_post(post.id, 1, {"status": "draft"}), "no longer scheduled"),
    "published by hand": (lambda post: save_post(post.id, 1, {"status": "published"}), "published already"),
    "in the trash": (lambda post: trash_post(post.id), "in the trash"),
    "restored": (lambda post: (trash_post(post.id), restore_post(post.id)), "no longer scheduled"),
    "deleted": (lambda post: (trash_post(post.id), delete_post(post.id)), "was deleted"),
    "moved": (lambda post: move_without_a_job(post), "another moment"),
}


def move_without_a_job(post: Post) -> None:
    """As when the old job had been claimed in the moment of the save."""
    with transaction() as session:
        session.get_one(Post, post.id).publish_at = LATER


@pytest.mark.parametrize("what", ["a draft again", "published by hand", "in the trash"])
def test_the_job_of_a_moment_that_is_given_up_waits_no_longer_and_says_why(what):
    post, job = scheduled()
    change_it, words = CHANGES_OF_MIND[what]
    change_it(post)
    assert (fresh(job).status, fresh(job).was_stopped) == ("cancelled", False)
    assert words in fresh(job).reason


@pytest.mark.parametrize("what", CHANGES_OF_MIND)
def test_a_job_that_is_no_longer_wanted_does_nothing_and_says_so(what):
    post, job = scheduled()
    change_it, words = CHANGES_OF_MIND[what]
    change_it(post)
    before = db.session.get(Post, post.id, populate_existing=True)
    state = before and (before.status, before.version, before.publish_at)
    if fresh(job).status == "cancelled":
        retry_by_id(job.id)  # by somebody who does not know
    make_due(job)
    assert perform_job(job.id) == "cancelled"
    assert words in fresh(job).reason
    after = db.session.get(Post, post.id, populate_existing=True)
    assert (after and (after.status, after.version, after.publish_at)) == state


def test_a_form_from_before_the_publication_does_not_take_it_back():
    post, job = scheduled()
    make_due(job)
    perform_job(job.id)
    with pytest.raises(PostConflict):
        save_post(post.id, 1, {"status": "scheduled", "publish_at": SOON})
    assert now(post).is_public


def test_a_publication_that_is_cut_off_leaves_nothing_and_is_done_by_the_next_try(monkeypatch):
    post, job = scheduled()
    make_due(job)
    publish = HANDLERS["publishPost"]

    def break_after_effect(running):
        publish(running)
        raise RuntimeError("The machine burns.")

    monkeypatch.setitem(HANDLERS, "publishPost", break_after_effect)
    assert perform_job(job.id) == "retrying"
    assert not now(post).is_public
    monkeypatch.undo()
    make_due(job)
    assert perform_job(job.id) == "succeeded"
    assert now(post).is_public


def test_nobody_lets_its_job_run_before_its_moment():
    post, job = scheduled()
    with pytest.raises(WrongState, match="waits for its moment"):
        retry_by_id(job.id)
    assert retry({"id": job.id}) == []
    cancel_by_id(job.id)
    change(job, wait_until=None)  # as this program did when it was cancelled, before it knew better
    retry_by_id(job.id)
    assert (perform_job(job.id), fresh(job).wait_until) == ("skipped", SOON)
    assert not now(post).is_public


def test_a_save_that_is_refused_queues_nothing():
    post = create_post("Fair")
    with pytest.raises(UnfitPost) as unfit:
        save_post(post.id, 1, {"status": "scheduled"})
    assert unfit.value.fields.keys() == {"publishAt"}
    with pytest.raises(UnfitPost):
        save_post(post.id, 1, {"publish_at": SOON})
    with pytest.raises(UnfitPost):
        save_post(post.id, 1, {"status": "scheduled", "publish_at": SOON, "title": " "})
    assert jobs_of(post) == []
    assert now(post).version == 1


def deeds() -> list[Entry]:
    db.session.rollback()
    return list(db.session.scalars(select(Entry).where(Entry.verb == "published")))


def test_publication_at_its_moment_is_the_deed_of_whoever_scheduled_it_last():
    ann, ben = (create_user(f"{name}@example.org", PASSWORD, EDITOR) for name in ("ann", "ben"))
    post = create_post("Fair", by=ann.id)
    save_post(post.id, 1, {"status": "scheduled", "publish_at": SOON}, by=ben.id)
    assert deeds() == []
    (job,) = jobs_of(post)
    make_due(job)
    assert perform_job(job.id) == "succeeded"
    (deed,) = deeds()
    assert (deed.who, deed.user_id, deed.subject) == ("ben@example.org", ben.id, post.subject)
    assert deed.words == "published the post “Fair”, as it was scheduled"
    assert deed.address is None


def test_publication_of_what_nobody_scheduled_is_nobodys_deed():
    _, job = scheduled()
    make_due(job)
    perform_job(job.id)
    assert deeds() == []

"""A few documents, and whatever people, workers and bad luck may do to them: a machine for Hypothesis."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import delete, select, update

from tests.search.index import in_the_matrix, indexed, is_about_search, open_jobs, run_dry, should_be
from tests.support.batches import add_picture
from tests.support.embedding_server import EmbeddingServer, refuse
from tests.support.vector_server import VectorServer, refuse_at
from webapp.database import db, transaction, utcnow
from webapp.extensions import redis_client
from webapp.jobs import Job, lease, run_by_id
from webapp.jobs.states import QUEUED
from webapp.models.deleting import delete_media, delete_page, delete_post
from webapp.models.finding import EVERYBODY, find
from webapp.models.finding_meaning import Meant, find_by_meaning
from webapp.models.many_media import tag_many
from webapp.models.meaning_state import start_reindex, state
from webapp.models.media import Media, restore_media, trash_media
from webapp.models.page import Page, create_page, restore_page, save_page, trash_page
from webapp.models.post import Post, create_post, restore_post, save_post, trash_post
from webapp.search.rows import Generation


def by_meaning() -> list[Meant]:
    return find_by_meaning("a question", limit=50, to_everybody=True)


which = st.integers(0, 11)
words = st.sampled_from(["heron", "sea", "*", "A long text. " * 120, "## Birds\n\nReeds.\n\n## Boats\n\nAt sea."])


class DocumentsInAnyOrder(RuleBasedStateMachine):
    app: Flask
    server: EmbeddingServer
    vectors: VectorServer | None  # where they are kept elsewhere

    @initialize()
    def begin(self) -> None:
        self.context = self.app.app_context()
        self.context.push()
        redis_client().flushall()
        self.server.alike = ("",)  # each text has it: whatever is in the index is near to every question
        self.pictures = 0

    def some(self, model: Any, which: int, *, trashed: bool = False) -> Any:
        db.session.rollback()
        there = model.deleted_at.is_not(None) if trashed else model.deleted_at.is_(None)
        rows = db.session.scalars(select(model).where(there).order_by(model.id)).all()
        return rows[which % len(rows)] if rows else None

    @rule(text=words, status=st.sampled_from(["draft", "published"]))
    def make_page(self, text: str, status: str) -> None:
        create_page("A page", status=status, layout=[{"blockType": "text", "body": text}])

    @rule(which=which, text=words)
    def edit_page(self, which: int, text: str) -> None:
        if page := self.some(Page, which):
            save_page(page.id, page.version, {}, [{"blockType": "text", "body": text}])

    @rule(which=which, status=st.sampled_from(["draft", "published"]))
    def publish_or_hide(self, which: int, status: str) -> None:
        if page := self.some(Page, which):
            save_page(page.id, page.version, {"status": status})

    @rule(which=which)
    def trash(self, which: int) -> None:
        if page := self.some(Page, which):
            trash_page(page.id)

    @rule(which=which)
    def restore(self, which: int) -> None:
        if page := self.some(Page, which, trashed=True):
            restore_page(page.id)

    @rule(which=which)
    def delete(self, which: int) -> None:
        if page := self.some(Page, which, trashed=True):
            delete_page(page.id)

    @rule(text=words, status=st.sampled_from(["draft", "published"]))
    def make_post(self, text: str, status: str) -> None:
        create_post("A post", body=text, status=status)

    @rule(which=which, status=st.sampled_from(["draft", "published"]))
    def publish_or_hide_post(self, which: int, status: str) -> None:
        if post := self.some(Post, which):
            save_post(post.id, post.version, {"status": status})

    @rule(which=which)
    def trash_a_post(self, which: int) -> None:
        if post := self.some(Post, which):
            trash_post(post.id)

    @rule(which=which, deleted=st.booleans())
    def restore_or_delete_post(self, which: int, deleted: bool) -> None:
        if post := self.some(Post, which, trashed=True):
            (delete_post if deleted else restore_post)(post.id)

    @rule()
    def upload(self) -> None:
        self.pictures += 1
        add_picture(None, self.pictures)

    @rule(tag=st.sampled_from(["heron", "sea", "boat"]))
    def tag_all(self, tag: str) -> None:
        db.session.rollback()
        tag_many(list(db.session.scalars(select(Media.id))), [tag])

    @rule(which=which)
    def trash_picture(self, which: int) -> None:
        if media := self.some(Media, which):
            trash_media(media.id)

    @rule(which=which, deleted=st.booleans())
    def restore_or_delete_picture(self, which: int, deleted: bool) -> None:
        if media := self.some(Media, which, trashed=True):
            (delete_media if deleted else restore_media)(media.id)

    @rule(which=which)
    def run_one(self, which: int) -> None:
        if jobs := open_jobs():
            run_by_id(jobs[which % len(jobs)].id)

    @rule(which=which)
    def lose_a_worker(self, which: int) -> None:
        """It claims a job and is never heard of again."""
        waiting = [job for job in open_jobs() if job.status == QUEUED]
        if waiting and lease.claim(waiting[which % len(waiting)].id, "a worker"):
            with transaction() as session:
                past = update(Job).where(is_about_search(), Job.lease_until.is_not(None))
                session.execute(past.values(lease_until=utcnow() - timedelta(seconds=1)))

    @rule()
    def lose_all_rings(self) -> None:
        redis_client().flushall()

    @rule(which=which)
    def fail_one(self, which: int) -> None:
        """The embedder is busy just then."""
        self.server.receiver.answers = [refuse(503)]
        self.run_one(which)
        self.server.receiver.answers = [self.server.embed]

    @rule(which=which, at=st.integers(0, 3))
    def fail_to_send(self, which: int, at: int) -> None:
        """The store elsewhere is away in the middle of a job."""
        if self.vectors:
            self.vectors.receiver.answers = refuse_at(at, 503, self.vectors)
            self.run_one(which)
            self.vectors.receiver.answers = [self.vectors.answer]

    @rule()
    def reindex(self) -> None:
        start_reindex()

    @invariant()
    def nobody_finds_what_is_hidden(self) -> None:
        """Not for a moment, whatever is in the index; by words, all that is not hidden is found as soon."""
        public = self.public()
        assert {(each.collection, each.doc_id) for each in by_meaning()} <= public
        assert {(each.collection, each.id) for each in find("a", limit=1000, who=EVERYBODY)} == public

    def public(self) -> set[tuple[str, int]]:
        """By their rows alone. No picture hangs anywhere."""
        db.session.rollback()
        shown = {"pages": (Page, Page.status), "posts": (Post, Post.status)}
        return {
            (name, doc_id)
            for name, (model, status) in shown.items()
            for doc_id in db.session.scalars(select(model.id).where(status == "published", model.deleted_at.is_(None)))
        }

    @rule()
    def run_all(self) -> None:
        run_dry()
        assert {(each.collection, each.doc_id) for each in by_meaning()} == self.public()
        assert indexed() == should_be()
        assert in_the_matrix() == {each[:2] for each in indexed()}
        assert not any(kept.missing + kept.surplus for kept in state().collections)

    def teardown(self) -> None:
        try:
            self.run_all()
        finally:  # or what is wrong here would look like something else in the next example
            db.session.rollback()
            with transaction() as session:
                for model in (Generation, Page, Post, Media, Job):
                    session.execute(delete(model))
            self.context.pop()

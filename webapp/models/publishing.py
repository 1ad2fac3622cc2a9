"""What the job of a scheduled post does at its moment: publish it, if that is still what is wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from webapp.database import db, utcnow
from webapp.jobs import Job
from webapp.models.audit import note, on_behalf_of
from webapp.models.post import PUBLISH, PUBLISHED, SCHEDULED, Post, announce_published, why_not
from webapp.models.progress import Progress, of_job
from webapp.models.searchable import changed
from webapp.models.user import User


class NotWanted(Exception):
    """This post is not to be published, or not by this job; the words say why."""


def publish_scheduled(post_id: int, moment: datetime) -> Post:
    """In the running transaction, at that moment or later. Raises NotWanted.

    The version is counted up, so that who has the post open can't save it back to scheduled without being asked.
    """
    post = db.session.get(Post, post_id, with_for_update=True)
    if words := why_not(post, moment):
        raise NotWanted(words)
    assert post is not None
    post.status, post.publish_at, post.version = PUBLISHED, None, post.version + 1
    post.published_at = post.published_at or min(moment, utcnow())
    note_as_theirs(post)
    announce_published(post)
    changed("posts", [post_id])
    return post


def note_as_theirs(post: Post) -> None:
    """Of whoever saved it last, still to be published at this moment; nobody else asks for it now."""
    with on_behalf_of(db.session.get(User, post.updated_by) if post.updated_by else None):
        note("published", post, f"published the post “{post.title}”, as it was scheduled")


def publication_of(post: Post) -> Progress | None:
    """How far the job of a scheduled post is, in words; None for any other post."""
    if post.status != SCHEDULED or post.publish_at is None or post.deleted_at is not None:
        return None
    jobs = select(Job).where(Job.subject == post.subject, Job.task_slug == PUBLISH)
    job = db.session.scalar(jobs.order_by(Job.id.desc()).limit(1))
    if job is None:
        return Progress("failed", "No job waits for its moment any more. Publish it now, or choose another moment.")
    line = of_job(job, waiting="Will be published by itself", working="Being published", done="Published")
    if line.was_stopped:
        return replace(line, was_stopped=False)  # the form beside it publishes now, or chooses another moment
    return replace(line, at=post.publish_at) if line.state == "waiting" else line

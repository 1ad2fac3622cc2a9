"""Posts: articles in Markdown with a cover and tags; drafts, published, or scheduled to be published by a job."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from slugify import slugify
from sqlalchemy import CheckConstraint, ForeignKey, String, Text, column, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import markdown
from webapp.database import BigId, Model, Moment, db, partial_index, transaction, utcnow
from webapp.jobs import cancel, queue
from webapp.jobs.states import QUEUED
from webapp.models.audit import in_background, note
from webapp.models.media import Media
from webapp.models.saving import Unfit, refusing_taken_slug, taken_slug
from webapp.models.searchable import changed
from webapp.models.slug import LONGEST_SLUG, first_free, ill_formed
from webapp.models.tags import clean_tags
from webapp.models.webhook import POST_PUBLISHED, announce

DRAFT, PUBLISHED, SCHEDULED = POST_STATUSES = ("draft", "published", "scheduled")
PUBLISH = "publishPost"
COLUMNS = ("title", "slug", "body", "excerpt", "cover_id", "status", "publish_at")  # that an editor fills in


class Post(Model):
    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint(column("status").in_(POST_STATUSES), name="status"),
        CheckConstraint("(status = 'scheduled') = (publish_at IS NOT NULL)", name="scheduled_with_a_moment"),
        CheckConstraint("status <> 'published' OR published_at IS NOT NULL", name="published_at_a_moment"),
        partial_index("ix_posts_public", "published_at", "id", where="status = 'published' AND deleted_at IS NULL"),
        partial_index("ix_posts_cover_id", "cover_id", where="cover_id IS NOT NULL"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG), unique=True)
    body: Mapped[str] = mapped_column(Text, default="")  # Markdown
    excerpt: Mapped[str] = mapped_column(Text, default="")  # the editor's own words; else it is made of the body
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="SET NULL"))
    status: Mapped[str] = mapped_column(String(10), default=DRAFT)
    publish_at: Mapped[datetime | None] = mapped_column(Moment)  # of a scheduled one
    published_at: Mapped[datetime | None] = mapped_column(Moment)  # first; it stays when it is a draft for a while
    version: Mapped[int] = mapped_column(default=1)  # counted up by each save, so that none overwrites another
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    updated_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)  # in the trash since
    deleted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    cover: Mapped[Media | None] = relationship(viewonly=True)
    tag_rows: Mapped[list[PostTag]] = relationship(
        order_by="PostTag.tag", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def subject(self) -> str:
        return f"post:{self.id}"

    @property
    def tags(self) -> list[str]:
        return [row.tag for row in self.tag_rows]

    @property
    def summary(self) -> str:
        return self.excerpt.strip() or markdown.excerpt(self.body)

    @property
    def is_public(self) -> bool:
        return self.status == PUBLISHED and self.deleted_at is None


class PostTag(Model):
    __tablename__ = "post_tags"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)


class UnfitPost(Unfit):
    """Something in the post can't be saved."""


class PostConflict(Exception):
    """Somebody else saved this post since it was opened, or it was published; `post` is as it is now."""

    def __init__(self, post: Post) -> None:
        self.post = post
        super().__init__("Somebody else saved this post since you opened it.")


def live_post(post_id: int) -> Post:
    """Raises LookupError when there is none or it is in the trash."""
    post = db.session.get(Post, post_id)
    if post is None or post.deleted_at is not None:
        raise LookupError(f"There is no post {post_id}.")
    return post


def create_post(title: str, slug: str = "", *, by: int | None = None, **fields: Any) -> Post:
    """`fields` as in save_post(). Raises UnfitPost."""
    with refusing_taken_slug("post", slug, UnfitPost), transaction() as session:
        post = Post(title=title.strip(), body="", excerpt="", status=DRAFT, created_by=by, updated_by=by)
        post.slug = slug or free_slug(slugify(title, max_length=80) or "post")
        fill_in(post, fields)
        session.add(post)
        session.flush()
        note("made", post, f"made the post “{post.title}”")
        follow(post, DRAFT, None)
        return post


def save_post(post_id: int, version: int, changes: dict[str, Any], *, by: int | None = None) -> Post:
    """Change some of COLUMNS and `tags`; what is left out stays as it is.

    Only a scheduled post has a `publish_at`; one that has passed publishes it at once. Raises LookupError,
    PostConflict when `version` is not the current one, and UnfitPost.
    """
    with refusing_taken_slug("post", changes.get("slug", ""), UnfitPost), transaction() as session:
        claimed = update(Post).where(Post.id == post_id, Post.version == version, Post.deleted_at.is_(None))
        counted = session.execute(claimed.values(version=Post.version + 1).execution_options(synchronize_session=False))
        post = live_post(post_id)
        session.refresh(post)
        if counted.rowcount == 0:  # type: ignore[attr-defined]
            raise PostConflict(post)
        before = post.status, post.publish_at
        fill_in(post, changes)
        post.updated_by, post.updated_at = by, utcnow()
        session.flush()
        note("saved", post, f"saved the post “{post.title}”")
        follow(post, *before)
        return post


def fill_in(post: Post, changes: dict[str, Any]) -> None:
    """Nothing is written before all of it fits. Raises UnfitPost."""
    with db.session.no_autoflush:
        take_fields(post, changes)
        check_post(post)
    if post.status == SCHEDULED:
        post.published_at = None  # by itself or by hand, the next publication is the one that counts
    elif post.status == PUBLISHED:
        post.published_at = post.published_at or utcnow()


def take_fields(post: Post, changes: dict[str, Any]) -> None:
    for name in (name for name in COLUMNS if name in changes):
        value = changes[name]
        setattr(post, name, value.strip() if name in ("title", "slug", "status") else value)
    if post.status != SCHEDULED and not changes.get("publish_at"):
        post.publish_at = None
    if "tags" in changes:
        kept = {row.tag: row for row in post.tag_rows}
        post.tag_rows = [kept.get(tag) or PostTag(tag=tag) for tag in clean_tags(changes["tags"])]


def check_post(post: Post) -> None:
    """Raises UnfitPost with words for each field."""
    wrong = {}
    if not post.title:
        wrong["title"] = "Give the post a title."
    if post.status not in POST_STATUSES:
        wrong["status"] = f"A post is {', '.join(POST_STATUSES[:-1])} or {POST_STATUSES[-1]}."
    elif post.status == SCHEDULED and post.publish_at is None:
        wrong["publishAt"] = "Say when the post is to be published."
    elif post.status != SCHEDULED and post.publish_at is not None:
        wrong["publishAt"] = "Only a scheduled post has a moment at which it is published."
    if words := ill_formed(post.slug) or taken_slug(post, "post"):
        wrong["slug"] = words
    if post.cover_id is not None and not is_in_library(post.cover_id):
        wrong["coverId"] = f"There is no picture {post.cover_id}."
    if wrong:
        raise UnfitPost(**wrong)


def is_in_library(media_id: int) -> bool:
    """Or in its trash: a picture that an editor chose may have gone there since."""
    return bool(db.session.scalar(select(Media.id).where(Media.id == media_id)))


def free_slug(wanted: str) -> str:
    wanted = f"post-{wanted}" if wanted.isdigit() else wanted
    return first_free(wanted, set(db.session.scalars(select(Post.slug).where(Post.slug.like(f"{wanted}%")))))


def follow(post: Post, status: str, publish_at: datetime | None) -> None:
    """What a change from this status and moment brings about, in its transaction."""
    if post.status != status and PUBLISHED in (post.status, status):
        verb = "published" if post.status == PUBLISHED else "unpublished"
        note(verb, post, f"{verb} the post “{post.title}”")
    if post.status == PUBLISHED != status:
        announce_published(post)
    if post.publish_at is not None and post.publish_at != publish_at:
        work = {"postId": post.id, "publishAt": post.publish_at}
        queue(PUBLISH, work, subject=post.subject, created_by=post.updated_by)
    if publish_at is not None and post.publish_at is None:
        stop_publication(post)
    changed("posts", [post.id])


def announce_published(post: Post) -> None:
    announce(POST_PUBLISHED, {"postId": post.id, "slug": post.slug, "title": post.title})


def stop_publication(post: Post) -> None:
    """Its job would wait for the moment only to find that there is nothing to do; one that runs finds out by itself."""
    if words := why_not(post, None):
        with in_background():  # nobody cancelled it by hand
            cancel({"task_slug": PUBLISH, "subject": post.subject, "status": QUEUED}, words)


def why_not(post: Post | None, moment: datetime | None) -> str | None:
    """The job of this moment is not to publish it, in words; None: it is."""
    if post is None:
        return "The post was deleted before it was published."
    if post.deleted_at is not None:
        return "The post is in the trash."
    if post.status == PUBLISHED:
        return "The post is published already."
    if post.status != SCHEDULED:
        return "The post is no longer scheduled."
    return None if post.publish_at == moment else "The post is scheduled for another moment."


def trash_post(post_id: int, *, by: int | None = None) -> None:
    """It is no longer public, nor will be, and can come back. Raises LookupError."""
    with transaction():
        post = live_post(post_id)
        post.deleted_at, post.deleted_by = utcnow(), by
        if post.publish_at is not None:
            stop_publication(post)
        note("trashed", post, f"moved the post “{post.title}” to the trash")
        changed("posts", [post_id])


def restore_post(post_id: int, *, as_it_was: bool = False) -> Post:
    """It comes back as a draft, which counts as a save: nothing is published by accident, nor by an older form.

    Only who takes the trashing itself back gets it `as_it_was`, scheduled too. Raises LookupError.
    """
    with transaction() as session:
        post = session.get(Post, post_id, with_for_update=True)
        if post is None:
            raise LookupError(f"There is no post {post_id}.")
        if post.deleted_at is not None:
            how = "" if as_it_was else ", as a draft"
            note("restored", post, f"brought the post “{post.title}” back from the trash{how}")
            post.deleted_at, post.deleted_by = None, None
            post.version += 1
            if not as_it_was:
                post.status, post.publish_at = DRAFT, None
            follow(post, post.status, None)
        return post

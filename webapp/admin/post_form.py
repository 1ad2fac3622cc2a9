"""What an editor typed into the form of a post, and what a button of it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import abort, request

from webapp.admin import asked
from webapp.database import utcnow
from webapp.models.picture import existing_media
from webapp.models.post import DRAFT, PUBLISHED, SCHEDULED, Post, UnfitPost
from webapp.template_helpers import to_the_minute

NOT_OUR_FORM = "This form can't be understood. Open the post again."
ACTIONS = {"save", "publish", "unpublish", "preview", "choose-cover", "remove-cover", "restore"}
AFTER = {"publish": PUBLISHED, "unpublish": DRAFT}  # the status that a button asks for, whatever is chosen
FIELDS = {"publishAt": "publish_at", "coverId": "cover"}  # of the form, by the names of the API
MOST_TAGS = 100
YEARS = range(2000, 3000)
STILL_NOW = timedelta(minutes=5)  # that a form may be open, with the moment in it at which it was opened
LONGEST = {
    "title": ("The title", 300),
    "excerpt": ("The excerpt", 10_000),
    "body": ("The text", 100_000),
}  # characters


@dataclass(frozen=True)
class PostForm:
    """As it was typed; `publish_at` in the form that browsers send, in UTC."""

    version: int
    title: str
    slug: str
    body: str
    excerpt: str
    tags: str
    cover_id: int | None
    status: str
    publish_at: str

    def changes_of(self, post: Post, action: str) -> dict[str, Any]:
        """What is to be saved. Raises UnfitPost, but not when somebody else saved meanwhile, which is told of first."""
        changes = self.changes(action)
        if self.version == post.version:
            if changes["publish_at"] != post.publish_at:
                refuse_past(changes["publish_at"])
            if action not in AFTER:  # a button that says what it does leaves nothing to ask
                self._refuse_unused_moment(post)
        return changes

    def changes(self, action: str) -> dict[str, Any]:
        """Raises UnfitPost."""
        status = AFTER.get(action, self.status)
        self._refuse_too_long()
        return {
            "title": self.title,
            "slug": self.slug,
            "body": self.body,
            "excerpt": self.excerpt,
            "tags": self.tags.split(","),
            "cover_id": None if action == "remove-cover" else self.cover_id,
            "status": status,
            "publish_at": moment_of(self.publish_at) if status == SCHEDULED else None,
        }

    def _refuse_too_long(self) -> None:
        wrong = {
            name: f"{what} has {len(getattr(self, name)):,} characters. The limit is {most:,}."
            for name, (what, most) in LONGEST.items()
            if len(getattr(self, name)) > most
        }
        if len(self.tags.split(",")) > MOST_TAGS:
            wrong["tags"] = f"These are more than {MOST_TAGS} tags. Take some out."
        if wrong:
            raise UnfitPost(**wrong)

    def _refuse_unused_moment(self, post: Post) -> None:
        """What was just typed would be lost in silence; a schedule that is given up leaves its old moment behind."""
        moment = moment_of(self.publish_at) if self.status in (DRAFT, PUBLISHED) else None
        if moment and moment != post.publish_at:
            words = f"You gave a moment, and the status is {self.status.capitalize()}."
            raise UnfitPost(publishAt=f"{words} Choose Scheduled, or empty the moment.")


def moment_of(typed: str) -> datetime | None:
    """Raises UnfitPost."""
    if not typed:
        return None
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        raise UnfitPost(publishAt="Write the day and the time, such as 2026-12-24 18:00.") from None
    if moment.year not in YEARS:
        raise UnfitPost(publishAt=f"Choose a moment from the year {YEARS[0]} to {YEARS[-1]}.")
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def refuse_past(moment: datetime | None) -> None:
    """A year that is mistyped would tell everybody at once of what they should not see yet. Raises UnfitPost."""
    if moment and moment < utcnow() - STILL_NOW:
        words = f"This moment has passed: it is {to_the_minute(utcnow())} now. Choose a later one, or publish it now."
        raise UnfitPost(publishAt=words)


def form_of(post: Post) -> PostForm:
    return PostForm(
        version=post.version,
        title=post.title,
        slug=post.slug,
        body=post.body,
        excerpt=post.excerpt,
        tags=", ".join(post.tags),
        cover_id=post.cover_id,
        status=post.status,
        publish_at=as_typed(post.publish_at),
    )


def as_typed(moment: datetime | None) -> str:
    """As the field of a browser holds it: to the minute, unless there are seconds to keep."""
    if moment is None:
        return ""
    exact = moment.second or moment.microsecond
    return moment.replace(tzinfo=None).isoformat(timespec="auto" if exact else "minutes")


def typed_form() -> PostForm:
    """Answers 400 when the form is not one of ours."""
    return PostForm(
        version=asked.number(request.form.get("version"), NOT_OUR_FORM),
        title=asked.text("title"),
        slug=asked.text("slug"),
        body=asked.plain(request.form.get("body", "")).strip("\n"),
        excerpt=asked.text("excerpt"),
        tags=asked.text("tags"),
        cover_id=typed_cover(),
        status=asked.text("status"),
        publish_at=asked.text("publish_at"),
    )


def typed_cover() -> int | None:
    """A media may have been deleted for good since the form was opened."""
    typed = asked.text("cover_id")
    media_id = asked.number(typed, NOT_OUR_FORM) if typed else None
    return media_id if media_id and existing_media([media_id]) else None


def pressed_button() -> str:
    action = request.form.get("action", "save")
    if action not in ACTIONS:
        abort(400, NOT_OUR_FORM)
    return action


def errors_of(unfit: UnfitPost) -> dict[str, str]:
    """By the fields of the form."""
    return {FIELDS.get(name, name): words for name, words in unfit.fields.items()}

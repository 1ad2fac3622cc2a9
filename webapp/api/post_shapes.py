"""Posts as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from flask import request
from pydantic import Field

from webapp.api.documents import Moment
from webapp.api.fields import (
    MAX_INTEGER,
    Answer,
    Body,
    Caption,
    ListQuery,
    LongText,
    RowId,
    Tag,
    Tags,
    Text,
    Title,
    Word,
    left_out,
)
from webapp.models.post import Post

Status = Literal["draft", "published", "scheduled"]
Sort = Literal["createdAt", "-createdAt", "updatedAt", "-updatedAt", "publishedAt", "-publishedAt", "title", "-title"]
WHEN = "When a scheduled post is published; only such a post has one. A moment that has passed publishes it at once."
OWN_WORDS = "Shown in lists. Left empty, the beginning of the body is."


class PostQuery(ListQuery):
    q: Word = ""
    tag: Tag = ""
    status: Literal["", "draft", "published", "scheduled"] = ""
    sort: Sort = "-createdAt"


class NewPost(Body):
    """The body is Markdown: CommonMark with tables; HTML in it is shown as text."""

    title: Title
    slug: Text = Field("", max_length=100, description="Made from the title when it is left out.")
    body: LongText = ""
    excerpt: Caption = Field("", description=OWN_WORDS)
    cover_id: RowId | None = None
    tags: Tags = []
    status: Status = "draft"
    publish_at: Moment | None = Field(None, description=WHEN)


class PostChanges(Body):
    """What is left out stays as it is."""

    version: int = Field(ge=1, le=MAX_INTEGER, description="As it was read. Another one is answered with 409.")
    title: Title = left_out()
    slug: Text = left_out()
    body: LongText = left_out()
    excerpt: Caption = left_out(OWN_WORDS)
    cover_id: RowId | None = None
    tags: Tags = left_out()
    status: Status = left_out()
    publish_at: Moment | None = Field(None, description=WHEN)


class PostAnswer(Answer):
    """`summary` is what lists show: the excerpt, or the beginning of the body."""

    id: int
    title: str
    slug: str
    url: str
    status: Status
    version: int
    body: str
    excerpt: str
    summary: str
    cover_id: int | None
    tags: list[str]
    publish_at: datetime | None
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime


def post_answer(post: Post) -> PostAnswer:
    names = set(PostAnswer.model_fields) - {"url"}
    return PostAnswer(url=f"{request.script_root}/posts/{post.slug}", **{name: getattr(post, name) for name in names})

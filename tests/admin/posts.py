"""The form of a post, as its page sends it."""

from __future__ import annotations

from typing import Any

from tests.admin.conftest import fresh
from webapp.models.post import Post


def form(post: Post, **changes: Any) -> dict[str, Any]:
    post = fresh(Post, post.id)
    words = {"title": post.title, "slug": post.slug, "body": post.body, "excerpt": post.excerpt}
    more = {"tags": ", ".join(post.tags), "status": post.status, "publish_at": "", "cover_id": post.cover_id or ""}
    return {"version": post.version} | words | more | changes


def address(post: Post) -> str:
    return f"/admin/posts/{post.id}"

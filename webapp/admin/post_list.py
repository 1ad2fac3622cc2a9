"""Finding posts for their list."""

from __future__ import annotations

from flask import request
from sqlalchemy import Select, func
from sqlalchemy.orm import joinedload, selectinload

from webapp.admin import asked
from webapp.models.finding_posts import WantedPosts
from webapp.models.media import Media
from webapp.models.post import POST_STATUSES, Post

SORTS = {
    "saved": ("Last saved", (Post.updated_at.desc(), Post.id.desc())),
    "published": ("Published", (Post.published_at.is_(None), Post.published_at.desc(), Post.id.desc())),
    "title": ("Title", (func.lower(Post.title), Post.id)),
    "newest": ("Newest", (Post.created_at.desc(), Post.id.desc())),
}
TRASH_ORDER = (Post.deleted_at.desc(), Post.id.desc())


def asked_filters() -> dict[str, str]:
    """From the address; what is none of ours counts as not asked for."""
    status, sort = request.args.get("status", ""), request.args.get("sort", "saved")
    return {
        "q": asked.search("q"),
        "tag": asked.search("tag"),
        "status": status if status in POST_STATUSES else "",
        "sort": sort if sort in SORTS else "saved",
    }


def find_posts(*, trash: bool, q: str, tag: str, status: str, sort: str) -> Select[Post]:
    """With their covers. What lies in the trash comes back as a draft, whatever it was."""
    found = WantedPosts(q, tag, "" if trash else status, trash).select()
    found = found.options(joinedload(Post.cover).options(selectinload(Media.renditions)))
    return found.order_by(*(TRASH_ORDER if trash else SORTS[sort][1]))

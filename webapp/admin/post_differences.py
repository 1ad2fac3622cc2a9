"""What differs between a post as it is saved and as it is typed here: both versions side by side."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.admin.post_form import PostForm, form_of
from webapp.database import db
from webapp.models.media import Media
from webapp.models.post import Post

LABELS = {
    "title": "Title",
    "slug": "Address",
    "body": "Text",
    "excerpt": "Excerpt",
    "tags": "Tags",
    "status": "Status",
    "publish_at": "Publish on (UTC)",
}


@dataclass(frozen=True)
class Difference:
    label: str
    theirs: str
    mine: str


def differences(post: Post, mine: PostForm) -> list[Difference]:
    theirs = form_of(post)
    pairs = [(label, str(getattr(theirs, name)), str(getattr(mine, name))) for name, label in LABELS.items()]
    pairs.append(("Cover", cover_name(theirs.cover_id), cover_name(mine.cover_id)))
    return [Difference(*pair) for pair in pairs if pair[1].split() != pair[2].split()]


def cover_name(media_id: int | None) -> str:
    media = db.session.get(Media, media_id) if media_id else None
    return media.title if media else ""

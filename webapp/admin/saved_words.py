"""What an editor reads after saving a page or a post: above all, whether everybody can read it now."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from webapp.database import utcnow
from webapp.models.page import Page
from webapp.models.post import Post
from webapp.models.progress import counted
from webapp.template_helpers import to_the_minute

PUBLISHED = "Published. Everybody can read it now."
STILL_PUBLIC = "Saved. Everybody can read it now."
DRAFT_AGAIN = "Saved. It is a draft again, which only people who are signed in can see."


class Seen(NamedTuple):
    """What the public has of it."""

    is_public: bool
    address: str


def news(before: Seen, after: Seen) -> str | None:
    """What a save changed for the public, in words; None when it can see nothing of it, as before.

    Whatever button saved: with a move or a new block goes live what was half typed.
    """
    if after.is_public and not before.is_public:
        return PUBLISHED
    if before.is_public and not after.is_public:
        return DRAFT_AGAIN
    if before.is_public and before.address != after.address:
        return f"Saved. The old address {before.address} leads nowhere now."
    return STILL_PUBLIC if after.is_public else None


def words_for_picture(row: Page | Post) -> str:
    """After another picture was chosen for it, which is a save of its own."""
    return STILL_PUBLIC if row.is_public else "Saved."


def words_for_no_alt(count: int) -> str:
    """Of the pictures of a page that was just published."""
    return f"{counted(count, 'picture', 'pictures')} on this page {'has' if count == 1 else 'have'} no alt text yet."


def words_for_schedule(moment: datetime | None, before: datetime | None) -> str | None:
    """Of a post that is to be published at this moment; None when nothing is new in that."""
    if moment is None or moment == before:
        return None
    if moment <= utcnow():
        return "Saved. It is published at once, as its moment has come."
    return f"Scheduled. Everybody can read it from {to_the_minute(moment)} on, people who are signed in already now."

"""Search over everything that an account may see: pictures, pages and whatever else is searched, drafts too."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.admin import asked
from webapp.database import db
from webapp.models.finding import MOST_RANKED, Found
from webapp.models.finding_hybrid import find_hybrid
from webapp.models.media import Media
from webapp.models.searchable import SEARCHABLE

blueprint = Blueprint("search", __name__, url_prefix="/admin/search")

AT_ONCE = 20
# Where each is edited. The address of a collection that is not named here is missing, which a test would tell.
ADDRESSES: dict[str, Callable[[int], str]] = {
    "media": lambda media_id: url_for("media.show", media_id=media_id),
    "pages": lambda page_id: url_for("pages.edit", page_id=page_id),
    "posts": lambda post_id: url_for("posts.edit", post_id=post_id),
}
ICONS = {"media": "picture"}  # others have that of a page


@blueprint.get("")
def index() -> str:
    q, collection = asked.search("q"), request.args.get("collection", "")
    number = min(asked.page_number(), MOST_RANKED // AT_ONCE)
    names = (collection,) if collection in SEARCHABLE else ()
    found = find_hybrid(q, names, AT_ONCE + 1, offset=AT_ONCE * (number - 1), forgiving=True)
    shown = found[:AT_ONCE]
    return render_template(
        "search/index.html",
        q=q,
        collection=names[0] if names else "",
        collections=SEARCHABLE.values(),
        found=shown,
        pictures=pictures_of(shown),
        picture_id_of=picture_id_of,
        addresses=ADDRESSES,
        icons=ICONS,
        state_of=state_of,
        number=number,
        has_more=len(found) > AT_ONCE,
    )


def pictures_of(found: Sequence[Found]) -> dict[int, Media]:
    """What is shown beside them, by id, with its renditions; two queries for all of them."""
    ids = {picture_id_of(one) for one in found} - {None}
    shown = select(Media).where(Media.id.in_(ids)).options(selectinload(Media.renditions))
    return {media.id: media for media in db.session.scalars(shown)} if ids else {}


def picture_id_of(one: Found) -> int | None:
    """Itself, or the cover of a post."""
    return one.id if one.collection == "media" else getattr(one.row, "cover_id", None)


def state_of(found: Found) -> str:
    """What it is, in words: "Page, draft"."""
    kind, status = SEARCHABLE[found.collection].word_for_one, getattr(found.row, "status", "")
    return f"{kind}, {status}" if status else kind

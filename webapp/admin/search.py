"""Search over everything that an account may see: pictures, pages and whatever else is searched, drafts too."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for

from webapp.admin import asked
from webapp.models.finding import MOST_RANKED, Found
from webapp.models.finding_hybrid import find_hybrid
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
    return render_template(
        "search/index.html",
        q=q,
        collection=names[0] if names else "",
        collections=SEARCHABLE.values(),
        found=found[:AT_ONCE],
        addresses=ADDRESSES,
        icons=ICONS,
        state_of=state_of,
        number=number,
        has_more=len(found) > AT_ONCE,
    )


def state_of(found: Found) -> str:
    """What it is, in words: "Page, draft"."""
    kind, status = SEARCHABLE[found.collection].word_for_one, getattr(found.row, "status", "")
    return f"{kind}, {status}" if status else kind

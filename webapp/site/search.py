"""/search: what everybody may see, by words and by meaning. Nothing else is found, however it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Response, abort, make_response, render_template, request, url_for
from sqlalchemy import select

from webapp.database import db
from webapp.extensions import limiter
from webapp.markdown import shortened
from webapp.models.finding import EVERYBODY, MOST_RANKED, Found
from webapp.models.finding_hybrid import find_hybrid
from webapp.models.searchable import SEARCHABLE
from webapp.site.addresses import asked_number, url_of_media
from webapp.site.blueprint import blueprint
from webapp.site.pictures import Picture
from webapp.site.places import pictures_of, places_of
from webapp.site.post_rows import any_posts

AT_ONCE = 20
ON_THE_SITE = ("media", "pages", "posts")
LONGEST = 200  # characters
LONGEST_TITLE = 80  # characters of a caption
TOO_MANY = "You have searched very often just now. Wait a minute, then try again."


@dataclass(frozen=True)
class Hit:
    found: Found
    kind: str
    url: str
    picture: Picture | None


@blueprint.get("/search")
@limiter.limit("120 per minute", error_message=TOO_MANY)
def search() -> Response:
    q = request.args.get("q", "").replace("\0", " ").strip()[:LONGEST]
    collection, number = request.args.get("collection", ""), asked_number()
    if number > MOST_RANKED // AT_ONCE:
        abort(404)
    names = (collection,) if collection in ON_THE_SITE else ON_THE_SITE
    # One more than is shown tells whether there is another page.
    found = find_hybrid(q, names, AT_ONCE + 1, EVERYBODY, offset=AT_ONCE * (number - 1), forgiving=True)
    response = make_response(
        render_template(
            "site/search.html",
            q=q,
            collection=collection,
            collections=[SEARCHABLE[name] for name in ON_THE_SITE],
            hits=hits_of(found[:AT_ONCE]),
            number=number,
            has_more=len(found) > AT_ONCE,
            has_posts=db.session.scalar(select(any_posts())),
            url_of_media=url_of_media(),
        )
    )
    response.headers["Cache-Control"] = "no-store"  # a page may become a draft at any moment
    return response


def hits_of(found: Sequence[Found]) -> list[Hit]:
    """Each with its address and its picture. A picture has no address of its own: it is shown where it hangs."""
    shows = [picture_id_of(one) for one in found]
    pictures = pictures_of([media_id for media_id in shows if media_id])
    places = places_of([one.id for one in found if one.collection == "media"])
    hits = []
    for one, media_id in zip(found, shows, strict=True):
        url = places.get(one.id) if one.collection == "media" else address_of(one)
        if url:  # it was taken away between two queries
            kind = SEARCHABLE[one.collection].word_for_one
            hits.append(Hit(as_visitors_see(one), kind, url, pictures.get(media_id or 0)))
    return hits


def as_visitors_see(one: Found) -> Found:
    """Without the name of a file, which was meant for nobody."""
    if one.collection != "media":
        return one
    title = one.row.alt or shortened(one.row.caption, LONGEST_TITLE) or "A picture"
    return replace(one, title=title, text=one.text.removesuffix(one.row.filename))


def picture_id_of(one: Found) -> int | None:
    """The media to show beside it: itself, or the cover of a post."""
    if one.collection == "media":
        return one.id
    cover_id: int | None = one.row.cover_id if one.collection == "posts" else None
    return cover_id


def address_of(one: Found) -> str:
    return url_for("site.post" if one.collection == "posts" else "site.page", slug=one.row.slug)

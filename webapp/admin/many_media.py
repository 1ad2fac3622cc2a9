"""What is done to many pictures at once: to those that are ticked, or to all that match the filter in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from webapp.admin import asked
from webapp.admin.library import words_for_uses
from webapp.admin.library_filters import LibraryFilter
from webapp.admin.library_parts import moment_of, stamp_of
from webapp.database import db
from webapp.models.deleting import delete_many
from webapp.models.many_media import (
    MOST,
    MOST_TAGS,
    hang_many,
    live_among,
    restore_many,
    tag_many,
    trash_many,
    trashed_among,
    trashed_at,
    untag_many,
)
from webapp.models.media import Media, clean_tags
from webapp.models.progress import counted

blueprint = Blueprint("many_media", __name__, url_prefix="/admin/media/many")

LONGEST_TAG = 80
MOST_KEPT = 100  # ticks in an address; a page has fewer
PICTURE = ("picture", "pictures")


@blueprint.post("/<any(tag, untag, hang, trash, restore, delete):name>")
def change(name: str) -> ResponseReturnValue:
    """`media` for each that is ticked, or `all`; the address is that of the library, which comes again after it."""
    wanted = LibraryFilter.asked()
    ids = chosen(wanted)
    if not ids:
        return tell(wanted, "Tick one or more pictures first.", "warning")
    return VERBS[name](wanted, ids)


def chosen(wanted: LibraryFilter) -> Sequence[int]:
    if "trashed" in request.form:
        return trashed_at(moment_of(asked.number(request.form["trashed"], "There is nothing to undo.")))
    ids = [asked.number(typed, "There is no such picture.") for typed in request.form.getlist("media")]
    if "all" in request.form:
        ids = list(db.session.scalars(select(Media.id).where(*wanted.wanted.conditions()).limit(MOST + 1)))
    if len(ids) > MOST:
        abort(400, f"{MOST:,} pictures at most can be changed at once. Choose fewer, with a filter or by ticking them.")
    return ids


def tell(wanted: LibraryFilter, words: str, category: str = "success", **more: object) -> ResponseReturnValue:
    flash(words, category)
    return back_to(wanted, **more)


def ask_for(wanted: LibraryFilter, words: str) -> ResponseReturnValue:
    """Something is still to be typed or chosen."""
    return tell(wanted, words, "warning", **same_ticks(), tool=(request.view_args or {})["name"])


def same_ticks() -> dict[str, object]:
    """For the address of the library, so that nobody ticks all of them anew."""
    return {"ticked": request.form.getlist("media")[:MOST_KEPT], "all": "yes" if "all" in request.form else None}


def back_to(wanted: LibraryFilter, **more: object) -> ResponseReturnValue:
    page = asked.page_number()
    return redirect(url_for("media.index", **wanted.address, page=page if page > 1 else None, **more), 303)  # type: ignore[arg-type]


def tag(wanted: LibraryFilter, ids: Sequence[int]) -> ResponseReturnValue:
    tags = clean_tags(asked.text("tags").split(","))
    if not tags:
        return ask_for(wanted, "Type one or more tags first.")
    if len(tags) > MOST_TAGS:
        abort(400, f"{MOST_TAGS} tags at most can be added at once.")
    count = tag_many(ids, tags)
    words = f"{counted(count, *PICTURE)} now {'has' if count == 1 else 'have'} {quoted(tags)}."
    return tell(wanted, words + words_for_gone(ids, count))


def quoted(tags: list[str]) -> str:
    return f"the {'tag' if len(tags) == 1 else 'tags'} {', '.join(f'“{name}”' for name in tags)}"


def words_for_gone(ids: Sequence[int], count: int, where: str = "library") -> str:
    gone = len(set(ids)) - count
    return f" {gone:,} {'was' if gone == 1 else 'were'} not in the {where} any more." if gone else ""


def untag(wanted: LibraryFilter, ids: Sequence[int]) -> ResponseReturnValue:
    name = asked.text("tag")[:LONGEST_TAG]
    if not name:
        return ask_for(wanted, "Choose the tag to remove first.")
    count = untag_many(ids, name)
    if not count:
        return ask_for(wanted, f"None of them has the tag “{name}”.")
    return tell(wanted, f"{counted(count, *PICTURE)} no longer {'has' if count == 1 else 'have'} the tag “{name}”.")


def hang(wanted: LibraryFilter, ids: Sequence[int]) -> ResponseReturnValue:
    if not request.form.get("gallery"):
        return ask_for(wanted, "Choose a gallery first.")
    gallery_id = asked.number(request.form.get("gallery"), "There is no such gallery.")
    hung = hang_many(gallery_id, ids, by=current_user.id)
    name = f"the gallery “{hung.gallery.title}”" if hung.gallery.title else "the gallery"
    words = f"{counted(hung.added, *PICTURE)} added to {name} of {hung.gallery.page.title}."
    if hung.there:
        words += f" {hung.there:,} {'was' if hung.there == 1 else 'were'} there already."
    return tell(wanted, words + words_for_gone(ids, hung.added + hung.there))


def trash(wanted: LibraryFilter, ids: Sequence[int]) -> ResponseReturnValue:
    """Asks first when any of them is shown somewhere, unless the form is `sure`."""
    ids = live_among(ids)
    if not ids:
        return tell(wanted, "They are not in the library any more.", "warning")
    uses = words_for_uses(ids)
    if uses and "sure" not in request.form:
        return render_template(
            "media/sure.html",
            ids=ids,
            uses=uses,
            action=request.full_path.rstrip("?"),
            back=url_for("media.index", **wanted.address),  # type: ignore[arg-type]
        )
    return back_to(wanted, trashed=stamp_of(trash_many(ids)))


def restore(wanted: LibraryFilter, ids: Sequence[int]) -> ResponseReturnValue:
    count = restore_many(ids)
    verb, whose = ("is", "its") if count == 1 else ("are", "their")
    words = f"{counted(count, *PICTURE)} {verb} back in the library and in {whose} galleries."
    return tell(wanted, words + words_for_gone(ids, count, "trash"))


def delete(wanted: LibraryFilter, ids: Sequence[int]) -> ResponseReturnValue:
    """Asks first, unless the form is `sure`."""
    if "sure" in request.form:
        count = delete_many(ids)
        words = f"{counted(count, *PICTURE)} {'is' if count == 1 else 'are'} deleted for good."
        return tell(wanted, words + words_for_gone(ids, count, "trash"))
    ids = trashed_among(ids)
    if not ids:
        return tell(wanted, "They are not in the trash any more.", "warning")
    return render_template(
        "media/delete_many.html",
        count=len(ids),
        fields=[("media", each) for each in ids],
        uses=words_for_uses(ids),
        action=request.full_path.rstrip("?"),
        back=url_for("media.index", **wanted.address),  # type: ignore[arg-type]
    )


VERBS: dict[str, Callable[[LibraryFilter, Sequence[int]], ResponseReturnValue]] = {
    "tag": tag,
    "untag": untag,
    "hang": hang,
    "trash": trash,
    "restore": restore,
    "delete": delete,
}

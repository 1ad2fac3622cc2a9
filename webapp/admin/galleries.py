"""One gallery: its pictures by hand, what is hidden from it, and the auto-sync switch."""

from __future__ import annotations

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.admin import asked
from webapp.admin.gallery_views import ADD, HIDDEN, SHOWN, contents, count_hidden, older_pictures, people
from webapp.admin.rule_form import RuleForm, form_of
from webapp.extensions import db
from webapp.models import progress
from webapp.models.backfill import AutoSyncOff, start_backfill, undo_backfill
from webapp.models.gallery import (
    Gallery,
    change_gallery,
    count_shown,
    find_gallery,
    move_item,
    set_hidden,
)
from webapp.models.media import Media
from webapp.models.page import FILMSTRIP, GRID, ROWS, STYLES
from webapp.models.progress import counted
from webapp.models.reconcile import in_line
from webapp.security import is_local_path, wants_json

blueprint = Blueprint("galleries", __name__, url_prefix="/admin/galleries")
asked.refuse_impossible_ids(blueprint)
blueprint.add_app_template_global(older_pictures)
blueprint.add_app_template_global(in_line)

WORDS_FOR_STYLES = {
    GRID: "Grid: even squares",
    ROWS: "Rows: whole pictures, row by row",
    FILMSTRIP: "Filmstrip: one line to scroll sideways",
}
blueprint.app_template_global("words_for_styles")(lambda: WORDS_FOR_STYLES)


@blueprint.get("/<int:gallery_id>")
def edit(gallery_id: int) -> str:
    view = request.args.get("view", SHOWN)
    if view not in (SHOWN, HIDDEN, ADD):
        abort(404)
    return edit_page(find_gallery(gallery_id), view)


def edit_page(
    gallery: Gallery,
    view: str = SHOWN,
    *,
    rule_form: RuleForm | None = None,
    errors: dict[str, str] | None = None,
    told: str = "",
) -> str:
    undo = asked.id_in_address("undo")
    return render_template(
        "galleries/edit.html",
        gallery=gallery,
        view=view,
        rule_form=rule_form or form_of(gallery),
        errors=errors or {},
        told=told,
        people=people(),
        lines=progress.of_gallery(gallery),
        just_hidden=db.session.get(Media, undo) if undo else None,
        **contents(gallery, view, q="" if "all" in request.args else asked.search("q")),
    )


@blueprint.get("/<int:gallery_id>/status")
def status(gallery_id: int) -> str:
    gallery = find_gallery(gallery_id)
    return render_template("galleries/_progress.html", gallery=gallery, lines=progress.of_gallery(gallery))


@blueprint.post("/<int:gallery_id>/switch")
def switch(gallery_id: int) -> ResponseReturnValue:
    """The form sends "off" always and "on" behind it when the switch is on."""
    wanted = (request.form.getlist("auto_sync") or [""])[-1]
    if wanted not in ("on", "off"):
        abort(400, "Say whether auto-sync is to be on or off.")
    gallery = change_gallery(gallery_id, auto_sync=wanted == "on")
    return saved(gallery, words_for_switch(gallery), older_pictures(gallery).question)


@blueprint.app_template_filter()
def words_for_switch(gallery: Gallery) -> str:
    if gallery.auto_sync and gallery.rule:
        return "On. New uploads that fit the rule will be added here."
    if gallery.auto_sync:
        return "On. New uploads will be added here."
    return "Off. New uploads will not be added here."


@blueprint.post("/<int:gallery_id>/new-items")
def new_items(gallery_id: int) -> ResponseReturnValue:
    """At which end new pictures arrive."""
    end = request.form.get("new_items")
    if end not in ("first", "last"):
        abort(400, "New pictures can come first or last.")
    gallery = change_gallery(gallery_id, new_items=end)
    return saved(gallery, f"Saved. New pictures come {end}.")


@blueprint.post("/<int:gallery_id>/style")
def style(gallery_id: int) -> ResponseReturnValue:
    """How the public page lays its pictures out."""
    wanted = request.form.get("style", "")
    if wanted not in STYLES:
        abort(400, f"A gallery is laid out as {', '.join(STYLES[:-1])} or {STYLES[-1]}.")
    gallery = change_gallery(gallery_id, style=wanted)
    return saved(gallery, f"Saved. Layout on the page: {WORDS_FOR_STYLES[wanted]}.")


def saved(gallery: Gallery, words: str, question: str = "") -> ResponseReturnValue:
    if wants_json():
        facts = {"autoSync": gallery.auto_sync, "newItems": gallery.new_items, "style": gallery.style}
        return jsonify(success=True, words=words, question=question, **facts)
    flash(f"{words} {question}".strip(), "success")
    return back_to(gallery.id)


def back_to(gallery_id: int) -> ResponseReturnValue:
    """The page of the form, or else that of the gallery."""
    after = request.form.get("next")
    return redirect(after if after and is_local_path(after) else edit_url(gallery_id), 303)


@blueprint.post("/<int:gallery_id>/backfill")
def backfill(gallery_id: int) -> ResponseReturnValue:
    """Also add what was in the library before auto-sync was switched on."""
    try:
        start_backfill(gallery_id, by=current_user.id)
        flash("Adding the pictures has begun.", "success")
    except AutoSyncOff as refused:
        flash(str(refused), "warning")
    return back_to(gallery_id)


@blueprint.post("/<int:gallery_id>/backfill/<int:job_id>/undo")
def undo(gallery_id: int, job_id: int) -> ResponseReturnValue:
    removed = undo_backfill(gallery_id, job_id, f"Undone by {current_user.name}.")
    flash(f"Undone. {counted(removed, 'picture was', 'pictures were')} taken out again.", "success")
    return back_to(gallery_id)


@blueprint.post("/<int:gallery_id>/hide")
def hide(gallery_id: int) -> ResponseReturnValue:
    media_id = asked.number(request.form.get("media_id"), "Say which picture to hide.")
    set_hidden(gallery_id, media_id, True)
    if wants_json():
        return jsonify(success=True, words="Hidden.", **counts(gallery_id))
    return redirect(edit_url(gallery_id, page=asked.page_number(), undo=media_id), 303)


@blueprint.post("/<int:gallery_id>/unhide")
def unhide(gallery_id: int) -> ResponseReturnValue:
    media_id = asked.number(request.form.get("media_id"), "Say which picture to show again.")
    item = set_hidden(gallery_id, media_id, False)
    words = f"“{item.media.title}” is shown again, at its old place."
    if wants_json():
        return jsonify(success=True, words=words, **counts(gallery_id))
    flash(words, "success")
    view = request.args.get("view", SHOWN)
    return redirect(edit_url(gallery_id, view=view if view == HIDDEN else None, page=asked.page_number()), 303)


def counts(gallery_id: int) -> dict[str, int]:
    return {"shown": count_shown(gallery_id), "hidden": count_hidden(gallery_id)}


@blueprint.post("/<int:gallery_id>/move")
def move(gallery_id: int) -> ResponseReturnValue:
    """`to` is of the buttons "earlier" and "later", `place` of the number field."""
    media_id = asked.number(request.form.get("media_id"), "Say which picture to move.")
    place = asked.number(request.form.get("to") or request.form.get("place"), "Say to which position, such as 3.")
    move_item(gallery_id, media_id, max(1, min(place, asked.PER_PAGE * asked.LAST_PAGE)))
    place = max(1, min(place, count_shown(gallery_id)))
    if wants_json():
        return jsonify(success=True, place=place, words=f"Now at position {place:,}.")
    page = (place - 1) // asked.PER_PAGE + 1
    return redirect(edit_url(gallery_id, page=page, _anchor=f"item-{media_id}"), 303)


def edit_url(gallery_id: int, *, page: int = 1, **more: object) -> str:
    return url_for("galleries.edit", gallery_id=gallery_id, page=page if page > 1 else None, **more)  # type: ignore[arg-type]

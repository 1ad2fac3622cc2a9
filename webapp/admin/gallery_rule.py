"""The rule of a gallery: how many pictures it matches, saving it, and bringing the gallery in line with it."""

from __future__ import annotations

from flask import abort, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.admin.galleries import back_to, blueprint, edit_page, edit_url
from webapp.admin.rule_form import RuleForm, typed_rule, words_for_fields
from webapp.models.gallery import Gallery, change_gallery, find_gallery
from webapp.models.progress import counted
from webapp.models.reconcile import Effect, bring_in_line, count_misfits, effect_of
from webapp.models.rule import UnfitRule
from webapp.models.rule_words import words_for_rule

blueprint.add_app_template_filter(words_for_rule)


@blueprint.get("/<int:gallery_id>/rule/matches")
def matches(gallery_id: int) -> ResponseReturnValue:
    """What the rule behind the question mark would do, for whoever is typing it."""
    gallery = find_gallery(gallery_id)
    try:
        rule = typed_rule(request.args).rule
    except UnfitRule as unfit:
        return jsonify(success=False, error=" ".join(words_for_fields(unfit).values())), 422
    effect = effect_of(gallery, rule)
    return jsonify(success=True, count=effect.matching, words=words_for_effect(gallery, effect))


@blueprint.route("/<int:gallery_id>/rule", methods=["GET", "POST"])
def rule(gallery_id: int) -> ResponseReturnValue:
    """`action` is of the buttons "count", "save" and "every"; `sure` the number of pictures that may be taken away.

    An answer shows the whole page of the gallery, whose other forms and links lead back to this address.
    """
    if request.method == "GET":
        return edit_page(find_gallery(gallery_id))
    gallery, action = find_gallery(gallery_id), request.form.get("action", "save")
    if action not in ("count", "save", "every"):
        abort(400, "This form can't be understood. Open the gallery again.")
    typed = RuleForm() if action == "every" else typed_rule(request.form)
    try:
        wanted = typed.rule
    except UnfitRule as unfit:
        return edit_page(gallery, rule_form=typed, errors=words_for_fields(unfit)), 422
    effect = effect_of(gallery, wanted)
    if action == "count":
        return edit_page(gallery, rule_form=typed, told=words_for_effect(gallery, effect))
    if gallery.auto_sync and effect.is_drastic and effect.takes > number_agreed_to():
        return render_template("galleries/rule_sure.html", gallery=gallery, rule=wanted, effect=effect, typed=typed)
    gallery = change_gallery(gallery_id, rule=wanted, by=current_user.id)
    flash(words_after_saving(gallery, effect), "success")
    return redirect(edit_url(gallery_id), 303)


def number_agreed_to() -> int:
    typed = request.form.get("sure", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def words_for_effect(gallery: Gallery, effect: Effect) -> str:
    found = f"{counted(effect.matching, 'picture of the library matches', 'pictures of the library match')}."
    if not gallery.auto_sync:
        return f"{found} Auto-sync is off, so nothing is added until it is switched on."
    changes = [f"{effect.adds:,} would be added"] * bool(effect.adds)
    changes += [f"{effect.takes:,} would be taken out"] * bool(effect.takes)
    return f"{found} {' and '.join(changes) or 'The gallery stays as it is'}."


def words_after_saving(gallery: Gallery, effect: Effect) -> str:
    words = f"Saved: {words_for_rule(gallery.rule)}."
    return f"{words} The gallery is being brought in line." if gallery.auto_sync and effect.changes else words


@blueprint.post("/<int:gallery_id>/reconcile")
def reconcile(gallery_id: int) -> ResponseReturnValue:
    """Take out what the rule does not match, where that was not done yet."""
    gallery = find_gallery(gallery_id)
    if not gallery.auto_sync:
        flash("Auto-sync is off in this gallery. Switch it on first.", "warning")
    elif not count_misfits(gallery):
        flash("Every picture here fits the rule already.", "success")
    else:
        bring_in_line(gallery_id, by=current_user.id)
        flash("The gallery is being brought in line with its rule.", "success")
    return back_to(gallery_id)

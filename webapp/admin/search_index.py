"""The index of meaning: how it is, mending it, building it anew; and each document in it."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.admin import asked
from webapp.models import meaning
from webapp.models.meaning_document import in_index, try_again
from webapp.models.meaning_overview import overview
from webapp.models.meaning_state import start_check, start_reindex
from webapp.models.searchable import SEARCHABLE
from webapp.security import ADMIN, EDITOR, access, is_local_path
from webapp.template_helpers import FRAGMENT_HEADER

blueprint = Blueprint("search_index", __name__, url_prefix="/admin/search/index")
asked.refuse_impossible_ids(blueprint)

blueprint.add_app_template_global(in_index, "in_search_index")


@blueprint.get("")
@access(ADMIN)
def index() -> str:
    template = "search_index/_all.html" if FRAGMENT_HEADER in request.headers else "search_index/index.html"
    return render_template(template, index=overview())


@blueprint.post("/rebuild")
@access(ADMIN)
def rebuild() -> ResponseReturnValue:
    _refuse_without_embedder()
    start_reindex()
    flash("A new index is being built. Until it is done, the one that is there is searched.", "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/mend")
@access(ADMIN)
def mend() -> ResponseReturnValue:
    _refuse_without_embedder()
    start_check()
    flash("Every document is looked at; what is missing is put in, and what is left over is taken out.", "success")
    return redirect(url_for(".index"), 303)


def _refuse_without_embedder() -> None:
    if meaning.embedder() is None:
        abort(409, "Search by meaning is off. Set EMBEDDER to local or openai first.")


@blueprint.get("/<collection>/<int:doc_id>")
def document(collection: str, doc_id: int) -> str:
    if collection not in SEARCHABLE:
        abort(404)
    return render_template("search_index/_document.html", collection=collection, doc_id=doc_id)


@blueprint.post("/<collection>/<int:doc_id>")
@access(EDITOR)
def again(collection: str, doc_id: int) -> ResponseReturnValue:
    try:
        try_again(collection, doc_id)
    except LookupError:
        abort(404)
    after = request.form.get("next")
    return redirect(after if after and is_local_path(after) else url_for("home.index"), 303)

"""One upload of many files: how far it is, what became of each file, and trying again what failed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import func, select

from webapp.admin import asked
from webapp.database import db
from webapp.models import progress
from webapp.models.batch import BatchFile, find_batch
from webapp.models.batch_results import files_of, galleries_of, results_of, retry_failed
from webapp.security import is_local_path

blueprint = Blueprint("batches", __name__, url_prefix="/admin/batches")
asked.refuse_impossible_ids(blueprint)

GALLERIES_SHOWN = 50


@blueprint.get("/<int:batch_id>")
def show(batch_id: int) -> str:
    batch = find_batch(batch_id)
    galleries = db.session.execute(galleries_of(batch).limit(GALLERIES_SHOWN)).all()
    per_page, page = asked.PER_PAGE, asked.page_number()
    total = db.session.scalar(select(func.count()).where(BatchFile.batch_id == batch.id)) or 0
    files = db.session.execute(files_of(batch).limit(per_page).offset(per_page * (page - 1))).all()
    return render_template(
        "batches/show.html",
        batch=batch,
        results=results_of(batch),
        galleries=galleries,
        files=files,
        lines=progress.of_many_media([media for _, media in files if media]),
        page=page,
        pages=-(-total // per_page),
    )


@blueprint.get("/<int:batch_id>/status")
def status(batch_id: int) -> str:
    batch = find_batch(batch_id)
    return render_template("batches/_progress.html", batch=batch, results=results_of(batch))


@blueprint.post("/<int:batch_id>/retry")
def retry(batch_id: int) -> ResponseReturnValue:
    count = retry_failed(find_batch(batch_id), f"Tried again by {current_user.name}.")
    flash("What failed will be tried again." if count else "Nothing has failed.", "success")
    target = request.form.get("next")
    return redirect(target if target and is_local_path(target) else url_for(".show", batch_id=batch_id), 303)

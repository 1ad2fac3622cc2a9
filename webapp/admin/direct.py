"""What became of a file that the browser sent straight to the bucket, as its line among the uploads shows it."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.admin import asked
from webapp.admin.uploads import Outcome
from webapp.models.direct_upload import OPEN, WAITING, find_direct_upload, state_of

blueprint = Blueprint("direct", __name__, url_prefix="/admin/direct-uploads")
asked.refuse_impossible_ids(blueprint)


@blueprint.get("/<int:upload_id>")
def show(upload_id: int) -> ResponseReturnValue:
    """202 as long as it is not known; then just what a plain upload answers."""
    upload = find_direct_upload(upload_id, current_user.id)
    state, words = state_of(upload)
    if state in (OPEN, WAITING):
        return jsonify(results=[], words=words), 202
    if upload.fate is None:
        abort(409, words)
    outcome = Outcome(upload.filename, upload.fate, words, upload.media, 200)
    address = url_for("batches.status", batch_id=upload.batch_id) if upload.batch_id else None
    return jsonify(results=[outcome.as_json()], batchStatusUrl=address)

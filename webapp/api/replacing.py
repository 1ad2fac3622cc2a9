"""/api/media/<id>/file: a new file for a picture that is there."""

from __future__ import annotations

from typing import Annotated

from flask import request
from flask_login import current_user
from pydantic import WithJsonSchema
from werkzeug.datastructures import FileStorage

from webapp.api.fields import Form
from webapp.api.http import Contract, Unfit, api, checked, endpoint
from webapp.api.media import sent_file
from webapp.api.media_answers import MediaAnswer, media_answers
from webapp.models.media import live_media
from webapp.replacements import take_replacement
from webapp.uploads import Refused, within_quota


class FileForm(Form):
    """One picture."""

    file: Annotated[FileStorage, WithJsonSchema({"type": "string", "format": "binary"})]


@api.put("/media/<row:media_id>/file")
@within_quota
@endpoint(
    Contract(
        "Replace its file; id, words and galleries stay, and the old renditions until the new ones are made",
        form=FileForm,
        answers={200: MediaAnswer},
        may_conflict=True,
    )
)
def replace_media_file(media_id: int) -> MediaAnswer:
    live_media(media_id)
    given: dict[str, object] = dict(request.form) | {"file": sent_file()}
    given.pop("csrf_token", None)
    form = checked(FileForm.model_validate, given, code=422)
    try:
        return media_answers([take_replacement(media_id, form.file, by=current_user.id)])[0]
    except Refused as refused:
        raise Unfit(refused.status_code, {"file": str(refused)}, str(refused)) from None

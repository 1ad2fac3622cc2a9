"""/api/media: upload, find, change and trash pictures."""

from __future__ import annotations

from typing import Annotated, Literal

from flask import request
from flask_login import current_user
from pydantic import WithJsonSchema
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload
from werkzeug.datastructures import FileStorage

from webapp.api.fields import (
    Body,
    Caption,
    Credit,
    Done,
    Form,
    Listing,
    ListQuery,
    Percent,
    Query,
    Tag,
    Tags,
    Word,
    left_out,
)
from webapp.api.http import Contract, Unfit, api, checked, endpoint, listing
from webapp.api.media_answers import MediaAnswer, UploadAnswer, facts_of, media_answers, newest_syncs
from webapp.models import progress
from webapp.models.library import Wanted, count
from webapp.models.media import Media, live_media, trash_media
from webapp.models.media_words import change_media
from webapp.uploads import Uploaded, take_upload, within_quota

Sort = Literal["createdAt", "-createdAt", "filename", "-filename", "filesize", "-filesize"]
COLUMNS = {"createdAt": Media.created_at, "filename": Media.filename, "filesize": Media.filesize}


class UploadQuery(Query):
    allow_duplicate: bool = False


class UploadForm(Form):
    """One picture. `tags` may be sent more than once, and each may hold several with commas between."""

    file: Annotated[FileStorage, WithJsonSchema({"type": "string", "format": "binary"})]
    alt: Caption = ""
    caption: Caption = ""
    tags: Tags = []


class MediaQuery(ListQuery):
    q: Word = ""
    tag: Tag = ""
    orientation: Literal["", "landscape", "portrait", "square"] = ""
    no_alt: bool = False
    unused: bool = False
    failed: bool = False
    sort: Sort = "-createdAt"


class FocalPoint(Body):
    """What must stay in view where the picture is cropped, in percent from its left and its top."""

    x: Percent
    y: Percent


class MediaChanges(Body):
    """Alt text and decorative: each takes the other away, and both at once are refused."""

    alt: Caption = left_out()
    decorative: bool = left_out()
    caption: Caption = left_out()
    credit: Credit = left_out()
    tags: Tags = left_out()
    focal_point: FocalPoint = left_out()


@api.post("/media")
@within_quota
@endpoint(
    Contract(
        "Upload one picture",
        query=UploadQuery,
        form=UploadForm,
        answers={201: UploadAnswer, 200: UploadAnswer},
    )
)
def upload_media(query: UploadQuery) -> tuple[UploadAnswer, int]:
    form = sent_form()
    uploaded = take_upload(
        form.file,
        alt=form.alt,
        caption=form.caption,
        tags=form.tags,
        created_by=current_user.id,
        allow_duplicate=query.allow_duplicate,
    )
    return upload_answer(uploaded), uploaded.status_code


def sent_form() -> UploadForm:
    given: dict[str, object] = dict(request.form) | {"file": sent_file()}
    given.pop("csrf_token", None)
    if "tags" in given:
        given["tags"] = [tag for sent in request.form.getlist("tags") for tag in sent.split(",")]
    return checked(UploadForm.model_validate, given, code=422)


def sent_file() -> FileStorage:
    """The one picture of the request. Raises Unfit."""
    files = request.files.getlist("file")
    if len(files) > 1:
        raise Unfit(400, {"file": "Send one picture at a time."}, "Send one picture at a time.")
    if not files or not files[0].filename:
        words = "Send the picture as the field “file” of a multipart form."
        raise Unfit(400, {"file": words}, words)
    return files[0]


def upload_answer(uploaded: Uploaded) -> UploadAnswer:
    media = uploaded.media
    if media is None:
        words = uploaded.error or "The file could not be stored."
        raise Unfit(uploaded.status_code, {"file": words}, words)
    job = uploaded.job or newest_syncs([media]).get(media.id)
    lines = progress.of_media(media) if uploaded.duplicate else []
    facts = facts_of(media, progress.media_status(media, lines), job)
    return UploadAnswer(**facts, duplicate=uploaded.duplicate, restored=uploaded.restored)


@api.get("/media")
@endpoint(Contract("Find pictures", query=MediaQuery, answers={200: Listing[MediaAnswer]}))
def list_media(query: MediaQuery) -> Listing[MediaAnswer]:
    wanted = wanted_by(query)
    found = matching(wanted, query.sort)
    return listing(found, query, lambda rows: media_answers([row.Media for row in rows]), lambda: count(wanted))


def wanted_by(query: MediaQuery) -> Wanted:
    return Wanted(
        words=query.q,
        tag=query.tag,
        shape=query.orientation,
        no_alt=query.no_alt,
        unused=query.unused,
        failed=query.failed,
    )


def matching(wanted: Wanted, sort: Sort) -> Select[Media]:
    related = (selectinload(Media.renditions), selectinload(Media.tag_rows))
    column, downwards = COLUMNS[sort.removeprefix("-")], sort.startswith("-")
    conditions = wanted.conditions(in_order=column is Media.created_at)
    found = select(Media).where(*conditions).options(*related)
    return found.order_by(column.desc(), Media.id.desc()) if downwards else found.order_by(column, Media.id)


@api.get("/media/<row:media_id>")
@endpoint(Contract("One picture, and what the background did for it", answers={200: MediaAnswer}))
def show_media(media_id: int) -> MediaAnswer:
    return media_answers([live_media(media_id)])[0]


@api.patch("/media/<row:media_id>")
@endpoint(Contract("Change its words; what is left out stays", body=MediaChanges, answers={200: MediaAnswer}))
def change_one_media(media_id: int, body: MediaChanges) -> MediaAnswer:
    changes = body.model_dump(exclude_unset=True)
    if point := changes.pop("focal_point", None):
        changes["focal"] = (point["x"], point["y"])
    try:
        return media_answers([change_media(media_id, **changes)])[0]
    except ValueError as error:
        raise Unfit(422, {"decorative": str(error)}, str(error)) from None


@api.delete("/media/<row:media_id>")
@endpoint(Contract("Move it to the trash", answers={200: Done}))
def trash_one_media(media_id: int) -> Done:
    trash_media(media_id)
    return Done(id=media_id)

"""/api/media/direct: pictures that a browser sends straight to the bucket, past every process of ours."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from flask import abort, current_app
from flask_login import current_user
from pydantic import Field, StringConstraints

from webapp.api.fields import MAX_ID, Answer, Body, Caption, RowId, Tags, Text, left_out
from webapp.api.http import Contract, Unfit, api, endpoint
from webapp.api.media_answers import JobRef, original_url
from webapp.database import utcnow
from webapp.imaging.kinds import MIME_TYPES
from webapp.models.batch import MOST_FILES, Place, open_batch
from webapp.models.direct_upload import (
    DirectUpload,
    complete,
    find_direct_upload,
    job_of,
    open_direct_upload,
    state_of,
)
from webapp.models.gallery import find_gallery
from webapp.storage import S3Storage, direct_storage
from webapp.uploads import clean_filename, count_announced, words_for_size

VALID_FOR = timedelta(minutes=15)  # within it the browser must begin to send
NOT_HERE = "Files are not sent to a bucket here. Upload them with POST /api/media."

BatchKey = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{16,40}$")]
State = Literal["open", "waiting", "uploaded", "duplicate", "restored", "rejected", "failed"]


class BatchPlace(Body):
    """Which file of how many of one drop it is."""

    key: BatchKey
    files: Annotated[int, Field(ge=1, le=MOST_FILES)]
    number: Annotated[int, Field(ge=0, lt=MOST_FILES)]


class DirectBody(Body):
    """What will be sent. `filesize` is in bytes, and exactly so many are taken."""

    filename: Annotated[Text, StringConstraints(min_length=1, max_length=1000)]
    mime_type: Literal[tuple(MIME_TYPES)]  # type: ignore[valid-type]
    filesize: Annotated[int, Field(ge=1, le=MAX_ID)]
    alt: Caption = ""
    caption: Caption = ""
    tags: Tags = []
    allow_duplicate: bool = False
    gallery_id: RowId = left_out("Hang it into this gallery too.")
    batch: BatchPlace = left_out()


class DirectForm(Answer):
    """POST a multipart form with these fields, and the file as the last one, “file”, to the address."""

    upload_id: int
    url: str
    fields: dict[str, str]
    expires_at: datetime


class DirectAnswer(Answer):
    """What became of it; open and waiting are not the last word."""

    upload_id: int
    state: State
    words: str
    media_id: int | None
    url: str | None
    job: JobRef | None


@api.post("/media/direct")
@endpoint(
    Contract(
        "Announce a picture that goes straight to the bucket",
        body=DirectBody,
        answers={201: DirectForm},
        is_counted=True,
    )
)
def open_direct(body: DirectBody) -> tuple[DirectForm, int]:
    bucket = direct_storage()
    if bucket is None:
        abort(409, NOT_HERE)
    filename = clean_filename(body.filename)
    refuse_too_large(filename, body.filesize)
    if body.gallery_id:
        find_gallery(body.gallery_id)
    given = body.model_dump(exclude={"filename", "batch"})
    count_announced(body.filesize)
    upload = open_direct_upload(place_of(body.batch), filename=filename, created_by=current_user.id, **given)
    return form_for(upload, bucket), 201


def refuse_too_large(filename: str, size: int) -> None:
    limit = current_app.config["SETTINGS"].max_upload_bytes
    if size > limit:
        words = words_for_size(filename, size, limit)
        raise Unfit(413, {"filesize": words}, words)


def place_of(batch: BatchPlace | None) -> Place | None:
    if batch is None:
        return None
    return Place(open_batch(batch.key, batch.files, by=current_user.id).id, batch.number)


def form_for(upload: DirectUpload, bucket: S3Storage) -> DirectForm:
    expires_at = utcnow() + VALID_FOR
    form = bucket.form_for(upload.storage_key, upload.mime_type, upload.filesize, int(VALID_FOR.total_seconds()))
    return DirectForm(upload_id=upload.id, url=form.url, fields=form.fields, expires_at=expires_at)


@api.post("/media/direct/<row:upload_id>/complete")
@endpoint(Contract("Say that all of it is there, and have it checked", answers={202: DirectAnswer}))
def complete_direct(upload_id: int) -> tuple[DirectAnswer, int]:
    return direct_answer(complete(upload_id, current_user.id)), 202


@api.get("/media/direct/<row:upload_id>")
@endpoint(Contract("What became of a picture that went to the bucket", answers={200: DirectAnswer}))
def show_direct(upload_id: int) -> DirectAnswer:
    return direct_answer(find_direct_upload(upload_id, current_user.id))


def direct_answer(upload: DirectUpload) -> DirectAnswer:
    state, words = state_of(upload)
    job, media = job_of(upload), upload.media
    return DirectAnswer(
        upload_id=upload.id,
        state=state,
        words=words,
        media_id=upload.media_id,
        url=original_url(media) if media else None,
        job=JobRef(id=job.id, status=job.status) if job else None,
    )

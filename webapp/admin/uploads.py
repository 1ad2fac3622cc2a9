"""What becomes of each file of an upload form, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import abort, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from webapp.admin import asked
from webapp.fates import settle
from webapp.models import progress
from webapp.models.batch import MOST_FILES, UPLOADED, Batch, Place, open_batch
from webapp.models.gallery import Gallery, find_gallery
from webapp.models.media import Media
from webapp.uploads import take_upload

BATCH_KEY = re.compile(r"[0-9A-Za-z-]{16,40}")


@dataclass(frozen=True)
class Outcome:
    filename: str
    state: str  # uploaded, duplicate, restored or rejected
    words: str
    media: Media | None
    status_code: int

    @property
    def in_library(self) -> bool:
        return self.media is not None

    def as_json(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"filename": self.filename, "state": self.state, "words": self.words}
        if self.media is None:
            return answer | {"mediaId": None, "url": None, "card": "", "progress": "", "needsAlt": ""}
        lines = progress.of_media(self.media)
        return answer | {
            "mediaId": self.media.id,
            "url": url_for("media.show", media_id=self.media.id),
            "card": render_template("media/_card.html", media=self.media, lines=lines),
            "progress": render_template("media/_progress.html", media=self.media, lines=lines),
            "needsAlt": render_template("media/_needs_alt_link.html", media=self.media).strip(),
        }


def chosen_files() -> list[FileStorage]:
    """What was sent; a browser sends one nameless part when nothing was chosen."""
    return [file for file in request.files.getlist("files") if file.filename]


def wanted_gallery() -> Gallery | None:
    """The gallery that the pictures are uploaded into. Raises LookupError."""
    if not request.form.get("gallery_id"):
        return None
    return find_gallery(asked.number(request.form["gallery_id"], "There is no such gallery."))


def wanted_batch(files: list[FileStorage]) -> Batch | None:
    """The batch that the page names, or one of its own for a form of many files."""
    if "batch" in request.form:
        key, planned = request.form["batch"], asked.number(request.form.get("batch_files"), "Say how many files come.")
        if not BATCH_KEY.fullmatch(key) or not 0 < planned <= MOST_FILES:
            abort(400, "This upload can't be told from others. Reload the page, and try again.")
        return open_batch(key, planned, by=current_user.id)
    if len(files) > 1:
        return open_batch(str(uuid4()), len(files), by=current_user.id)
    return None


def place_of(number: int, batch: Batch | None) -> Place | None:
    """Which file of the batch it is: its number in this form, after that with which the form begins."""
    if batch is None:
        return None
    first = asked.number(request.form.get("batch_number", "0"), "Say which file this is.")
    if not 0 <= first < MOST_FILES:
        abort(400, "Say which file this is.")
    return Place(batch.id, first + number)


def take(file: FileStorage, gallery: Gallery | None, place: Place | None = None) -> Outcome:
    uploaded = take_upload(
        file,
        created_by=current_user.id,
        allow_duplicate=request.form.get("allow_duplicate") in ("1", "on", "true"),
        place=place,
    )
    gallery_id = gallery.id if gallery else None
    state, words = settle(uploaded, place=place, gallery_id=gallery_id, by=current_user.id)
    return Outcome(uploaded.filename, state, words, uploaded.media, uploaded.status_code)


def status_of(outcomes: list[Outcome]) -> int:
    """200 as soon as one file is in the library; 201 when all are new."""
    if not any(outcome.in_library for outcome in outcomes):
        return outcomes[0].status_code
    return 201 if all(outcome.state == UPLOADED for outcome in outcomes) else 200


def take_all() -> tuple[list[Outcome], Gallery | None, Batch | None]:
    """Raises LookupError for an unknown gallery, before anything is stored."""
    files, gallery = chosen_files(), wanted_gallery()
    if not files:
        abort(400, "No picture was chosen. Go back, choose one or more, and upload them.")
    batch = wanted_batch(files)
    places = [place_of(number, batch) for number in range(len(files))]
    return [take(file, gallery, place) for file, place in zip(files, places, strict=True)], gallery, batch

"""Pictures of a batch by the hundred, as rows; nobody looks at their files."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select

from webapp.database import transaction
from webapp.imaging import Facts
from webapp.models.batch import NEW, UPLOADED, BatchFile, Place, open_batch
from webapp.models.media import Media, add_media
from webapp.storage import StoredFile


def new_batch(planned: int) -> int:
    """Its id."""
    return open_batch(str(uuid4()), planned).id


def add_picture(batch_id: int | None, number: int, **words: Any) -> Media:
    """The media of this file of the batch, or of an upload alone, with its jobs; with `alt`, `caption` or `tags`."""
    name = f"{batch_id}-{number}"
    facts = Facts(mime_type="image/jpeg", extension="jpg", width=4, height=3, frames=1)
    place = None if batch_id is None else Place(batch_id, number)
    stored = StoredFile(f"originals/{name}", 1, name)
    media, _job = add_media(stored, facts, filename=f"{name}.jpg", place=place, **words)
    return media


def add_at_once(batch_id: int, numbers: range) -> None:
    """Files of the batch that wait for its sync. Whoever adds the next one asks for that."""
    facts = {"mime_type": "image/jpeg", "filesize": 1, "width": 4, "height": 3, "batch_id": batch_id}
    names = {number: f"{batch_id}-{number}" for number in numbers}
    media = [
        facts | {"storage_key": f"originals/{name}", "sha256": name, "filename": f"{name}.jpg"}
        for name in names.values()
    ]
    with transaction() as session:
        session.execute(insert(Media), media)
        ids = dict(session.execute(select(Media.sha256, Media.id).where(Media.batch_id == batch_id)).all())
        files = [
            {"batch_id": batch_id, "number": number, "filename": f"{name}.jpg", "fate": UPLOADED, "words": NEW}
            | {"media_id": ids[name]}
            for number, name in names.items()
        ]
        session.execute(insert(BatchFile), files)

"""Pictures of a batch by the hundred, as rows with their jobs; nobody looks at their files."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from webapp.imaging import Facts
from webapp.models.batch import Place, open_batch
from webapp.models.media import Media, add_media
from webapp.storage import StoredFile


def new_batch(planned: int) -> int:
    """Its id."""
    return open_batch(str(uuid4()), planned).id


def add_picture(batch_id: int | None, number: int, **words: Any) -> Media:
    """The media of this file of the batch, or of an upload alone; with `alt`, `caption` or `tags`."""
    name = f"{batch_id}-{number}"
    facts = Facts(mime_type="image/jpeg", extension="jpg", width=4, height=3, frames=1)
    place = None if batch_id is None else Place(batch_id, number)
    stored = StoredFile(f"originals/{name}", 1, name)
    media, _job = add_media(stored, facts, filename=f"{name}.jpg", place=place, **words)
    return media

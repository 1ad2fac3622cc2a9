"""Real pictures for the public pages: uploaded like any other, their renditions made by the real task."""

from __future__ import annotations

import io
from itertools import count
from typing import Any

from PIL import Image
from werkzeug.datastructures import FileStorage

from webapp.database import db, transaction
from webapp.jobs import Job
from webapp.models.gallery import Item, add_item
from webapp.models.media import Media, Rendition
from webapp.models.page import PUBLISHED, Page, create_page
from webapp.storage import incoming_file, storage
from webapp.uploads import take_upload
from workers.perform import perform_job

_number = count(1)


def upload(width: int = 600, height: int = 400, *, ready: bool = True, **words: Any) -> Media:
    """A media as an editor uploads it; with its renditions, unless it shall not be ready."""
    media = take(a_jpeg(width, height), **words)
    if ready:
        for job in db.session.query(Job).filter_by(subject=media.subject, task_slug="makeRenditions"):
            assert perform_job(job.id) == "succeeded"
        db.session.refresh(media)
    return media


def take(jpeg: bytes, **words: Any) -> Media:
    file = FileStorage(stream=incoming_file(), filename=f"DSC_{next(_number)}.jpg")  # type: ignore[arg-type]
    file.stream.write(jpeg)
    media = take_upload(file, **words).media
    assert media is not None
    return media


def a_jpeg(width: int, height: int) -> bytes:
    """No two are alike, or the library would take them for one."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "JPEG", comment=f"number {next(_number)}")
    return out.getvalue()


def page_with(*media: Media, status: str = PUBLISHED, title: str = "Summer fair", **block: Any) -> Page:
    """A page with one gallery in which these hang."""
    page = create_page(title, status=status, layout=[{"blockType": "gallery", **block}])
    hang(page, *media)
    return page


def hang(page: Page, *media: Media, block: int = 0) -> None:
    for each in media:
        add_item(page.blocks[block].id, each.id)


def many_like(media: Media, number: int, gallery_id: int, *, with_files: bool = False) -> None:
    """Hang this many more with the renditions of one; drawing hundreds would only take time."""
    with transaction() as session:
        for place in range(number):
            name = f"copy-{next(_number)}"
            copy = Media(storage_key=name, filename=name, mime_type="image/jpeg", filesize=1, width=600, height=400)
            copy.sha256, copy.is_ready, copy.alt = name, True, f"Copy {place}"
            copy.renditions = [rendition_like(each, name) for each in media.renditions]
            session.add(copy)
            session.flush()
            if with_files:
                copy_files(media, copy)
            session.add(Item(gallery_id=gallery_id, media_id=copy.id, source="manual", position=place))


def copy_files(media: Media, copy: Media) -> None:
    for old, new in zip(media.renditions, copy.renditions, strict=True):
        with storage().open(old.storage_key) as file:
            storage().put(new.storage_key, file.read(), new.mime_type)


def rendition_like(rendition: Rendition, name: str) -> Rendition:
    file = f"{name}-{rendition.width}.{rendition.mime_type.partition('/')[2]}"
    return Rendition(
        storage_key=file, name=file, mime_type=rendition.mime_type, width=rendition.width, height=rendition.height,
        filesize=rendition.filesize,
    )  # fmt: skip

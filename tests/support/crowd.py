"""A library of any size at once, by set-based inserts: for tests that look at what a crowd costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, update

from webapp.database import db, transaction, utcnow
from webapp.jobs.job import Job
from webapp.models import search_text
from webapp.models.gallery import Gallery, Item
from webapp.models.media import Media, MediaTag, Rendition
from webapp.models.page import Page
from webapp.models.searchable import SEARCHABLE

AT_ONCE = 2000  # rows
TYPES = ("jpeg", "png", "webp")
SHAPES = ((640, 480), (480, 640), (500, 500))


def fill(*, pictures: int, items: int, pages: int, jobs: int, by: int) -> int:
    """The id of the one full gallery; it has hidden pictures too, and each kind of filter finds some of the others.

    Everything is settled, apart from pictures whose renditions or sync failed.
    """
    start = utcnow() - timedelta(days=30)
    with transaction():
        add(Page, [{"id": n, "title": f"Page {n}", "slug": f"page-{n}"} for n in range(1, pages + 1)])
        add(Gallery, [{"id": n, "page_id": n, "position": 0, "type": "gallery"} for n in range(1, pages + 1)])
        db.session.execute(update(Gallery).where(Gallery.id == 1).values(auto_sync=True, auto_sync_since=start))
        add(Media, [media(n, start, by) for n in range(1, pictures + 1)])
        add(Rendition, [rendition(n) for n in range(1, pictures + 1) if not failed(n)])
        add(MediaTag, [{"media_id": n, "tag": tag} for n in range(1, pictures + 1) for tag in tags(n)])
        add(Item, [item(n) for n in range(1, items + 1)])
        add(Job, [job(n) for n in range(1, pictures + 1)])
        add(Job, [job(1) for _ in range(pictures, jobs)])
        db.session.execute(update(Media).where(Media.id == pictures).values(deleted_at=start))
        for collection in SEARCHABLE.values():
            search_text.fill(collection)
    return 1


def empty() -> None:
    with transaction():
        for model in (Job, Page, Media):  # and with them their items, tags and renditions
            db.session.execute(delete(model))
        for collection in SEARCHABLE.values():
            search_text.fill(collection)


def add(model: type[Any], rows: list[dict[str, Any]]) -> None:
    for first in range(0, len(rows), AT_ONCE):
        db.session.execute(insert(model), rows[first : first + AT_ONCE])


def failed(number: int) -> bool:
    return number % 50 == 7


def tags(number: int) -> list[str]:
    return ["sea", f"tag {number % 300}"] if number % 2 else ["harbour"]


def media(number: int, start: Any, by: int) -> dict[str, Any]:
    width, height = SHAPES[number % 3]
    return {
        "id": number,
        "storage_key": f"originals/{number}",
        "filename": f"picture-{number}.jpg",
        "mime_type": f"image/{TYPES[number // 2 % 3]}",
        "filesize": 1000 + number * 7919 % 100_000,
        "width": width,
        "height": height,
        "sha256": f"{number:064x}",
        "alt": f"Boats in the harbour, number {number}" if number % 4 else "",
        "caption": f"On day {number}",
        "is_ready": not failed(number),
        "synced_at": start,
        "created_by": by,
        "created_at": start + timedelta(minutes=number),
    }


def rendition(number: int) -> dict[str, Any]:
    name = f"{number}-320.webp"
    facts = {"width": 320, "height": 240, "filesize": 900, "mime_type": "image/webp"}
    return {"media_id": number, "storage_key": f"renditions/{name}", "name": name, **facts}


def item(number: int) -> dict[str, Any]:
    auto = number % 2 == 0
    return {
        "media_id": number,
        "gallery_id": 1,
        "source": "auto" if auto else "manual",
        "position": number * 1024,
        "hidden": number % 5 == 0,
        "added_by": None,
        "added_at": utcnow(),
    }


def job(number: int) -> dict[str, Any]:
    state = {"status": "failed", "error": "away"} if failed(number) else {"status": "succeeded", "error": None}
    about = {"subject": f"media:{number}", "input": {"mediaId": number}, "meta": {}}
    return {"task_slug": "makeRenditions", "queue": "images", "completed_at": utcnow(), **state, **about}

"""Large sites in seconds: rows as the product would have made them, put in by the thousand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from typing import Any, cast

from sqlalchemy import Table, insert, select, text

from tests.support.product import Product
from webapp.database import Model, db, transaction, utcnow
from webapp.imaging.renditions import SIZES
from webapp.models import Block, Item, Media, Page, Rendition, search_text
from webapp.models.gallery import position_of
from webapp.models.media import MediaTag
from webapp.models.searchable import SEARCHABLE

AT_ONCE = 5000  # rows
GALLERIES_A_PAGE = 10
WORDS = (
    "harbour",
    "summer",
    "fair",
    "mountain",
    "snow",
    "river",
    "crowd",
    "night",
    "garden",
    "bridge",
    "market",
    "sea",
)


def fill_galleries(product: Product, count: int) -> None:
    """This many auto-sync galleries."""
    pages = [{"title": f"Page {n}", "slug": f"page-{n}-a"} for n in range(-(-count // GALLERIES_A_PAGE))]
    put(product, Page, pages)
    ids = numbers(product, Page)
    put(product, Block, (a_gallery(ids[n // GALLERIES_A_PAGE], n) for n in range(count)))


def a_gallery(page_id: int, number: int) -> dict[str, Any]:
    facts = {"type": "gallery", "position": number % GALLERIES_A_PAGE, "title": f"Gallery {number}"}
    return facts | {"page_id": page_id, "auto_sync": True, "auto_sync_since": utcnow()}


def fill_library(product: Product, count: int, *, every_rendition: bool = False) -> list[int]:
    """This many pictures with their words, and two renditions or all; their ids."""
    put(product, Media, (a_picture(n) for n in range(count)))
    ids = numbers(product, Media)
    kinds = [(kind, width) for kind in ("webp", "jpeg") for width in SIZES[:1]]
    if every_rendition:
        kinds = [(kind, width) for kind in ("avif", "webp", "jpeg") for width in SIZES]
    put(product, Rendition, (a_rendition(media_id, *kind) for media_id in ids for kind in kinds))
    put(product, MediaTag, (a_tag(media_id, place) for media_id in ids for place in range(2)))
    with product.rows(), transaction():
        search_text.fill(SEARCHABLE["media"])
    tidy(product)
    return ids


def a_picture(number: int) -> dict[str, Any]:
    words = " ".join(WORDS[(number // len(WORDS) ** place) % len(WORDS)] for place in range(3))
    return {
        "storage_key": f"originals/{number:08d}.jpg",
        "filename": f"IMG_{number:06d}.jpg",
        "mime_type": "image/jpeg",
        "filesize": 500_000 + number,
        "width": 4000,
        "height": 3000,
        "sha256": f"{number:064x}",
        "alt": f"{words} {number}",
        "is_ready": True,
        "synced_at": utcnow(),
        "created_at": utcnow() - timedelta(seconds=10_000_000 - number),
    }


def a_rendition(media_id: int, kind: str, width: int) -> dict[str, Any]:
    name = f"{media_id}-{width}-0123456789abcdef.{kind}"
    size = {"width": width, "height": width * 3 // 4, "filesize": 20_000}
    key = f"renditions/{media_id % 1000:03d}/{name}"
    return {"media_id": media_id, "storage_key": key, "name": name, "mime_type": f"image/{kind}", **size}


def a_tag(media_id: int, place: int) -> dict[str, Any]:
    return {"media_id": media_id, "tag": f"{WORDS[(media_id + place) % len(WORDS)]}-{media_id % 7}-{place}"}


def tidy(product: Product) -> None:
    """What PostgreSQL does by itself within a minute after so many rows came."""
    with product.rows():
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect() as connection:
                connection.execute(text("VACUUM ANALYZE"))


def hang(product: Product, gallery_id: int, media_ids: list[int]) -> None:
    """Each in this gallery, in this order."""
    start = position_of(utcnow())
    items = (
        {"gallery_id": gallery_id, "media_id": media_id, "source": "auto", "position": start + place * 1024}
        for place, media_id in enumerate(media_ids)
    )
    put(product, Item, items)
    tidy(product)


def put(product: Product, model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    left = iter(rows)
    with product.rows():
        while some := list(islice(left, AT_ONCE)):
            with transaction() as session:
                session.execute(insert(cast(Table, model.__table__)), some)


def numbers(product: Product, model: type[Media] | type[Page]) -> list[int]:
    with product.rows() as session:
        return list(session.scalars(select(model.id).order_by(model.id)))

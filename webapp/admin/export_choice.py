"""Which pictures are to be exported, as an address or a form says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import request
from sqlalchemy import Select, func, select

from webapp.admin.library_filters import LibraryFilter
from webapp.extensions import db
from webapp.models.gallery import Gallery, find_gallery, shown_items
from webapp.models.library import Wanted, library, uploaders
from webapp.models.media import Media
from webapp.models.page import Page
from webapp.models.progress import counted

ALL, FOUND, CHOSEN, GALLERY = KINDS = ("all", "found", "chosen", "gallery")
MOST_CHOSEN = 5000  # pictures by their ids
GALLERIES_TO_CHOOSE_FROM = 500


class UnfitChoice(ValueError):
    """It can't be exported; `field` says where, the message why."""

    def __init__(self, field: str, words: str) -> None:
        self.field = field
        super().__init__(words)


@dataclass(frozen=True)
class Choice:
    """What the library was asked for, the pictures that were ticked there, or a gallery."""

    kind: str
    filters: dict[str, str] = field(default_factory=dict)  # of the library, as in its address
    ids: tuple[int, ...] = ()
    gallery_id: int | None = None

    def pictures(self) -> Select[Any]:
        """Raises LookupError, UnfitChoice."""
        if self.kind == FOUND:
            return library(as_in_library(self.filters).wanted)
        if self.kind == CHOSEN:
            return library(Wanted()).where(Media.id.in_(self.ids))
        return pictures_of_gallery(self.gallery_id) if self.kind == GALLERY else library(Wanted())

    def title(self) -> str:
        """Raises LookupError, UnfitChoice."""
        if self.kind == FOUND:
            return f"Pictures: {', '.join(chip.words for chip in as_in_library(self.filters).chips(names_of_people()))}"
        if self.kind == CHOSEN:
            return counted(len(self.ids), "selected picture", "selected pictures")
        return f"Gallery {title_of(the_gallery(self.gallery_id))}" if self.kind == GALLERY else "All pictures"


def asked_choice() -> Choice:
    """Of the form or the address; what is missing there says nothing. Raises UnfitChoice."""
    filters, ids = LibraryFilter.asked().named, asked_ids()
    kind = request.values.get("what", "")
    if kind not in KINDS:
        kind = CHOSEN if ids else FOUND if filters else GALLERY if request.values.get("gallery") else ALL
    if kind == FOUND and not filters:
        kind = ALL
    if kind == CHOSEN and not ids:
        raise UnfitChoice("what", "No picture is selected. Select some in the library first.")
    return Choice(kind, filters, ids, id_of(request.values.get("gallery", "")))


def as_in_library(filters: dict[str, str]) -> LibraryFilter:
    return LibraryFilter(filters, sort="newest", view="grid", trash=False)


def names_of_people() -> dict[int, str]:
    return {person.id: person.name for person in uploaders()}


def asked_ids() -> tuple[int, ...]:
    """`ids` may come several times, and with commas. Raises UnfitChoice."""
    typed = ",".join(request.values.getlist("ids")).split(",")
    ids = sorted({found for one in typed if (found := id_of(one.strip())) is not None})
    if len(ids) > MOST_CHOSEN:
        raise UnfitChoice("what", f"These are too many to select. Select at most {MOST_CHOSEN:,}, or all pictures.")
    return tuple(ids)


def id_of(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() and len(typed) < 19 else None


def pictures_of_gallery(gallery_id: int | None) -> Select[Any]:
    return select(Media).where(Media.id.in_(shown_items(the_gallery(gallery_id).id).with_only_columns(Media.id)))


def the_gallery(gallery_id: int | None) -> Gallery:
    if gallery_id is None:
        raise UnfitChoice("gallery", "Choose a gallery.")
    return find_gallery(gallery_id)


def title_of(gallery: Gallery) -> str:
    return f"“{gallery.title}” on {gallery.page.title}" if gallery.title else f"on {gallery.page.title}"


def galleries_to_choose_from() -> list[tuple[int, str]]:
    found = select(Gallery).join(Page).where(Page.deleted_at.is_(None)).order_by(Page.title, Gallery.position)
    return [(one.id, title_of(one)) for one in db.session.scalars(found.limit(GALLERIES_TO_CHOOSE_FROM))]


def count_of(choice: Choice) -> int:
    found = choice.pictures().order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    return db.session.scalar(found) or 0

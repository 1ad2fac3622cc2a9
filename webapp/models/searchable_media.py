"""Pictures as they are searched: by alt text, file name, caption and tags."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from webapp.models.cover import PUBLIC, is_cover
from webapp.models.gallery import Item
from webapp.models.media import Media, MediaTag
from webapp.models.page import PUBLISHED, Block, Page
from webapp.models.searchable import Collection, Document, declare

A_WORD = re.compile(r"[^\W\d_]+")
BY_CAMERAS = {"dcim", "dsc", "dscf", "dscn", "img", "imgp", "mvimg", "pict", "pxl"}
BY_CAMERAS |= {"image", "photo", "picture", "scan", "screenshot", "untitled"}  # and by programs
SHORTEST = 3  # letters of a word in our alphabet; other scripts have words of one


def texts() -> Select[int, str, str]:
    title = case((Media.alt != "", Media.alt), else_=Media.filename)
    tags = func.coalesce(_tags().scalar_subquery(), "")
    return select(Media.id, title, Media.caption.concat("\n").concat(tags).concat("\n").concat(Media.filename))


def _tags() -> Select[str]:
    """One a line, since a word of a question is within a line."""
    of_media = select(MediaTag.tag).where(MediaTag.media_id == Media.id).order_by(MediaTag.tag)
    tags = of_media.correlate(Media).subquery()
    return select(func.aggregate_strings(tags.c.tag, "\n"))


def is_public() -> ColumnElement[bool]:
    """Everybody may see a page that shows it, or a post whose cover it is; and it has something to show."""
    public = (Page.status == PUBLISHED, Page.deleted_at.is_(None))
    hangs = select(Item.media_id).join(Block, Block.id == Item.gallery_id).join(Page, Page.id == Block.page_id)
    hangs = hangs.where(Item.media_id == Media.id, ~Item.hidden, *public).correlate(Media)
    alone = select(Block.id).join(Page, Page.id == Block.page_id)
    alone = alone.where(Block.media_id == Media.id, *public).correlate(Media)
    return and_(
        Media.deleted_at.is_(None), Media.is_ready, or_(hangs.exists(), alone.exists(), is_cover(Media.id, PUBLIC))
    )


def is_in_library() -> ColumnElement[bool]:
    """Editors look for pictures that hang nowhere yet."""
    return Media.deleted_at.is_(None)


def meant(document: Document) -> Document:
    """A name such as IMG_1234.jpg says nothing, and would pull what else is said away from what it means.

    A picture of which nothing else is said has no words then: it would be found by what makes no sense either.
    """
    said, _, filename = document.text.rpartition("\n")
    words = words_of_file(filename)
    title = words if document.title == filename else document.title
    return document._replace(title=title, text=f"{said}\n{words}".strip())


def words_of_file(filename: str) -> str:
    """Those that somebody gave it."""
    found = A_WORD.findall(filename.rpartition(".")[0] or filename)
    return " ".join(each for each in found if _is_given(each))


def _is_given(word: str) -> bool:
    return word.lower() not in BY_CAMERAS and (len(word) >= SHORTEST or not word.isascii())


MEDIA = declare(
    Collection("media", 1, Media, texts, is_public, has_vectors=is_in_library, label="Pictures", meant=meant)
)

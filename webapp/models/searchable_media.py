"""Pictures as they are searched: by alt text, file name, caption and tags."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from webapp.models.cover import PUBLIC, is_cover
from webapp.models.gallery import Item
from webapp.models.media import Media, MediaTag
from webapp.models.page import PUBLISHED, Block, Page
from webapp.models.searchable import Collection, declare


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


MEDIA = declare(Collection("media", 1, Media, texts, is_public, has_vectors=is_in_library, label="Pictures"))

"""The pictures that stand alone on a page: its picture blocks, with their captions."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from webapp.database import db
from webapp.models.media import Media
from webapp.models.page import Page
from webapp.models.picture import PictureBlock
from webapp.site.pictures import Picture, with_renditions


@dataclass(frozen=True)
class LonePicture:
    picture: Picture
    caption: str


def lone_pictures(page: Page) -> dict[int, LonePicture]:
    """By block id; without those whose media is in the trash or has no renditions yet."""
    blocks = [block for block in page.blocks if isinstance(block, PictureBlock) and block.media_id]
    if not blocks:
        return {}
    shown = (Media.id.in_({block.media_id for block in blocks}), Media.deleted_at.is_(None), Media.is_ready)
    pictures = with_renditions(db.session.scalars(select(Media).where(*shown)))
    return {
        block.id: LonePicture(pictures[block.media_id], block.body.strip() or pictures[block.media_id].media.caption)
        for block in blocks
        if block.media_id in pictures
    }

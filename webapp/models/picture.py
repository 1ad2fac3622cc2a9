"""Picture blocks: one picture of the library on a page."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Mapped, relationship

from webapp.database import db
from webapp.models.media import Media
from webapp.models.page import PICTURE, Block, Page, UnfitPage, live_page, save_page


class PictureBlock(Block):
    """Its `body` is the caption; without one it has that of the media."""

    __mapper_args__ = {"polymorphic_identity": PICTURE}

    media: Mapped[Media | None] = relationship(viewonly=True)

    def show_picture(self, wanted: dict[str, Any]) -> None:
        if "caption" in wanted:
            self.body = wanted["caption"]
        if "mediaId" not in wanted or wanted["mediaId"] == self.media_id:
            return
        if wanted["mediaId"] is not None and not existing_media([wanted["mediaId"]]):
            raise UnfitPage(layout=f"There is no picture {wanted['mediaId']}.")
        self.media_id = wanted["mediaId"]


def existing_media(media_ids: Collection[int]) -> set[int]:
    """Those of them that there are, in the library or in the trash."""
    return set(db.session.scalars(select(Media.id).where(Media.id.in_(media_ids)))) if media_ids else set()


def choose_picture(page_id: int, version: int, block_id: int, media_id: int, *, by: int | None = None) -> Page:
    """Show this media in the block, and leave all else as it is. Raises LookupError, PageConflict, UnfitPage."""
    layout: list[dict[str, Any]] = [{"id": block.id} for block in live_page(page_id).blocks]
    for block in layout:
        if block["id"] == block_id:
            block["mediaId"] = media_id
    return save_page(page_id, version, {}, layout, by=by)


def picture_blocks_showing(media_id: int) -> Select[PictureBlock]:
    """Where this media stands alone, by page and place."""
    return (
        select(PictureBlock)
        .join(Page, Page.id == PictureBlock.page_id)
        .where(PictureBlock.media_id == media_id, Page.deleted_at.is_(None))
        .order_by(Page.title, Page.id, PictureBlock.position)
    )

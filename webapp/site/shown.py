"""All that a visitor sees on a page: its galleries, and the pictures that stand alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from webapp.models.page import TEXT, Page
from webapp.site.alone import LonePicture, lone_pictures
from webapp.site.galleries import PAGE_SIZE, ShownGallery, shown_galleries
from webapp.site.pictures import Picture
from webapp.site.text import excerpt


@dataclass(frozen=True)
class ShownPage:
    """The number-th part of it; texts and lone pictures are on the first."""

    page: Page
    number: int
    galleries: dict[int, ShownGallery]
    alone: dict[int, LonePicture]

    @property
    def last_number(self) -> int:
        return max((ceil(gallery.total / PAGE_SIZE) for gallery in self.galleries.values()), default=1)

    @property
    def has_text(self) -> bool:
        return any(block.type == TEXT for block in self.page.blocks)

    @property
    def description(self) -> str:
        texts = (block.body for block in self.page.blocks if block.type == TEXT and block.body.strip())
        count = len(self.alone) + sum(gallery.total for gallery in self.galleries.values())
        return excerpt(next(texts, "")) or f"{self.page.title}: {count:,} {'picture' if count == 1 else 'pictures'}"

    def pictures(self) -> Iterator[tuple[int, Picture, str]]:
        """Each with its block's id and its caption, in the order of the page."""
        for block in self.page.blocks:
            if block.id in self.galleries:
                for picture in self.galleries[block.id].pictures:
                    yield block.id, picture, picture.media.caption
            elif block.id in self.alone:
                yield block.id, self.alone[block.id].picture, self.alone[block.id].caption

    def anchors(self) -> set[tuple[int, int]]:
        """The block and media where #picture-42 leads; a picture may stand twice on a page, an anchor may not."""
        first: dict[int, int] = {}
        for block_id, picture, _ in self.pictures():
            first.setdefault(picture.media.id, block_id)
        return {(block_id, media_id) for media_id, block_id in first.items()}


def shown_page(page: Page, number: int) -> ShownPage:
    return ShownPage(page, number, shown_galleries(page, number), lone_pictures(page) if number == 1 else {})

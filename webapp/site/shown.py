"""All that a visitor sees on a page: its texts, its galleries, and the pictures that stand alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from typing import Any

from sqlalchemy import Row

from webapp.models.page import GALLERY, PICTURE, PUBLISHED, TEXT
from webapp.site.galleries import PAGE_SIZE, page_rows, picture_rows
from webapp.site.pictures import Picture
from webapp.site.text import excerpt


@dataclass(frozen=True)
class ShownBlock:
    """A block with the pictures of this part of the page."""

    id: int
    type: str
    title: str
    body: str  # of a picture block: its own caption
    style: str
    total: int  # pictures in the whole gallery
    first: int  # the place of the first of `pictures` in the gallery
    pictures: list[Picture] = field(default_factory=list)

    @property
    def last(self) -> int:
        return self.first + len(self.pictures) - 1

    def caption_of(self, picture: Picture) -> str:
        return (self.type == PICTURE and self.body.strip()) or picture.caption


@dataclass(frozen=True)
class ShownPage:
    """The number-th part of a page; texts and lone pictures are on the first."""

    id: int
    title: str
    slug: str
    number: int
    has_posts: bool  # the site has some, to which the page links
    blocks: list[ShownBlock]

    @property
    def galleries(self) -> list[ShownBlock]:
        return [block for block in self.blocks if block.type == GALLERY and block.pictures]

    @property
    def last_number(self) -> int:
        return max((ceil(block.total / PAGE_SIZE) for block in self.blocks if block.type == GALLERY), default=1) or 1

    @property
    def has_text(self) -> bool:
        return any(block.type == TEXT for block in self.blocks)

    @cached_property
    def description(self) -> str:
        texts = (block.body for block in self.blocks if block.type == TEXT and block.body.strip())
        lone = sum(len(block.pictures) for block in self.blocks if block.type == PICTURE)
        count = lone + sum(block.total for block in self.galleries)
        return excerpt(next(texts, "")) or f"{self.title}: {count:,} {'picture' if count == 1 else 'pictures'}"

    def pictures(self) -> Iterator[tuple[ShownBlock, Picture]]:
        """In the order of the page."""
        return ((block, picture) for block in self.blocks for picture in block.pictures)

    @cached_property
    def anchors(self) -> set[tuple[int, int]]:
        """The block and media where #picture-42 leads; a picture may stand twice on a page, an anchor may not."""
        first: dict[int, int] = {}
        for block, picture in self.pictures():
            first.setdefault(picture.id, block.id)
        return {(block_id, media_id) for media_id, block_id in first.items()}


@dataclass(frozen=True)
class Found:
    """All that the database says of the number-th part of a page: whatever is shown of it comes from here."""

    number: int
    page: Sequence[Row[Any]]  # of page_rows()
    pictures: Sequence[Row[Any]]  # of picture_rows()

    @property
    def is_in_trash(self) -> bool:
        return self.page[0].deleted_at is not None

    @property
    def is_public(self) -> bool:
        return self.page[0].status == PUBLISHED and not self.is_in_trash

    @property
    def has_content(self) -> bool:
        """The first part of a page is there even without pictures."""
        return self.number == 1 or bool(self.pictures)

    def shown(self) -> ShownPage:
        blocks = [self._block(row) for row in self.page if row.block_id is not None]
        by_id = {block.id: block for block in blocks}
        for row in self.pictures:
            if picture := Picture.of(row):
                by_id[row.block_id].pictures.append(picture)
        page = self.page[0]
        return ShownPage(page.id, page.title, page.slug, self.number, bool(page.has_posts), blocks)

    def _block(self, row: Row[Any]) -> ShownBlock:
        first = PAGE_SIZE * (self.number - 1) + 1
        return ShownBlock(row.block_id, row.type, row.block_title, row.body, row.style, row.total, first)


def find(number: int, **found_by: Any) -> Found | None:
    """By `slug` or `id`, whether or not it is public."""
    page = page_rows(**found_by)
    if not page:
        return None
    galleries = [row.block_id for row in page if row.type == GALLERY]
    return Found(number, page, picture_rows(page[0].id, galleries, number))

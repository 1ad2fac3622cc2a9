"""Pages and blocks as they come in and go out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from flask import request
from pydantic import AfterValidator, Field, model_validator

from webapp.api.fields import MAX_INTEGER, Answer, Body, Caption, LongText, RowId, Text, Title, left_out
from webapp.api.usage import Hanging, pictures_in
from webapp.models.layout_settings import tag_of
from webapp.models.page import GALLERY, PICTURE, Block, Page
from webapp.models.rule import Rule, rule_of

NewItems = Literal["first", "last"]
Style = Literal["grid", "rows", "filmstrip"]
HOW = "How the public page lays the pictures out: even squares, whole pictures in rows, or one line to scroll sideways."
TAG = (
    "Stands for `autoSync`, `rule`, `newItems` and `style` as they were read. In a layout with it, what you send as "
    "you read it stays as somebody else set it since, and what both have set is answered with 409. Without it, what "
    "you send is done."
)
BlockType = Literal["text", "gallery", "picture"]
# What only one type of block has; the words of a picture are its caption.
OWN_FIELDS = {
    "gallery": {
        "auto_sync": "autoSync",
        "rule": "rule",
        "new_items": "newItems",
        "style": "style",
        "settings_tag": "settingsTag",
    },
    "picture": {"media_id": "mediaId", "caption": "caption"},
}


class BlockBody(Body):
    """One block. With an `id` it is one that is there, without one it is new and needs a `blockType`.

    `pageId`, `images` and `totalImages` may be sent back as they were read; they change nothing.
    """

    id: RowId = left_out()
    block_type: BlockType = left_out()
    title: Title = left_out()
    body: LongText = left_out()
    auto_sync: bool = left_out()
    rule: Rule | None = Field(None, description="Null or {} means every picture.")
    new_items: NewItems = left_out()
    style: Style = left_out(HOW)
    settings_tag: Text = left_out(TAG)
    page_id: RowId = left_out()
    images: list[int] = left_out()
    total_images: int = left_out()
    media_id: RowId | None = None
    caption: Caption = left_out()

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        sent = self.model_fields_set
        if not sent & {"id", "block_type"}:
            raise ValueError("A new block needs a blockType: text, gallery or picture.")
        for block_type, fields in OWN_FIELDS.items():
            wrong = [alias for name, alias in fields.items() if name in sent]
            if self.block_type not in (None, block_type) and wrong:
                raise ValueError(f"A {self.block_type} block has no {wrong[0]}.")
        return self


def each_once(blocks: list[BlockBody]) -> list[BlockBody]:
    ids = [block.id for block in blocks if block.id]
    if len(ids) != len(set(ids)):
        raise ValueError("Name each block once.")
    return blocks


Layout = Annotated[list[BlockBody], Field(max_length=500, fail_fast=True), AfterValidator(each_once)]


class NewPage(Body):
    title: Title
    slug: Text = Field("", max_length=100, description="Made from the title when it is left out.")
    status: Literal["draft", "published"] = "draft"
    layout: Layout = []


class PageChanges(Body):
    """`layout` is the whole list of blocks in order; a block that is not in it is removed."""

    version: int = Field(ge=1, le=MAX_INTEGER, description="As it was read. Another one is answered with 409.")
    title: Title = left_out()
    slug: Text = left_out()
    status: Literal["draft", "published"] = left_out()
    layout: Layout = left_out()


class BlockAnswer(Answer):
    id: int
    block_type: BlockType
    title: str


class TextBlockAnswer(BlockAnswer):
    body: str


class GalleryAnswer(BlockAnswer):
    page_id: int
    body: str = Field(description="Words above the pictures.")
    auto_sync: bool
    rule: Rule | None
    new_items: NewItems
    style: Style = Field(description=HOW)
    settings_tag: str = Field(description=TAG)
    images: list[int]
    total_images: int


class PictureAnswer(BlockAnswer):
    """Without a `caption` of its own it is shown with that of the media; a media in the trash is not shown."""

    media_id: int | None
    caption: str


AnyBlock = TextBlockAnswer | GalleryAnswer | PictureAnswer


class PageAnswer(Answer):
    id: int
    title: str
    slug: str
    url: str
    status: Literal["draft", "published"]
    version: int
    layout: list[AnyBlock]
    created_at: datetime
    updated_at: datetime


def page_answers(pages: Sequence[Page]) -> list[PageAnswer]:
    """In the same order, with a number of queries that does not grow with them."""
    hanging = pictures_in([block.id for page in pages for block in page.blocks if block.type == GALLERY])
    return [_answer(page, hanging) for page in pages]


def gallery_answer(block: Block, hanging: Hanging) -> GalleryAnswer:
    return GalleryAnswer(
        id=block.id,
        block_type="gallery",
        title=block.title,
        page_id=block.page_id,
        body=block.body,
        auto_sync=block.auto_sync,
        rule=rule_of(block.rule) if block.rule else None,
        new_items=block.new_items,
        style=block.style,
        settings_tag=tag_of(block),
        images=hanging.media_ids,
        total_images=hanging.total,
    )


def _answer(page: Page, hanging: dict[int, Hanging]) -> PageAnswer:
    return PageAnswer(
        id=page.id,
        title=page.title,
        slug=page.slug,
        url=f"{request.script_root}/{page.slug}",
        status=page.status,
        version=page.version,
        layout=[_block(block, hanging.get(block.id)) for block in page.blocks],
        created_at=page.created_at,
        updated_at=page.updated_at,
    )


def _block(block: Block, hanging: Hanging | None) -> AnyBlock:
    if hanging is not None:
        return gallery_answer(block, hanging)
    if block.type == PICTURE:
        words = {"title": block.title, "caption": block.body}
        return PictureAnswer(id=block.id, block_type="picture", media_id=block.media_id, **words)
    return TextBlockAnswer(id=block.id, block_type="text", title=block.title, body=block.body)

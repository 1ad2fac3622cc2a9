"""What an editor typed into the form of a page, and how it becomes a layout."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from flask import abort, request

from webapp.admin import asked
from webapp.models.page import BLOCK_TYPES, GALLERY, TEXT, Page

NOT_OUR_FORM = "This form can't be understood. Open the page again."


ADDED = {"add-text": TEXT, "add-gallery": GALLERY}
STEPS = {"move-up": -1, "move-down": 1}
ACTIONS = {"save", "remove", "remove-now", *ADDED, *STEPS}


@dataclass(frozen=True)
class Button:
    """What to do, and with which block."""

    action: str
    block_id: int | None = None


@dataclass(frozen=True)
class TypedBlock:
    id: int | None  # None: to be made when the page is saved
    type: str
    title: str = ""
    body: str = ""

    def as_layout(self) -> dict[str, Any]:
        there = {"id": self.id} if self.id else {}
        return there | {"blockType": self.type, "title": self.title, "body": self.body}


@dataclass(frozen=True)
class PageForm:
    version: int
    title: str
    slug: str
    status: str
    blocks: list[TypedBlock] = field(default_factory=list)

    @property
    def changes(self) -> dict[str, str]:
        return {"title": self.title, "slug": self.slug, "status": self.status}

    @property
    def layout(self) -> list[dict[str, Any]]:
        return [block.as_layout() for block in self.blocks]

    def after(self, button: Button) -> PageForm:
        """With one block added, moved or removed, as the pressed button says."""
        blocks = list(self.blocks)
        if button.action in ADDED:
            return replace(self, blocks=[*blocks, TypedBlock(None, ADDED[button.action])])
        places = [n for n, block in enumerate(blocks) if block.id and block.id == button.block_id]
        for place in places:
            block = blocks.pop(place)
            if button.action in STEPS:
                blocks.insert(max(0, place + STEPS[button.action]), block)
        return replace(self, blocks=blocks)

    def over(self, page: Page) -> PageForm:
        """Made to fit the page as somebody else left it: nothing typed is lost, and nothing that they added.

        A text block that they removed comes back; a gallery does not, for its pictures are gone with it.
        """
        there = {block.id for block in page.blocks}
        ours = [block if block.id in there else replace(block, id=None) for block in self.blocks]
        known = {block.id for block in ours}
        theirs = [block_of(block) for block in page.blocks if block.id not in known]
        kept = [block for block in ours if block.id or block.type == TEXT]
        return replace(self, version=page.version, blocks=kept + theirs)


def form_of(page: Page) -> PageForm:
    return PageForm(page.version, page.title, page.slug, page.status, [block_of(block) for block in page.blocks])


def block_of(block: Any) -> TypedBlock:
    return TypedBlock(block.id, block.type, block.title, block.body)


def typed_form() -> PageForm:
    """Answers 400 when the form is not one of ours."""
    return PageForm(
        version=asked.number(request.form.get("version"), NOT_OUR_FORM),
        title=asked.text("title"),
        slug=asked.text("slug"),
        status=asked.text("status"),
        blocks=typed_blocks(),
    )


def typed_blocks() -> list[TypedBlock]:
    names = ("block", "block_title", "block_body")
    columns = [[asked.plain(typed) for typed in request.form.getlist(name)] for name in names]
    if len({len(column) for column in columns}) != 1:
        abort(400, NOT_OUR_FORM)
    blocks = [TypedBlock(*id_and_type(key), title.strip(), body) for key, title, body in zip(*columns, strict=True)]
    ids = [block.id for block in blocks if block.id]
    if len(ids) != len(set(ids)):
        abort(400, NOT_OUR_FORM)
    return blocks


def id_and_type(key: str) -> tuple[int | None, str]:
    """Of "12:text", or ":text" for a block to be made."""
    block_id, _, block_type = key.partition(":")
    if block_type not in BLOCK_TYPES:
        abort(400, NOT_OUR_FORM)
    return (asked.number(block_id, NOT_OUR_FORM) if block_id else None), block_type


def pressed_button() -> Button:
    """Of "move-up:12"."""
    action, _, block_id = request.form.get("action", "save").partition(":")
    if action not in ACTIONS:
        abort(400, NOT_OUR_FORM)
    return Button(action, asked.number(block_id, NOT_OUR_FORM) if block_id else None)

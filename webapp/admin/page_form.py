"""What an editor typed into the form of a page, and how it becomes a layout."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from flask import abort, request

from webapp.admin import asked
from webapp.models.page import BLOCK_TYPES, GALLERY, PICTURE, TEXT, Page
from webapp.models.picture import existing_media

NOT_OUR_FORM = "This form can't be understood. Open the page again."


ADDED = {"add-text": TEXT, "add-gallery": GALLERY, "add-picture": PICTURE}
STEPS = {"move-up": -1, "move-down": 1}
REMOVES = {"remove", "remove-now"}
UNDO = "undo-remove"
ACTIONS = {"save", "restore", "preview", "choose", UNDO, *REMOVES, *ADDED, *STEPS}


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
    body: str = ""  # of a picture its caption
    media_id: int | None = None  # of a picture

    def as_layout(self) -> dict[str, Any]:
        there = {"id": self.id} if self.id else {}
        words = {"caption": self.body, "mediaId": self.media_id} if self.type == PICTURE else {"body": self.body}
        return there | {"blockType": self.type, "title": self.title} | words


@dataclass(frozen=True)
class RemovedBlock:
    """What the page held at this place, counted from 0, until the last save."""

    place: int
    block: TypedBlock


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
        if button.action not in REMOVES and button.action not in STEPS:
            return self
        places = [n for n, block in enumerate(blocks) if block.id and block.id == button.block_id]
        for place in places:
            block = blocks.pop(place)
            if button.action in STEPS:
                blocks.insert(max(0, place + STEPS[button.action]), block)
        return replace(self, blocks=blocks)

    def with_back(self, removed: list[RemovedBlock]) -> PageForm:
        """With these blocks at their places again, as new ones."""
        blocks = list(self.blocks)
        for each in sorted(removed, key=lambda each: each.place):
            blocks.insert(each.place, each.block)
        return replace(self, blocks=blocks)

    def over(self, page: Page) -> PageForm:
        """Made to fit the page as somebody else left it: nothing typed is lost, and nothing that they added.

        A text or picture that they removed comes back; a gallery does not, for what hung in it is gone with it.
        """
        there = {block.id for block in page.blocks}
        ours = [block if block.id in there else replace(block, id=None) for block in self.blocks]
        known = {block.id for block in ours}
        theirs = [block_of(block) for block in page.blocks if block.id not in known]
        kept = [block for block in ours if block.id or block.type != GALLERY]
        return replace(self, version=page.version, blocks=kept + theirs)


def form_of(page: Page) -> PageForm:
    return PageForm(page.version, page.title, page.slug, page.status, [block_of(block) for block in page.blocks])


def block_of(block: Any) -> TypedBlock:
    return TypedBlock(block.id, block.type, block.title, block.body, block.media_id)


def removed_from(page: Page) -> list[RemovedBlock]:
    """By its last save, as the form carries them: so they survive that somebody else saves meanwhile."""
    return [
        RemovedBlock(row["position"], TypedBlock(None, row["type"], row["title"], row["body"], row["media_id"]))
        for row in page.removed or []
    ]


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
    blocks = [typed_block(*row) for row in typed_rows("block", "block_title", "block_body")]
    ids = [block.id for block in blocks if block.id]
    if len(ids) != len(set(ids)):
        abort(400, NOT_OUR_FORM)
    return without_gone_pictures(blocks)


def typed_rows(*names: str) -> list[tuple[str, ...]]:
    """The fields of each block, which have the same names."""
    columns = [[asked.plain(typed) for typed in request.form.getlist(name)] for name in names]
    if len({len(column) for column in columns}) != 1:
        abort(400, NOT_OUR_FORM)
    return list(zip(*columns, strict=True))


def typed_removed() -> list[RemovedBlock]:
    """What an undo is to bring back."""
    rows = typed_rows("removed_place", "removed", "removed_title", "removed_body")
    places = [asked.number(place, NOT_OUR_FORM) for place, *_ in rows]
    blocks = without_gone_pictures([typed_block(*row) for _, *row in rows])
    if any(block.id or block.type == GALLERY for block in blocks):
        abort(400, NOT_OUR_FORM)
    return list(map(RemovedBlock, places, blocks))


def typed_block(key: str, title: str, body: str) -> TypedBlock:
    """The key is "12:text", ":text" for a block to be made, or "12:picture:42" for one that shows media 42."""
    block_id, _, rest = key.partition(":")
    block_type, _, media_id = rest.partition(":")
    if block_type not in BLOCK_TYPES or (media_id and block_type != PICTURE):
        abort(400, NOT_OUR_FORM)
    return TypedBlock(id_of(block_id), block_type, title.strip(), body, id_of(media_id))


def id_of(typed: str) -> int | None:
    return asked.number(typed, NOT_OUR_FORM) if typed else None


def without_gone_pictures(blocks: list[TypedBlock]) -> list[TypedBlock]:
    """A media may have been deleted for good since the form was opened."""
    there = existing_media({block.media_id for block in blocks if block.media_id})
    return [block if block.media_id in there else replace(block, media_id=None) for block in blocks]


def pressed_button() -> Button:
    """Of "move-up:12"."""
    action, _, block_id = request.form.get("action", "save").partition(":")
    if action not in ACTIONS:
        abort(400, NOT_OUR_FORM)
    return Button(action, id_of(block_id))

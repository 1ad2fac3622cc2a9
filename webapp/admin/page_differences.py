"""What differs between a page as somebody else saved it and as it is typed here: both versions side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace

from webapp.admin.page_form import PageForm, TypedBlock, form_of
from webapp.models.page import GALLERY, Page

KINDS = {"text": "Text", "gallery": "Gallery", "picture": "Picture"}
ADDED_BY_THEM = "They added it. It stays, at the end of the page."
REMOVED_BY_THEM = "They removed it. Saving yours brings it back."
GALLERY_IS_GONE = "They removed it with its pictures. It can't be brought back by saving."


@dataclass(frozen=True)
class Difference:
    """`theirs` or `mine` is None where that version has no such thing; `words` say what saving mine then does."""

    label: str
    theirs: str | TypedBlock | None
    mine: str | TypedBlock | None
    words: str = ""


def differences(page: Page, mine: PageForm) -> list[Difference]:
    """Of the page as it is saved, and the form as it was typed, before it was made to fit."""
    theirs = form_of(page)
    return _fields(theirs, mine) + _order(theirs, mine) + _blocks(theirs, mine)


def _fields(theirs: PageForm, mine: PageForm) -> list[Difference]:
    pairs = [
        ("Title", theirs.title, mine.title),
        ("Address", theirs.slug, mine.slug),
        ("Status", theirs.status.capitalize(), mine.status.capitalize()),
    ]
    return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]


def _order(theirs: PageForm, mine: PageForm) -> list[Difference]:
    """Of the blocks that are in both."""
    both = {block.id for block in theirs.blocks} & {block.id for block in mine.blocks}
    orders = [[block for block in form.blocks if block.id in both] for form in (theirs, mine)]
    if [block.id for block in orders[0]] == [block.id for block in orders[1]]:
        return []
    return [Difference("Order of the blocks", *(", ".join(map(name_of, order)) for order in orders))]


def name_of(block: TypedBlock) -> str:
    return f"{KINDS[block.type]} “{block.title}”" if block.title else KINDS[block.type]


def _blocks(theirs: PageForm, mine: PageForm) -> list[Difference]:
    there, typed = ({block.id: block for block in form.blocks} for form in (theirs, mine))
    found = [
        Difference(KINDS[block.type], there.get(block.id), block, _words_for_removed(block, there))
        for block in mine.blocks
        if not same(there.get(block.id), block)
    ]
    added = [block for block in theirs.blocks if block.id not in typed]
    return found + [Difference(KINDS[block.type], block, None, ADDED_BY_THEM) for block in added]


def _words_for_removed(block: TypedBlock, there: dict[int | None, TypedBlock]) -> str:
    if block.id is None or block.id in there:
        return ""
    return GALLERY_IS_GONE if block.type == GALLERY else REMOVED_BY_THEM


def same(theirs: TypedBlock | None, mine: TypedBlock) -> bool:
    """A browser may have added line ends around what was typed."""
    return theirs is not None and replace(theirs, body=theirs.body.strip()) == replace(mine, body=mine.body.strip())

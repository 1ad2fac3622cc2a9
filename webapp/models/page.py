"""Pages: an ordered list of blocks, each of a type."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from slugify import slugify
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, column, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import BigId, Model, Moment, db, partial_index, transaction, utcnow
from webapp.models.audit import note
from webapp.models.layout_settings import SETTINGS, still_meant
from webapp.models.rule import queue_reconcile, stored_rule
from webapp.models.saving import Unfit, refusing_taken_slug, taken_slug
from webapp.models.searchable import changed
from webapp.models.slug import LONGEST_SLUG, first_free, for_a_page, unfit
from webapp.models.webhook import PAGE_PUBLISHED, announce

DRAFT, PUBLISHED = PAGE_STATUSES = ("draft", "published")
TEXT, GALLERY, PICTURE = BLOCK_TYPES = ("text", "gallery", "picture")
GRID, ROWS, FILMSTRIP = STYLES = ("grid", "rows", "filmstrip")  # of a gallery on the public page


class Page(Model):
    __tablename__ = "pages"
    __table_args__ = (
        CheckConstraint(column("status").in_(PAGE_STATUSES), name="status"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG), unique=True)
    status: Mapped[str] = mapped_column(String(10), default=DRAFT)
    version: Mapped[int] = mapped_column(default=1)  # counted up by each save, so that none overwrites another
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    updated_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)  # in the trash since
    deleted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    # What the last save of the blocks took away, for an undo; nothing else asks for it.
    removed: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True), deferred=True)

    blocks: Mapped[list[Block]] = relationship(
        back_populates="page",
        order_by="(Block.position, Block.id)",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    @property
    def subject(self) -> str:
        return f"page:{self.id}"

    @property
    def is_public(self) -> bool:
        return self.status == PUBLISHED and self.deleted_at is None


class Block(Model):
    """A text block, the gallery of webapp/models/gallery.py, or the picture of webapp/models/picture.py."""

    __tablename__ = "blocks"
    __table_args__ = (
        CheckConstraint(column("type").in_(BLOCK_TYPES), name="type"),
        CheckConstraint("new_items IN ('first', 'last')", name="new_items"),
        CheckConstraint(column("style").in_(STYLES), name="style"),
        Index("ix_blocks_page_id_position", "page_id", "position"),
        partial_index("ix_blocks_with_rule", "id", where="rule IS NOT NULL"),  # few; each sync asks which there are
        partial_index("ix_blocks_media_id", "media_id", where="media_id IS NOT NULL"),
        {"sqlite_autoincrement": True},
    )
    __mapper_args__ = {"polymorphic_on": "type"}

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("pages.id", ondelete="CASCADE"))
    position: Mapped[int]
    type: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")
    auto_sync: Mapped[bool] = mapped_column(default=False)
    auto_sync_since: Mapped[datetime | None] = mapped_column(Moment)
    rule: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    new_items: Mapped[str] = mapped_column(String(5), default="last")  # the end at which new pictures arrive
    style: Mapped[str] = mapped_column(String(10), default=GRID, server_default=GRID)  # how a gallery is laid out
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="SET NULL"))  # of a picture block

    page: Mapped[Page] = relationship(back_populates="blocks")

    def switch_auto_sync(self, on: bool) -> None:
        if on and not self.auto_sync:
            self.auto_sync_since = utcnow()
        self.auto_sync = on

    def show_picture(self, wanted: dict[str, Any]) -> None:
        """Take the media and caption of a layout. Raises UnfitPage."""
        if any(wanted.get(key) is not None for key in ("mediaId", "caption")):
            raise UnfitPage(layout=f"A {self.type} block shows no single picture.")


class TextBlock(Block):
    __mapper_args__ = {"polymorphic_identity": TEXT}


class UnfitPage(Unfit):
    """Something in the page can't be saved."""


class PageConflict(Exception):
    """Somebody else saved this page since it was opened; `page` is as they left it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        super().__init__("Somebody else saved this page since you opened it.")


def live_page(page_id: int) -> Page:
    """Raises LookupError when there is none or it is in the trash."""
    page = db.session.get(Page, page_id)
    if page is None or page.deleted_at is not None:
        raise LookupError(f"There is no page {page_id}.")
    return page


def create_page(
    title: str,
    slug: str = "",
    status: str = DRAFT,
    layout: list[dict[str, Any]] | None = None,
    *,
    by: int | None = None,
) -> Page:
    """A page with its blocks; `layout` as in save_page(). Raises UnfitPage."""
    with refusing_taken_slug("page", slug, UnfitPage), transaction() as session:
        page = Page(title=title.strip(), created_by=by, updated_by=by)
        page.slug = slug or free_slug(slugify(title, max_length=80) or "page")
        page.status = status
        check_page(page)
        session.add(page)
        session.flush()
        set_layout(page, layout or [])
        note("made", page, f"made the page “{page.title}”")
        announce_if_published(page, before=DRAFT)
        changed("pages", [page.id], new=True)
        return page


def save_page(
    page_id: int,
    version: int,
    changes: dict[str, Any],
    layout: list[dict[str, Any]] | None = None,
    *,
    by: int | None = None,
) -> Page:
    """Change title, slug or status, and the blocks when a layout is given. Gallery items are never touched.

    A layout is the whole list of blocks in order. Each is {"id"?, "blockType", "title"?, "body"?, "autoSync"?,
    "rule"?, "newItems"?, "style"?, "settingsTag"?, "mediaId"?, "caption"?}; what is left out stays as it is, and a
    block that is not in the list is removed.
    Raises LookupError, PageConflict when `version` is not the current one or as still_meant() says, UnfitPage,
    UnfitRule.
    """
    with refusing_taken_slug("page", changes.get("slug", ""), UnfitPage), transaction() as session:
        claimed = update(Page).where(Page.id == page_id, Page.version == version, Page.deleted_at.is_(None))
        counted = session.execute(claimed.values(version=Page.version + 1).execution_options(synchronize_session=False))
        page = live_page(page_id)
        session.refresh(page)
        if counted.rowcount == 0:  # type: ignore[attr-defined]
            raise PageConflict(page)
        before = page.status
        for name in ("title", "slug", "status"):
            if name in changes:
                setattr(page, name, changes[name].strip())
        check_page(page)
        page.updated_by, page.updated_at = by, utcnow()
        if layout is not None:
            set_layout(page, layout)
        note("saved", page, f"saved the page “{page.title}”")
        announce_if_published(page, before)
        changed("pages", [page.id])
        return page


def announce_if_published(page: Page, before: str) -> None:
    if page.status != before:
        verb = "published" if page.status == PUBLISHED else "unpublished"
        note(verb, page, f"{verb} the page “{page.title}”")
    if page.status == PUBLISHED != before:
        announce(PAGE_PUBLISHED, {"pageId": page.id, "slug": page.slug, "title": page.title})


def check_page(page: Page) -> None:
    """Raises UnfitPage with words for each field."""
    wrong = {}
    if not page.title:
        wrong["title"] = "Give the page a title."
    if page.status not in PAGE_STATUSES:
        wrong["status"] = f"A page is {' or '.join(PAGE_STATUSES)}."
    if words := unfit(page.slug) or taken_slug(page, "page"):
        wrong["slug"] = words
    if wrong:
        raise UnfitPage(**wrong)


def free_slug(wanted: str) -> str:
    wanted = for_a_page(wanted)
    taken = db.session.scalars(select(Page.slug).where(Page.slug.like(f"{wanted}%")))
    return first_free(wanted, set(taken))


def set_layout(page: Page, layout: list[dict[str, Any]]) -> None:
    known = {block.id: block for block in page.blocks}
    rules = {block.id: block.rule for block in page.blocks}
    kept = []
    for number, wanted in enumerate(layout):
        block = known.get(wanted["id"]) if wanted.get("id") else new_block(wanted.get("blockType", ""))
        if block is None:
            raise UnfitPage(layout=f"Block {wanted['id']} is not on this page; somebody may have removed it.")
        if wanted.get("blockType", block.type) != block.type:
            raise UnfitPage(layout=f"Block {block.id} is a {block.type}, and stays one. Leave it out and add another.")
        meant = still_meant(block, wanted) if wanted.get("id") else wanted
        if meant is None:
            raise PageConflict(page)
        block.position = number
        change_block(block, meant)
        kept.append(block)
    ids = {block.id for block in kept}
    gone = [block for block in page.blocks if block.id not in ids and block.type != GALLERY]
    page.removed = [kept_for_undo(block) for block in gone] or None
    page.blocks = kept
    db.session.flush()
    for block in kept:
        if block.auto_sync and block.rule != rules.get(block.id):
            queue_reconcile(block.id, by=page.updated_by)


def kept_for_undo(block: Block) -> dict[str, Any]:
    """A gallery has no undo: what hung in it is gone with it, which is why it is asked for first."""
    return {name: getattr(block, name) for name in ("position", "type", "title", "body", "media_id")}


def new_block(block_type: str) -> Block:
    block_class = Block.__mapper__.polymorphic_map.get(block_type)
    if block_class is None:
        raise UnfitPage(layout=f"There is no block type {block_type!r}. There are: {', '.join(BLOCK_TYPES)}.")
    return block_class.class_(type=block_type, title="", body="", auto_sync=False, new_items="last", style=GRID)


def change_block(block: Block, wanted: dict[str, Any]) -> None:
    """Raises UnfitPage, UnfitRule."""
    of_galleries = sorted(SETTINGS.keys() & wanted.keys())
    if of_galleries and block.type != GALLERY:
        raise UnfitPage(layout=f"A {block.type} block has no {of_galleries[0]}.")
    for key, name in (("title", "title"), ("body", "body"), ("newItems", "new_items"), ("style", "style")):
        if key in wanted:
            setattr(block, name, wanted[key])
    if "rule" in wanted:
        block.rule = stored_rule(wanted["rule"])
    if "autoSync" in wanted:
        block.switch_auto_sync(bool(wanted["autoSync"]))
    block.show_picture(wanted)


def trash_page(page_id: int, *, by: int | None = None) -> None:
    """It is no longer public, and can come back. Raises LookupError."""
    with transaction():
        page = live_page(page_id)
        page.deleted_at, page.deleted_by = utcnow(), by
        note("trashed", page, f"moved the page “{page.title}” to the trash")
        changed("pages", [page_id])


def restore_page(page_id: int, *, as_it_was: bool = False) -> Page:
    """It comes back as a draft, which counts as a save: nothing is published by accident, nor by an older form.

    Only who takes the trashing itself back gets it `as_it_was`. Raises LookupError.
    """
    with transaction() as session:
        page = session.get(Page, page_id, with_for_update=True)
        if page is None:
            raise LookupError(f"There is no page {page_id}.")
        if page.deleted_at is not None:
            how = "" if as_it_was else ", as a draft"
            note("restored", page, f"brought the page “{page.title}” back from the trash{how}")
            page.version += 1
        page.deleted_at, page.deleted_by = None, None
        page.status = page.status if as_it_was else DRAFT
        for block in page.blocks:
            if block.auto_sync and block.rule is not None:  # what was to follow its rule had found no gallery
                queue_reconcile(block.id)
        changed("pages", [page_id])
        return page

"""Galleries and their items: which media hang in which gallery, in which order, and which are hidden.

An item is a row of its own, unique by (gallery, media). Nothing in the background ever changes one that is there,
so what an editor did to it stays. A picture taken out keeps its row, marked hidden, and so can't come back by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, false, func, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import BigId, Model, Moment, db, insert_into, transaction, utcnow
from webapp.models.audit import Named, listed, note
from webapp.models.media import Media, live_media
from webapp.models.page import GALLERY, Block, Page
from webapp.models.rule import queue_reconcile, stored_rule
from webapp.models.searchable import changed

MANUAL, AUTO = "manual", "auto"
KEY = ["media_id", "gallery_id"]
# Positions are moments: whatever comes later stands behind what is there, with no look at the other items.
# A microsecond is 1024 apart, which leaves room between any two neighbours to move a third there.
POSITIONS_A_MICROSECOND = 1024
GAP = 1_000_000 * POSITIONS_A_MICROSECOND
WORDS_FOR = {"new_items": "place of new pictures", "style": "layout"}  # in the audit log
NOT_THERE = "This picture is not in this gallery."
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Gallery(Block):
    __mapper_args__ = {"polymorphic_identity": GALLERY}

    @property
    def subject(self) -> str:
        return f"gallery:{self.id}"

    @property
    def named(self) -> Named:
        return Named(self.subject, self.title or self.page.title)

    def switch_auto_sync(self, on: bool) -> None:
        if self.id and on != self.auto_sync:
            state = "on" if on else "off"
            note(f"switched {state}", self.named, f"switched auto-sync {state} in “{self.named.title}”")
        super().switch_auto_sync(on)


class Item(Model):
    __tablename__ = "items"
    # A sync adds one picture to many galleries: ordered by media, those rows lie side by side.
    __table_args__ = (
        CheckConstraint("source IN ('manual', 'auto')", name="source"),
        Index("ix_items_shown", "gallery_id", "hidden", "position", "media_id"),
        {"sqlite_with_rowid": False},
    )

    media_id: Mapped[int] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), primary_key=True)
    gallery_id: Mapped[int] = mapped_column(ForeignKey("blocks.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column()
    position: Mapped[int] = mapped_column(BigId)
    hidden: Mapped[bool] = mapped_column(default=False)
    # An editor hid, moved or added what auto-sync had brought: no undo of a job takes it away.
    touched: Mapped[bool] = mapped_column(default=False, server_default=false())
    job_id: Mapped[int | None] = mapped_column(BigId)  # the sync that brought it; jobs are pruned, items stay
    added_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    added_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)

    media: Mapped[Media] = relationship()
    gallery: Mapped[Gallery] = relationship()


def position_of(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) * POSITIONS_A_MICROSECOND


def find_gallery(gallery_id: int) -> Gallery:
    """Raises LookupError when there is none or its page is in the trash."""
    gallery = db.session.get(Gallery, gallery_id)
    if gallery is None or gallery.page.deleted_at is not None:
        raise LookupError(f"There is no gallery {gallery_id}.")
    return gallery


def add_item(gallery_id: int, media_id: int, *, by: int | None = None) -> Item:
    """Add by hand, at the gallery's end for new pictures; a hidden one is shown again where it was.

    Raises LookupError.
    """
    with transaction() as session:
        gallery, media = find_gallery(gallery_id), live_media(media_id)
        values = {
            "gallery_id": gallery.id,
            "media_id": media.id,
            "source": MANUAL,
            "position": end_position(gallery),
            "hidden": False,
            "touched": False,
            "added_by": by,
            "added_at": utcnow(),
        }
        added = insert_into(Item).values(values)
        session.execute(added.on_conflict_do_update(index_elements=KEY, set_={"hidden": False, "touched": True}))
        note("added", gallery.named, f"added “{media.title}” to “{gallery.named.title}”", item=media.subject)
        return session.get_one(Item, (media.id, gallery.id), populate_existing=True)


def end_position(gallery: Gallery) -> int:
    """Behind everything at the end where new pictures arrive."""
    now = position_of(utcnow())
    at_end = func.min(Item.position) if gallery.new_items == "first" else func.max(Item.position)
    end = db.session.scalar(select(at_end).where(Item.gallery_id == gallery.id))
    if gallery.new_items == "first":
        return -now if end is None else min(end - POSITIONS_A_MICROSECOND, -now)
    return now if end is None else max(end + POSITIONS_A_MICROSECOND, now)


def set_hidden(gallery_id: int, media_id: int, hidden: bool) -> Item:
    """Take a picture out of a gallery, or show it again at its place. Raises LookupError."""
    with transaction() as session:
        find_gallery(gallery_id)
        item = session.get(Item, (media_id, gallery_id), with_for_update=True)
        if item is None:
            raise LookupError(NOT_THERE)
        if item.hidden != hidden:
            verb, again = ("hid", "") if hidden else ("showed", "again ")
            note_item(verb, item, f"{verb} “{{}}” {again}in “{{}}”")
        item.hidden, item.touched = hidden, True
        return item


def move_item(gallery_id: int, media_id: int, place: int) -> None:
    """Make it the `place`-th (from 1) of the shown pictures; beyond the end means the end. Raises LookupError."""
    with transaction() as session:
        find_gallery(gallery_id)
        item = session.get(Item, (media_id, gallery_id), with_for_update=True)
        if item is None:
            raise LookupError(NOT_THERE)
        if item.hidden:  # by another tab, or another person
            raise LookupError(f"“{item.media.title}” is hidden from this gallery. Show it again to move it.")
        before, after = neighbours(item, place)
        if before is not None and after is not None and after - before < 2:
            spread_out(gallery_id)
            before, after = neighbours(item, place)
        item.position, item.touched = between(before, after, item.position), True
        note_item("moved", item, f"moved “{{}}” to position {place:,} in “{{}}”")


def note_item(verb: str, item: Item, words: str) -> None:
    """The words have a place for the picture and one for the gallery."""
    gallery = item.gallery.named
    note(verb, gallery, words.format(item.media.title, gallery.title), item=item.media.subject)


def neighbours(item: Item, place: int) -> tuple[int | None, int | None]:
    """The positions between which the place-th picture stands, leaving the item itself out."""
    # No join: for one, PostgreSQL sorts the whole of a gallery that was just filled, whose size it does not know yet.
    is_live = select(Media.deleted_at.is_(None)).where(Media.id == Item.media_id).correlate(Item)
    others = (
        select(Item.position)
        .where(Item.gallery_id == item.gallery_id, ~Item.hidden, Item.media_id != item.media_id)
        .where(is_live.scalar_subquery())
        .order_by(Item.position, Item.media_id)
    )
    start = max(0, place - 2)
    found = list(db.session.scalars(others.offset(start).limit(2 if place > 1 else 1)))
    if place <= 1:
        return None, found[0] if found else None
    if found:
        return found[0], found[1] if len(found) > 1 else None
    last = select(func.max(Item.position)).where(
        Item.gallery_id == item.gallery_id, ~Item.hidden, Item.media_id != item.media_id
    )
    return db.session.scalar(last), None


def between(before: int | None, after: int | None, own: int) -> int:
    if before is None:
        return own if after is None else after - POSITIONS_A_MICROSECOND
    return before + POSITIONS_A_MICROSECOND if after is None else (before + after) // 2


def set_order(gallery_id: int, media_ids: list[int]) -> None:
    """Show these first and in this order; what is not named keeps its order behind them. Raises LookupError."""
    with transaction() as session:
        gallery = find_gallery(gallery_id)
        wanted = {media_id: place for place, media_id in enumerate(media_ids)}
        rows = session.scalars(
            select(Item).where(Item.gallery_id == gallery_id).order_by(Item.position, Item.media_id).with_for_update()
        ).all()
        missing = wanted.keys() - {row.media_id for row in rows}
        if missing:
            some = ", ".join(map(str, sorted(missing)[:10])) + (" and more" if len(missing) > 10 else "")
            raise LookupError(f"Not in gallery {gallery_id}: {some}.")
        for row in rows:
            row.touched |= row.media_id in wanted
        in_order = sorted(rows, key=lambda row: wanted.get(row.media_id, len(wanted)))
        renumber(in_order)
        note("ordered", gallery.named, f"put the pictures of “{gallery.named.title}” in order")


def spread_out(gallery_id: int) -> None:
    """Make room between neighbours, without changing the order."""
    renumber(
        db.session.scalars(
            select(Item).where(Item.gallery_id == gallery_id).order_by(Item.position, Item.media_id).with_for_update()
        ).all()
    )


def renumber(items: Sequence[Item]) -> None:
    """Number them before whatever has yet to arrive, so that it still stands at its end."""
    arrivals = first_to_arrive()
    start = arrivals - len(items) * GAP
    if items and items[0].gallery.new_items == "first":
        start = -arrivals + GAP
    for number, item in enumerate(items):
        item.position = start + number * GAP
    db.session.flush()


def first_to_arrive() -> int:
    """The position of the oldest upload that waits for its sync; of now, when none does."""
    waits = db.session.scalar(select(func.min(Media.created_at)).where(Media.synced_at.is_(None)))
    return position_of(min(waits or utcnow(), utcnow()))


def live_media_ids() -> Select[int]:
    return select(Media.id).where(Media.deleted_at.is_(None))


def shown_items(gallery_id: int) -> Select[Item]:
    """The items a visitor sees, in order."""
    return (
        select(Item)
        .join(Media, Media.id == Item.media_id)
        .where(Item.gallery_id == gallery_id, ~Item.hidden, Media.deleted_at.is_(None))
        .order_by(Item.position, Item.media_id)
    )


def count_shown(gallery_id: int) -> int:
    return db.session.scalar(select(func.count()).select_from(shown_items(gallery_id).subquery())) or 0


def hidden_items(gallery_id: int) -> Select[Item]:
    return (
        select(Item)
        .join(Media, Media.id == Item.media_id)
        .where(Item.gallery_id == gallery_id, Item.hidden, Media.deleted_at.is_(None))
        .order_by(Item.position, Item.media_id)
    )


def galleries_showing(media_id: int) -> Select[Gallery]:
    """Where this media is used, by page and place."""
    return (
        select(Gallery)
        .join(Item, Item.gallery_id == Gallery.id)
        .join(Page, Page.id == Gallery.page_id)
        .where(Item.media_id == media_id, ~Item.hidden, Page.deleted_at.is_(None))
        .order_by(Page.title, Gallery.position)
    )


def change_gallery(gallery_id: int, *, by: int | None = None, **changes: Any) -> Gallery:
    """Set auto_sync, title, rule, new_items or style, at once.

    Only a title makes a new version of the page, as that is what the page's form holds of a gallery. Another rule is
    carried out in the background. Raises LookupError, UnfitRule.
    """
    with transaction() as session:
        gallery = find_gallery(gallery_id)
        if changes.get("title", gallery.title) != gallery.title:  # the page first, as save_page() does
            session.execute(update(Page).where(Page.id == gallery.page_id).values(version=Page.version + 1))
        if "auto_sync" in changes:
            gallery.switch_auto_sync(bool(changes.pop("auto_sync")))
        if "rule" in changes:
            changes["rule"] = stored_rule(changes["rule"])
            if gallery.auto_sync and changes["rule"] != gallery.rule:
                queue_reconcile(gallery_id, by=by)
        different = [name for name, value in changes.items() if value != getattr(gallery, name)]
        if different:
            named, what = gallery.named, listed([WORDS_FOR.get(name, name) for name in different])
            session.execute(update(Gallery).where(Gallery.id == gallery_id).values(**changes))
            note("edited", named, f"changed the {what} of “{named.title}”")
            if "title" in different:
                changed("pages", [gallery.page_id])
        return gallery

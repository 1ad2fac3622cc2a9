"""What the three views of a gallery hold: the pictures shown, the hidden ones, and those to add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, request
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager
from werkzeug.datastructures import MultiDict

from webapp.admin import asked
from webapp.extensions import db
from webapp.models import progress
from webapp.models.backfill import Backfill, count_missing, newest_backfill
from webapp.models.gallery import Gallery, Item, count_shown, hidden_items, shown_items
from webapp.models.library import Wanted, library
from webapp.models.media import Media
from webapp.models.user import User

SHOWN, HIDDEN, ADD = "shown", "hidden", "add"
MOST_TICKED = 1000  # pictures of the chooser, whose ids are in its address


def contents(gallery: Gallery, view: str, *, q: str = "") -> dict[str, Any]:
    """What the template of the gallery needs; a fixed number of queries, however many pictures hang there."""
    counts = {"shown_count": count_shown(gallery.id), "hidden_count": count_hidden(gallery.id)}
    if view == ADD:
        found = asked.paged(pictures_to_add(gallery.id, q))
        ticked = [int(one) for one in ticks(request.args) if one.isdecimal() and len(one) < 19]
        return counts | {"found": found, "q": q, "ticked": ticked, "hidden_ids": hidden_among(gallery.id, found.items)}
    items = shown_items(gallery.id) if view == SHOWN else hidden_items(gallery.id)
    found = asked.paged(with_pictures(items))
    troubles = progress.why_not_shown(item.media for item in found.items)
    return counts | {"found": found, "names": names_of_adders(found), "troubles": troubles}


def count_hidden(gallery_id: int) -> int:
    return db.session.scalar(select(func.count()).select_from(hidden_items(gallery_id).subquery())) or 0


def with_pictures(items: Select[Item]) -> Select[Item]:
    """Everything a card needs, loaded along."""
    return items.options(contains_eager(Item.media).selectinload(Media.renditions))


def names_of_adders(found: Pagination) -> dict[int, str]:
    """Who added or uploaded them, by account."""
    ids = {person for item in found.items for person in (item.added_by, item.media.created_by)} - {None}
    return {user.id: user.name for user in db.session.scalars(select(User).where(User.id.in_(ids)))}


def people() -> list[tuple[str, str]]:
    """Who has uploaded pictures: the id as a form sends it, and the name."""
    has_uploaded = select(Media.id).where(Media.created_by == User.id).exists()
    found = db.session.scalars(select(User).where(has_uploaded))
    return sorted(((str(user.id), user.name) for user in found), key=lambda person: person[1].lower())


def pictures_to_add(gallery_id: int, q: str) -> Select[Media]:
    """What the library holds and this gallery does not show."""
    shown = select(Item.media_id).where(Item.gallery_id == gallery_id, ~Item.hidden)
    return library(Wanted(words=q)).where(Media.id.not_in(shown))


def ticks(sent: MultiDict[str, str]) -> list[str]:
    """Which pictures are ticked in the chooser: `ticked` holds those that its list does not, `media_id` is of a box."""
    ids = list(dict.fromkeys([*" ".join(sent.getlist("ticked")).split(), *sent.getlist("media_id")]))
    if len(ids) > MOST_TICKED:
        abort(400, f"{MOST_TICKED:,} pictures at most can be ticked at once. Go back and add these first.")
    return ids


def hidden_among(gallery_id: int, media: list[Media]) -> set[int]:
    ids = [one.id for one in media]
    hidden = select(Item.media_id).where(Item.gallery_id == gallery_id, Item.hidden, Item.media_id.in_(ids))
    return set(db.session.scalars(hidden))


@dataclass(frozen=True)
class OlderPictures:
    """What the library held before auto-sync was switched on: the newest backfill, and how many are not here."""

    backfill: Backfill | None
    missing: int
    by_rule: bool = False

    @property
    def moving(self) -> bool:
        return self.backfill is not None and not self.backfill.job.settled

    @property
    def question(self) -> str:
        if not self.missing:
            return ""
        number = "one" if self.missing == 1 else format(self.missing, ",")
        fitting = " that fits the rule" if self.missing == 1 else " that fit the rule"
        return f"Also add the {number} already in the library{fitting if self.by_rule else ''}?"


def older_pictures(gallery: Gallery) -> OlderPictures:
    found = OlderPictures(newest_backfill(gallery), 0)
    if found.moving or not gallery.auto_sync:
        return found
    return OlderPictures(found.backfill, count_missing(gallery), by_rule=gallery.rule is not None)

"""/api/galleries: the switch of a gallery, and what hangs in it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from flask_login import current_user
from pydantic import AfterValidator, Field
from sqlalchemy import Select, case, func, select

from webapp.api.fields import MAX_INTEGER, Answer, Body, Listing, ListQuery, RowId, Title, left_out
from webapp.api.http import Contract, api, endpoint, listing
from webapp.api.media_answers import JobRef
from webapp.api.page_shapes import HOW, GalleryAnswer, NewItems, Style, gallery_answer
from webapp.api.usage import pictures_in
from webapp.database import db, transaction
from webapp.jobs import Job
from webapp.models.backfill import describe, start_backfill, undo_backfill
from webapp.models.gallery import (
    Item,
    add_item,
    change_gallery,
    find_gallery,
    live_media_ids,
    move_item,
    set_hidden,
    set_order,
)
from webapp.models.media import live_media
from webapp.models.rule import Rule


class ItemAnswer(Answer):
    """`position` counts the shown pictures from 1; a hidden one has the place at which it would stand."""

    media_id: int
    position: int
    source: Literal["auto", "manual"]
    hidden: bool
    job_id: int | None
    added_at: datetime


class GalleryChanges(Body):
    auto_sync: bool = left_out()
    title: Title = left_out()
    rule: Rule | None = Field(None, description="Null or {} means every picture. It is carried out in the background.")
    new_items: NewItems = left_out()
    style: Style = left_out(HOW)


class MediaRef(Body):
    media_id: RowId


def each_once(media_ids: list[int]) -> list[int]:
    if len(media_ids) != len(set(media_ids)):
        raise ValueError("Name each picture once.")
    return media_ids


class Order(Body):
    """These come first, in this order; what is not named keeps its order behind them."""

    media_ids: Annotated[list[RowId], Field(max_length=100_000, fail_fast=True), AfterValidator(each_once)]


class BackfillAnswer(Answer):
    """`pictures` are those it has to add, null until they are counted; `undone` those that were taken out again."""

    gallery_id: int
    job: JobRef
    pictures: int | None
    added: int
    percent: int
    undone: int | None


class Place(Body):
    position: int = Field(ge=1, le=MAX_INTEGER, description="From 1; beyond the end means the end.")


@api.patch("/galleries/<row:gallery_id>")
@endpoint(Contract("Change a gallery, at once", body=GalleryChanges, answers={200: GalleryAnswer}))
def change_one_gallery(gallery_id: int, body: GalleryChanges) -> GalleryAnswer:
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    change_gallery(gallery_id, by=current_user.id, **changes)
    return show(gallery_id)


def show(gallery_id: int) -> GalleryAnswer:
    return gallery_answer(find_gallery(gallery_id), pictures_in([gallery_id])[gallery_id])


@api.get("/galleries/<row:gallery_id>/items")
@endpoint(Contract("What hangs in a gallery, in order", query=ListQuery, answers={200: Listing[ItemAnswer]}))
def list_items(gallery_id: int, query: ListQuery) -> Listing[ItemAnswer]:
    find_gallery(gallery_id)
    return listing(items_of(gallery_id), query, lambda rows: [ItemAnswer.model_validate(row) for row in rows])


def items_of(gallery_id: int) -> Select[Any]:
    """Every item of a picture that is not in the trash, with its place."""
    order = (Item.position, Item.media_id)
    shown_so_far = func.sum(case((Item.hidden, 0), else_=1)).over(order_by=order)
    place = shown_so_far + case((Item.hidden, 1), else_=0)
    placed = (
        select(Item.media_id, Item.source, Item.hidden, Item.job_id, Item.added_at, place.label("position"))
        .where(Item.gallery_id == gallery_id, Item.media_id.in_(live_media_ids()))
        .add_columns(*(column.label(f"order_{column.key}") for column in order))
        .subquery()
    )
    return select(placed).order_by(placed.c.order_position, placed.c.order_media_id)


def one_item(gallery_id: int, media_id: int) -> ItemAnswer:
    items = items_of(gallery_id).subquery()
    row = db.session.execute(select(items).where(items.c.media_id == media_id)).one_or_none()
    if row is None:
        raise LookupError(f"Picture {media_id} is not in gallery {gallery_id}.")
    return ItemAnswer.model_validate(row)


@api.post("/galleries/<row:gallery_id>/items")
@endpoint(Contract("Add a picture by hand", body=MediaRef, answers={201: ItemAnswer, 200: ItemAnswer}))
def add_one_item(gallery_id: int, body: MediaRef) -> tuple[ItemAnswer, int]:
    with transaction() as session:
        was_there = session.get(Item, (body.media_id, gallery_id)) is not None
        add_item(gallery_id, body.media_id, by=current_user.id)
    return one_item(gallery_id, body.media_id), 200 if was_there else 201


@api.delete("/galleries/<row:gallery_id>/items/<row:media_id>")
@endpoint(Contract("Hide a picture; no sync brings it back", answers={200: ItemAnswer}))
def hide_item(gallery_id: int, media_id: int) -> ItemAnswer:
    live_media(media_id)
    set_hidden(gallery_id, media_id, True)
    return one_item(gallery_id, media_id)


@api.put("/galleries/<row:gallery_id>/order")
@endpoint(Contract("Put pictures in order", body=Order, answers={200: GalleryAnswer}))
def order_items(gallery_id: int, body: Order) -> GalleryAnswer:
    set_order(gallery_id, body.media_ids)
    return show(gallery_id)


@api.post("/galleries/<row:gallery_id>/items/<row:media_id>/move")
@endpoint(Contract("Move a shown picture to a place", body=Place, answers={200: ItemAnswer}))
def move_one_item(gallery_id: int, media_id: int, body: Place) -> ItemAnswer:
    move_item(gallery_id, media_id, body.position)
    return one_item(gallery_id, media_id)


@api.post("/galleries/<row:gallery_id>/backfill")
@endpoint(Contract("Add what was in the library before auto-sync", answers={202: BackfillAnswer}, may_conflict=True))
def backfill_gallery(gallery_id: int) -> tuple[BackfillAnswer, int]:
    return backfill_answer(start_backfill(gallery_id, by=current_user.id).id), 202


@api.post("/galleries/<row:gallery_id>/backfill/<row:job_id>/undo")
@endpoint(Contract("Take out again what a backfill added and nobody touched", answers={200: BackfillAnswer}))
def undo_one_backfill(gallery_id: int, job_id: int) -> BackfillAnswer:
    undo_backfill(gallery_id, job_id, f"Undone by {current_user.name}.")
    return backfill_answer(job_id)


def backfill_answer(job_id: int) -> BackfillAnswer:
    found = describe(db.session.get_one(Job, job_id, populate_existing=True))
    return BackfillAnswer(
        gallery_id=found.job.input["galleryId"],
        job=JobRef(id=job_id, status=found.job.status),
        pictures=found.planned,
        added=found.added,
        percent=found.percent,
        undone=found.undone,
    )

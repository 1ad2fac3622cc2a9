"""The order of a gallery's pictures: what an editor sets stays, and what comes later stands at the stated end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.conftest import both_databases
from webapp.database import db, transaction, utcnow
from webapp.jobs import queue
from webapp.models import gallery as galleries
from webapp.models.media import Media
from webapp.models.page import create_page
from workers.perform import perform_job

pytestmark = both_databases


@pytest.fixture
def gallery_id(in_app: Flask) -> int:
    return create_page("Fair", layout=[{"blockType": "gallery", "autoSync": True}]).blocks[0].id


def upload(name: str) -> int:
    """A media row that was synced, as after an upload."""
    media_id = upload_unsynced(name)
    sync(media_id)
    return media_id


def upload_unsynced(name: str, **facts: object) -> int:
    with transaction() as session:
        media = Media(
            storage_key=name, filename=name, mime_type="image/jpeg", filesize=1, width=1, height=1, sha256=name, **facts
        )
        session.add(media)
    return media.id


def sync(media_id: int) -> None:
    perform_job(queue("syncMediaToGalleries", {"mediaId": media_id}).id)


def shown(gallery_id: int) -> list[int]:
    return [item.media_id for item in db.session.scalars(galleries.shown_items(gallery_id))]


def test_uploads_stand_in_the_order_in_which_they_came(gallery_id: int) -> None:
    a, b, c = upload("a"), upload("b"), upload("c")
    assert shown(gallery_id) == [a, b, c]


def test_at_the_stated_end_when_that_is_the_first(gallery_id: int) -> None:
    galleries.change_gallery(gallery_id, new_items="first")
    a, b = upload("a"), upload("b")
    assert shown(gallery_id) == [b, a]


def test_an_upload_comes_last_after_many_were_added_by_hand(gallery_id: int) -> None:
    galleries.change_gallery(gallery_id, auto_sync=False)
    by_hand = [upload(f"old-{n}") for n in range(30)]
    for media_id in by_hand:
        galleries.add_item(gallery_id, media_id)
    galleries.change_gallery(gallery_id, auto_sync=True)
    late = upload("late")
    assert shown(gallery_id) == [*by_hand, late]


def test_a_picture_can_be_moved_between_the_same_two_again_and_again(gallery_id: int) -> None:
    a, b, c, d = upload("a"), upload("b"), upload("c"), upload("d")
    for _ in range(60):  # more often than there is room between two neighbours
        galleries.move_item(gallery_id, c, 2)
        assert shown(gallery_id) == [a, c, b, d]
        galleries.move_item(gallery_id, b, 2)
        assert shown(gallery_id) == [a, b, c, d]


@pytest.mark.parametrize(("place", "order"), [(1, "dabc"), (2, "adbc"), (4, "abcd"), (99, "abcd"), (-5, "dabc")])
def test_moving_to_a_place_makes_it_stand_there(gallery_id: int, place: int, order: str) -> None:
    names = {name: upload(name) for name in "abcd"}
    galleries.move_item(gallery_id, names["d"], place)
    assert shown(gallery_id) == [names[name] for name in order]


@pytest.mark.parametrize("end", ["first", "last"])
def test_an_upload_whose_sync_waited_stands_at_the_end_of_an_order_that_was_set_meanwhile(gallery_id: int, end) -> None:
    galleries.change_gallery(gallery_id, new_items=end)
    order = [upload(name) for name in "abcde"]
    late = upload_unsynced("late", created_at=utcnow() - timedelta(seconds=3))
    galleries.set_order(gallery_id, order)
    sync(late)
    assert shown(gallery_id) == ([*order, late] if end == "last" else [late, *order])


def test_an_order_that_was_set_survives_a_sync(gallery_id: int) -> None:
    a, b, c = upload("a"), upload("b"), upload("c")
    galleries.set_order(gallery_id, [c, a])
    assert shown(gallery_id) == [c, a, b]
    d = upload("d")
    assert shown(gallery_id) == [c, a, b, d]


def test_a_picture_that_is_shown_again_stands_where_it_was(gallery_id: int) -> None:
    a, b, c = upload("a"), upload("b"), upload("c")
    galleries.set_hidden(gallery_id, b, True)
    assert shown(gallery_id) == [a, c]
    galleries.add_item(gallery_id, b)
    assert shown(gallery_id) == [a, b, c]

"""syncMediaToGalleries: one statement over every auto-sync gallery, safe to repeat."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.conftest import both_databases
from webapp.database import db, transaction
from webapp.jobs import queue
from webapp.jobs.job import Job
from webapp.models.gallery import Item, add_item, change_gallery, position_of, set_hidden
from webapp.models.media import Media, trash_media
from webapp.models.page import create_page
from webapp.models.webhook import MEDIA_SYNCED, create_webhook
from workers.perform import perform_job

pytestmark = both_databases


@pytest.fixture
def media(in_app) -> Media:
    with transaction() as session:
        media = Media(
            storage_key="originals/1",
            filename="a.jpg",
            mime_type="image/jpeg",
            filesize=1,
            width=1,
            height=1,
            sha256="1",
        )
        session.add(media)
    return media


def galleries(count: int, *, auto_sync: bool = True) -> list[int]:
    layout = [{"blockType": "gallery", "autoSync": auto_sync}] * 2
    return [b.id for n in range(count // 2) for b in create_page(f"Page {n}", layout=layout).blocks]


def sync(media: Media) -> Job:
    job = queue("syncMediaToGalleries", {"mediaId": media.id})
    perform_job(job.id)
    return db.session.get(Job, job.id, populate_existing=True)


def test_puts_the_picture_into_every_auto_sync_gallery_and_counts_pages_and_galleries(media):
    galleries(4)
    galleries(2, auto_sync=False)
    job = sync(media)
    assert job.status == "succeeded", job.error
    assert job.output == {"pagesUpdated": 2, "galleriesUpdated": 4, "mediaId": media.id}
    assert db.session.scalar(select(func.count()).select_from(Item)) == 4


def test_a_second_sync_adds_nothing(media):
    galleries(4)
    sync(media)
    assert sync(media).output == {"pagesUpdated": 0, "galleriesUpdated": 0, "mediaId": media.id}


def test_counts_only_where_the_picture_was_not_yet(media):
    by_hand = galleries(4)[:3]  # both of a page, and one of another
    for gallery_id in by_hand:
        add_item(gallery_id, media.id)
    assert sync(media).output == {"pagesUpdated": 1, "galleriesUpdated": 1, "mediaId": media.id}


def test_a_rule_counts_too_and_changes_nothing_of_where_a_picture_stands(media):
    plain, with_rule, newest_first, not_fitting = galleries(4)
    change_gallery(with_rule, rule={"orientation": "square"})
    change_gallery(newest_first, new_items="first")
    change_gallery(not_fitting, rule={"orientation": "landscape"})
    assert sync(media).output == {"pagesUpdated": 2, "galleriesUpdated": 3, "mediaId": media.id}
    place = position_of(media.created_at)
    rows = db.session.execute(select(Item.gallery_id, Item.position))
    assert dict(rows.all()) == {plain: place, with_rule: place, newest_first: -place}


def test_a_hidden_picture_stays_hidden(media):
    first, second = galleries(2)
    sync(media)
    set_hidden(first, media.id, True)
    change_gallery(second, auto_sync=False)
    sync(media)
    assert db.session.get(Item, (media.id, first)).hidden


def test_a_deleted_picture_ends_the_job_as_cancelled_with_the_reason(media):
    galleries(2)
    trash_media(media.id)
    job = sync(media)
    assert (job.status, job.reason) == ("cancelled", "The picture was deleted before it was synced.")


def test_what_was_added_is_told_once_and_what_was_not_is_not(media):
    create_webhook("https://hooks.example/", [MEDIA_SYNCED])
    assert told() == []
    sync(media)
    assert told() == []
    galleries(4)
    sync(media)
    sync(media)
    assert told() == [{"mediaId": media.id, "galleriesUpdated": 4, "pagesUpdated": 2}]


def told() -> list[dict]:
    return [job.input["payload"] for job in db.session.scalars(select(Job).where(Job.task_slug == "deliverWebhook"))]

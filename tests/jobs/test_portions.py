"""A sync into very many galleries goes portion by portion, and ends as if it had been one."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.support.batches import add_picture
from tests.support.rows import fresh
from webapp.database import db, is_postgresql
from webapp.jobs import retry_by_id
from webapp.jobs.job import Job
from webapp.models import syncing
from webapp.models.gallery import Item, set_hidden
from webapp.models.media import Media, trash_media
from webapp.models.page import create_page
from workers.perform import perform_job

pytestmark = both_databases


@pytest.fixture
def galleries(in_app, monkeypatch) -> list[int]:
    """Seven, which are four portions; and one that syncs nothing."""
    monkeypatch.setattr(syncing, "PORTION", 2)
    synced = [{"blockType": "gallery", "autoSync": True}] * 7
    blocks = create_page("Fair", layout=[*synced, {"blockType": "gallery"}]).blocks
    return [block.id for block in blocks][:7]


def sync_of(media: Media) -> Job:
    return db.session.scalars(select(Job).where(Job.subject == media.subject, Job.queue == "default")).one()


def hangs_in(media: Media) -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Item.gallery_id).where(Item.media_id == media.id).order_by(Item.gallery_id)))


def test_all_portions_together_are_one_sync(galleries):
    media = add_picture(None, 1)
    assert perform_job(sync_of(media).id) == "succeeded"
    assert hangs_in(media) == galleries
    assert fresh(sync_of(media)).output == {"pagesUpdated": 1, "galleriesUpdated": 7, "mediaId": media.id}


def test_one_that_is_cut_off_between_two_portions_is_whole_after_the_next_try(galleries, monkeypatch):
    media = add_picture(None, 1)
    with monkeypatch.context() as broken:
        broken.setattr(syncing, "mark_synced", lambda _ids: 1 / 0)
        assert perform_job(sync_of(media).id) == "retrying"
    ahead = [] if is_postgresql() else galleries[:6]
    assert hangs_in(media) == ahead
    for gallery_id in ahead[:1]:
        set_hidden(gallery_id, media.id, True)
    retry_by_id(sync_of(media).id)
    assert perform_job(sync_of(media).id) == "succeeded"
    assert hangs_in(media) == galleries
    assert fresh(sync_of(media)).output["galleriesUpdated"] == 7
    assert len(db.session.scalars(select(Item).where(Item.hidden)).all()) == len(ahead[:1])


def test_a_picture_in_the_trash_is_hung_by_no_portion(galleries):
    media = add_picture(None, 1)
    trash_media(media.id)
    assert perform_job(sync_of(media).id) == "cancelled"
    assert hangs_in(media) == []

"""checkDrift: galleries that should hold a picture and do not, found and mended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.conftest import both_databases
from tests.support.batches import add_picture, new_batch
from tests.support.rows import fresh
from webapp.database import db, transaction, utcnow
from webapp.jobs import queue, schedules
from webapp.jobs.job import Job
from webapp.models import drift, progress
from webapp.models.backfill import start_backfill, undo_backfill
from webapp.models.gallery import Gallery, Item, change_gallery, set_hidden
from webapp.models.media import Media, trash_media
from webapp.models.page import Block, create_page
from workers.perform import perform_job

pytestmark = both_databases


@pytest.fixture
def gallery(in_app) -> Gallery:
    """Its auto-sync is on since three hours."""
    gallery = create_page("Fair", layout=[{"blockType": "gallery", "autoSync": True}]).blocks[0]
    change(Block, gallery.id, auto_sync_since=utcnow() - timedelta(hours=3))
    return gallery


def change(model: type[Any], key: int, **values: Any) -> None:
    with transaction() as session:
        session.execute(update(model).where(model.id == key).values(**values))


def uploaded(hours_ago: float = 1, *, status: str = "succeeded", batch: int | None = None, number: int = 1) -> Media:
    """A picture whose sync is in this state and did nothing."""
    media = add_picture(batch, number)
    change(Media, media.id, created_at=utcnow() - timedelta(hours=hours_ago))
    subject = f"batch:{batch}" if batch else media.subject
    with transaction() as session:
        session.execute(update(Job).where(Job.subject == subject).values(status=status, completed_at=utcnow()))
    return media


def check() -> dict[str, int]:
    job = queue("checkDrift")
    assert perform_job(job.id) == "succeeded", fresh(job).error
    return dict(fresh(job).output)


def item(gallery: Gallery, media: Media) -> Item | None:
    db.session.rollback()
    return db.session.get(Item, (media.id, gallery.id), populate_existing=True)


def test_what_is_missing_is_found_and_mended_once(gallery):
    media = uploaded()
    assert check() == {"missing": 1, "mended": 1}
    found = item(gallery, media)
    assert (found.source, found.hidden) == ("auto", False)
    assert check() == {"missing": 0, "mended": 0}


def test_the_upload_of_a_failed_sync_is_mended_and_no_longer_told_as_failed(gallery):
    media = uploaded(status="failed")
    assert progress.of_gallery(gallery)[0].words == "1 upload could not be added"
    assert check() == {"missing": 1, "mended": 1}
    assert progress.of_gallery(gallery)[0].words == "Auto-sync added 1 picture, the last"
    assert progress.of_media(db.session.get_one(Media, media.id))[-1].words == "Added to 1 gallery"


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("status", ["queued", "cancelled"])
def test_one_whose_sync_still_waits_or_was_stopped_is_left_alone(gallery, batch, status):
    uploaded(status=status, batch=new_batch(1) if batch else None)
    assert check() == {"missing": 0, "mended": 0}


def test_a_hidden_one_is_held(gallery):
    media = uploaded()
    check()
    set_hidden(gallery.id, media.id, True)
    assert check() == {"missing": 0, "mended": 0}
    assert item(gallery, media).hidden


def test_what_need_not_be_there_is_not_missing(gallery):
    uploaded(hours_ago=0.1)  # may be on its way
    uploaded(hours_ago=5, number=2)  # older than auto-sync
    trash_media(uploaded(number=3).id)
    change_gallery(gallery.id, auto_sync=False)
    uploaded(number=4)
    assert check() == {"missing": 0, "mended": 0}
    change_gallery(gallery.id, auto_sync=True)
    assert check() == {"missing": 0, "mended": 0}


def test_an_undone_backfill_is_no_drift(gallery):
    media = uploaded(hours_ago=5)
    job = start_backfill(gallery.id)
    perform_job(job.id)
    assert item(gallery, media) is not None
    undo_backfill(gallery.id, job.id)
    assert check() == {"missing": 0, "mended": 0}


def test_many_galleries_and_pictures_at_once(gallery):
    layout = [{"blockType": "gallery", "autoSync": True}] * 3
    for block in create_page("More", layout=layout).blocks:
        change(Block, block.id, auto_sync_since=utcnow() - timedelta(hours=3))
    for number in range(5):
        uploaded(number=number)
    assert check() == {"missing": 20, "mended": 20}


def test_the_dashboard_hears_of_the_last_check(gallery):
    assert drift.last_check() is None
    uploaded()
    check()
    queue("checkDrift")
    last = drift.last_check()
    assert (last.missing, last.mended) == (1, 1)
    assert last.at is not None


def test_it_is_scheduled_each_hour(in_app):
    now = utcnow()
    schedules.queue_scheduled(now)
    schedules.queue_scheduled(now + timedelta(hours=1))
    (job,) = db.session.scalars(select(Job).where(Job.task_slug == "checkDrift"))
    assert job.schedule is not None

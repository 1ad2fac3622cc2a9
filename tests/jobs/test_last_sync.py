"""The last sync of a gallery: what it brought, that it can be undone, and what of it failed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.conftest import both_databases
from tests.support.batches import new_batch
from tests.support.rows import fresh
from tests.support.rules import gallery_with, in_library, picture, shown, work_off
from webapp.database import transaction, utcnow
from webapp.jobs import queue
from webapp.jobs.job import Job
from webapp.models import reconcile
from webapp.models.batch import Place
from webapp.models.gallery import find_gallery, move_item, set_hidden
from webapp.models.last_sync import last_sync, show_again, undo_sync
from webapp.models.media import Media
from webapp.models.page import Block
from workers.perform import perform_job

pytestmark = both_databases
SEA = {"tagsAny": ["sea"]}


@pytest.fixture(autouse=True)
def small_portions(monkeypatch) -> None:
    monkeypatch.setattr(reconcile, "CHUNK", 2)


@pytest.fixture
def sea(in_app) -> list[int]:
    """Five pictures of the sea."""
    return in_library([picture(f"sea{number}", "sea") for number in range(5)])


def test_the_last_sync_is_undone_by_hiding_and_nothing_brings_it_back(sea):
    gallery_id = gallery_with(SEA)
    work_off()
    batch = new_batch(3)
    made = [picture(f"{n}", "sea", place=Place(batch, n)) for n in range(3)]
    work_off()
    found = last_sync(find_gallery(gallery_id))
    assert (found.added, found.can_undo, found.undone, found.failed) == (3, 3, 0, 0)
    move_item(gallery_id, made[0], 1)
    set_hidden(gallery_id, made[1], True)
    assert [undo_sync(gallery_id, found.job_id) for _ in range(2)] == [1, 0]
    assert shown(gallery_id) == [made[0], *sea]
    with transaction() as session:
        session.execute(update(Media).values(created_at=utcnow() - timedelta(hours=1), synced_at=None))
        session.execute(update(Block).values(auto_sync_since=utcnow() - timedelta(hours=2)))
    for slug, given in [
        ("syncBatch", {"batchId": batch}),
        ("syncMediaToGalleries", {"mediaId": made[2]}),
        ("reconcileMedia", {"mediaIds": made}),
        ("reconcileGallery", {"galleryId": gallery_id}),
        ("backfillGallery", {"galleryId": gallery_id}),
        ("checkDrift", {}),
    ]:
        job = queue(slug, given)
        assert perform_job(job.id) == "succeeded", fresh(job).error
    assert set(shown(gallery_id)) == {made[0], *sea}
    assert last_sync(find_gallery(gallery_id)).undone == 1
    assert [show_again(gallery_id, found.job_id) for _ in range(2)] == [1, 0]
    assert set(shown(gallery_id)) == {made[0], made[2], *sea}
    assert last_sync(find_gallery(gallery_id)).can_undo == 1


def test_an_undo_of_what_brought_nothing_here_is_not_found(sea):
    gallery_id, other = gallery_with(SEA), gallery_with()
    work_off()
    found = last_sync(find_gallery(gallery_id))
    assert last_sync(find_gallery(other)) is None
    for wrong in (lambda: undo_sync(other, found.job_id), lambda: show_again(gallery_id, 999_999)):
        with pytest.raises(LookupError):
            wrong()


def test_the_last_sync_tells_what_of_its_upload_failed(in_app):
    gallery_id = gallery_with()
    batch = new_batch(2)
    picture("0", place=Place(batch, 0))
    work_off()
    late = picture("1", place=Place(batch, 1))
    with transaction() as session:
        session.execute(update(Job).where(Job.status == "queued").values(status="failed", completed_at=utcnow()))
    assert late not in shown(gallery_id)
    found = last_sync(find_gallery(gallery_id))
    assert (found.added, found.failed) == (1, 1)

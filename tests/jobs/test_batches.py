"""syncBatch: one job for all pictures of a batch, in portions, safe to repeat."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.conftest import both_databases
from tests.support.batches import add_at_once, add_picture, new_batch
from tests.support.rows import claimed, fresh
from webapp.database import db, transaction, utcnow
from webapp.jobs import lease, where
from webapp.jobs.job import Job
from webapp.jobs.states import FAILED
from webapp.models import progress, syncing
from webapp.models.batch import DUPLICATE, REJECTED, Batch, Place, record, was_uploaded
from webapp.models.batch_results import galleries_of, results_of, retry_failed
from webapp.models.gallery import Item, position_of, set_hidden
from webapp.models.media import Media, restore_media, trash_media
from webapp.models.page import create_page
from workers.perform import perform_job
from workers.tasks import HANDLERS

pytestmark = both_databases


def galleries(count: int, **settings: object) -> list[int]:
    layout = [{"blockType": "gallery", "autoSync": True} | settings] * count
    return [block.id for block in create_page("Fair", layout=layout).blocks]


def syncs(*statuses: str) -> list[Job]:
    db.session.rollback()
    wanted = select(Job).where(Job.workflow_slug == "syncBatch", Job.status.in_(statuses or ("queued",)))
    return list(db.session.scalars(wanted.order_by(Job.id)))


def count_items() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Item)) or 0


def add(batch_id: int, count: int, first: int = 0) -> list[Media]:
    return [add_picture(batch_id, number) for number in range(first, first + count)]


def batch_line(batch_id: int) -> str:
    db.session.rollback()
    return results_of(db.session.get_one(Batch, batch_id)).line.words


def work_off() -> Job:
    (job,) = syncs()
    perform_job(job.id)
    return fresh(job)


def test_many_pictures_of_a_batch_wait_for_one_job_that_hangs_them_all(in_app, monkeypatch):
    monkeypatch.setattr(syncing, "CHUNK", 4)
    galleries(3)
    batch = new_batch(10)
    media = add(batch, 10)
    job = work_off()
    assert (job.status, job.output) == (
        "succeeded",
        {"batchId": batch, "pictures": 10, "galleriesUpdated": 3, "itemsAdded": 30},
    )
    assert count_items() == 30
    steps = [line.step for line in job.log if line.step]
    assert steps == [f"from-{media[number].id}" for number in (0, 4, 8)]


def test_pictures_hang_in_the_order_of_the_files_whichever_was_here_first(in_app):
    (gallery_id,) = galleries(1)
    batch = new_batch(5)
    media = {number: add_picture(batch, number).id for number in (1, 4, 3, 0, 2)}
    work_off()
    in_order = select(Item.media_id).where(Item.gallery_id == gallery_id).order_by(Item.position, Item.media_id)
    assert db.session.scalars(in_order).all() == [media[number] for number in range(5)]


def test_a_picture_that_comes_while_the_job_runs_gets_one_more_job(in_app):
    galleries(1)
    batch = new_batch(3)
    add(batch, 1)
    held = claimed(syncs()[0])
    add(batch, 2, first=1)
    assert len(syncs()) == 1
    lease.release(held, "for the test")
    first, second = syncs()
    assert [perform_job(first.id), perform_job(second.id)] == ["succeeded", "succeeded"]
    assert (count_items(), fresh(second).output["itemsAdded"]) == (3, 0)


def test_two_batches_have_a_job_each(in_app):
    galleries(1)
    one, other = new_batch(2), new_batch(2)
    for number in range(2):
        add_picture(one, number)
        add_picture(other, number)
    jobs = syncs()
    assert [job.input["batchId"] for job in jobs] == [one, other]
    claimed(jobs[0])
    assert perform_job(jobs[1].id) == "succeeded"
    assert count_items() == 2


def test_a_hidden_picture_stays_hidden_and_one_in_the_trash_is_left_out(in_app):
    (gallery_id,) = galleries(1)
    batch = new_batch(3)
    hidden, trashed, shown = add(batch, 3)
    with transaction() as session:
        session.add(Item(gallery_id=gallery_id, media_id=hidden.id, source="manual", position=1, hidden=True))
    trash_media(trashed.id)
    assert work_off().output["itemsAdded"] == 1
    assert db.session.get(Item, (hidden.id, gallery_id), populate_existing=True).hidden
    assert db.session.get(Item, (trashed.id, gallery_id)) is None
    assert db.session.get(Item, (shown.id, gallery_id)).source == "auto"


def test_a_picture_that_was_in_the_trash_during_the_sync_is_synced_when_it_comes_back(in_app):
    (gallery_id,) = galleries(1)
    (media,) = add(new_batch(1), 1)
    trash_media(media.id)
    work_off()
    restore_media(media.id)
    job = db.session.scalars(select(Job).where(Job.task_slug == "syncMediaToGalleries")).one()
    assert perform_job(job.id) == "succeeded"
    assert db.session.get(Item, (media.id, gallery_id)) is not None


@pytest.mark.parametrize("end", ["first", "last"])
def test_they_stand_where_single_uploads_would_stand(in_app, end):
    (gallery_id,) = galleries(1, newItems=end)
    media = add(new_batch(5), 5)
    work_off()
    sign = -1 if end == "first" else 1
    for one in media:
        item = db.session.get(Item, (one.id, gallery_id), populate_existing=True)
        assert item.position == sign * position_of(fresh_media(one).created_at)


def fresh_media(media: Media) -> Media:
    return db.session.get_one(Media, media.id, populate_existing=True)


def test_the_cards_and_the_gallery_say_what_became_of_them(in_app):
    page = create_page("Fair", layout=[{"blockType": "gallery", "autoSync": True}])
    media = add(new_batch(2), 2)
    assert progress.of_media(media[0])[-1].words == "Waiting for galleries"
    assert progress.of_gallery(page.blocks[0])[0].words == "2 new uploads are on the way"
    job = work_off()
    lines = progress.of_many_media([fresh_media(one) for one in media])
    assert [lines[one.id][-1].words for one in media] == ["Added to 1 gallery"] * 2
    assert progress.of_gallery(page.blocks[0])[0].words == "Auto-sync added 2 pictures, the last"
    assert lines[media[0].id][-1].job_id == job.id


def test_what_failed_is_told_everywhere_and_tried_again_by_one_button(in_app, monkeypatch):
    page = create_page("Fair", layout=[{"blockType": "gallery", "autoSync": True}])
    batch = new_batch(2)
    media = add(batch, 2)
    works = HANDLERS["syncBatch"]
    monkeypatch.setitem(HANDLERS, "syncBatch", lambda job: 1 / 0)
    (job,) = syncs()
    with transaction() as session:
        session.execute(update(Job).where(Job.id == job.id).values(total_tried=9))
    assert perform_job(job.id) == "failed"
    assert progress.of_media(media[0])[-1].can_retry
    assert progress.of_gallery(page.blocks[0])[0].words == "2 uploads could not be added"
    assert batch_line(batch) == "Uploaded 2 of 2 · 2 failed"

    monkeypatch.setitem(HANDLERS, "syncBatch", works)
    assert retry_failed(db.session.get_one(Batch, batch), "Tried again.") == 1
    work_off()
    assert batch_line(batch) == "Uploaded 2 of 2 · added to 1 gallery"
    assert retry_failed(db.session.get_one(Batch, batch), "Tried again.") == 0


def test_more_failures_than_one_filter_takes_are_tried_again_by_one_button(in_app, monkeypatch):
    monkeypatch.setattr(where, "MOST_VALUES", 2)
    batch = new_batch(3)
    add_at_once(batch, range(3))
    with transaction() as session:
        for media in session.scalars(select(Media)):
            ended = {"status": FAILED, "completed_at": utcnow()}
            session.add(Job(task_slug="makeRenditions", input={}, queue="images", subject=media.subject, **ended))
    assert batch_line(batch) == "Uploaded 3 of 3 · 3 failed"
    assert retry_failed(db.session.get_one(Batch, batch), "Tried again.") == 3
    assert batch_line(batch) == "Uploaded 3 of 3"


def test_the_line_counts_what_the_server_confirmed(in_app):
    galleries(2)
    batch = new_batch(5)
    media = add(batch, 2)
    record(Place(batch, 2), "again.jpg", DUPLICATE, "Already in the library.", media[0].id)
    record(Place(batch, 3), "notes.txt", REJECTED, "This isn't a picture.", None)
    with transaction():
        fresh_media(media[0]).is_ready = True
    work_off()
    found = results_of(db.session.get_one(Batch, batch))
    words = "Uploaded 2 of 5 · 1 already in the library · 1 rejected · 1 ready · added to 2 galleries"
    assert (found.line.words, found.line.state) == (words, "working")
    rows = db.session.execute(galleries_of(db.session.get_one(Batch, batch))).all()
    assert [pictures for _gallery, pictures in rows] == [2, 2]


def test_an_upload_that_was_broken_off_comes_to_rest(in_app):
    batch = new_batch(5)
    record(Place(batch, 0), "notes.txt", REJECTED, "This isn't a picture.", None)
    row = db.session.get_one(Batch, batch)
    assert not results_of(row).line.settled
    with transaction() as session:
        session.execute(db.text("UPDATE batch_files SET at = :at"), {"at": utcnow() - timedelta(hours=1)})
    db.session.rollback()
    assert results_of(row).line.settled


def test_a_file_that_is_sent_twice_counts_once(in_app):
    batch = new_batch(1)
    (media,) = add(batch, 1)
    assert was_uploaded(Place(batch, 0), media.id)
    assert not was_uploaded(Place(batch, 1), media.id)
    record(Place(batch, 0), "notes.txt", REJECTED, "no", None)
    record(Place(batch, 0), "notes.txt", REJECTED, "no", None)
    assert batch_line(batch) == "Uploaded 0 of 1 · 1 rejected"


def test_a_single_sync_has_nothing_to_do_with_batches(in_app):
    (gallery_id,) = galleries(1)
    media = add_picture(None, 1)
    job = db.session.scalars(select(Job).where(Job.task_slug == "syncMediaToGalleries")).one()
    perform_job(job.id)
    assert fresh_media(media).synced_at is not None
    set_hidden(gallery_id, media.id, True)
    assert syncs() == []

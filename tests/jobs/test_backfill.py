"""backfillGallery: what the library held before auto-sync, and the undo that loses no editor's picture."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import both_databases
from tests.support.batches import add_picture
from tests.support.rows import fresh
from webapp.database import db, transaction, utcnow
from webapp.jobs.job import Job
from webapp.models import backfill
from webapp.models.backfill import AutoSyncOff, count_missing, newest_backfill, start_backfill, undo_backfill
from webapp.models.gallery import (
    Gallery,
    Item,
    add_item,
    change_gallery,
    find_gallery,
    move_item,
    position_of,
    set_hidden,
    shown_items,
)
from webapp.models.media import trash_media
from webapp.models.page import create_page, trash_page
from workers.perform import perform_job
from workers.tasks import HANDLERS

pytestmark = both_databases


@pytest.fixture
def gallery_id(in_app) -> int:
    return create_page("Fair", layout=[{"blockType": "gallery"}]).blocks[0].id


@pytest.fixture
def library(in_app) -> list[int]:
    """Ten pictures, none of them in a gallery."""
    return [add_picture(None, number).id for number in range(10)]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch) -> None:
    monkeypatch.setattr(backfill, "CHUNK", 4)


def switch(gallery_id: int, on: bool) -> Gallery:
    return change_gallery(gallery_id, auto_sync=on)


def run(gallery_id: int) -> Job:
    job = start_backfill(gallery_id)
    perform_job(job.id)
    return fresh(job)


def shown(gallery_id: int) -> list[int]:
    db.session.rollback()
    return [item.media_id for item in db.session.scalars(shown_items(gallery_id))]


def words(gallery_id: int) -> str:
    db.session.rollback()
    found = newest_backfill(find_gallery(gallery_id))
    return found.line.words if found else ""


def test_it_adds_what_is_not_there_in_the_order_of_the_uploads(library, gallery_id):
    add_item(gallery_id, library[4])
    set_hidden(gallery_id, library[4], True)
    trash_media(library[5])
    gallery = switch(gallery_id, True)
    assert count_missing(gallery) == 8
    job = run(gallery_id)
    assert (job.status, job.output) == ("succeeded", {"galleryId": gallery_id, "added": 8})
    assert shown(gallery_id) == [one for one in library if one not in library[4:6]]
    assert [line.step for line in job.log if line.step][0] == "plan"
    assert len([line for line in job.log if line.step]) == 3
    item = db.session.get(Item, (library[0], gallery_id))
    assert (item.source, item.job_id, item.position) == ("auto", job.id, position_of(item.media.created_at))
    assert words(gallery_id) == "Added 8 pictures"
    assert count_missing(find_gallery(gallery_id)) == 0


def test_new_pictures_first_means_the_newest_first(library, gallery_id):
    change_gallery(gallery_id, new_items="first")
    switch(gallery_id, True)
    run(gallery_id)
    assert shown(gallery_id) == library[::-1]


def test_what_is_uploaded_later_is_left_to_the_sync(library, gallery_id):
    switch(gallery_id, True)
    add_picture(None, 99)
    assert count_missing(find_gallery(gallery_id)) == 10
    assert run(gallery_id).output["added"] == 10


def test_asked_twice_there_is_one_job(library, gallery_id):
    switch(gallery_id, True)
    assert start_backfill(gallery_id).id == start_backfill(gallery_id).id
    run(gallery_id)
    again = run(gallery_id)
    assert (again.output["added"], len(shown(gallery_id))) == (0, 10)
    assert words(gallery_id) == "Every picture of the library was here already"


def test_with_auto_sync_off_it_is_refused(library, gallery_id):
    with pytest.raises(AutoSyncOff):
        start_backfill(gallery_id)
    with pytest.raises(LookupError):
        start_backfill(999_999)
    assert db.session.scalar(select(func.count()).where(Job.workflow_slug == "backfillGallery")) == 0


def stop_after_first_chunk(monkeypatch, gallery_id: int, stop) -> None:
    """Let this happen when one chunk is committed and the next has not begun."""
    whole = HANDLERS["backfillGallery"]

    def watched(job):
        step = job.inline

        def inline(step_id, function, **options):
            made = step(step_id, function, **options)
            if made.get("added"):
                stop()
            return made

        job.inline = inline
        return whole(job)

    monkeypatch.setitem(HANDLERS, "backfillGallery", watched)


def test_switched_off_in_the_middle_it_stops_at_the_next_step(library, gallery_id, monkeypatch):
    switch(gallery_id, True)
    stop_after_first_chunk(monkeypatch, gallery_id, lambda: switch(gallery_id, False))
    job = run(gallery_id)
    assert (job.status, job.reason) == ("cancelled", "Auto-sync was switched off.")
    assert shown(gallery_id) == library[:4]
    assert words(gallery_id) == "Cancelled: Auto-sync was switched off. 4 of 10 pictures were added."
    assert undo_backfill(gallery_id, job.id) == 4


def test_deleted_in_the_middle_it_ends_as_cancelled(library, gallery_id, monkeypatch):
    switch(gallery_id, True)
    page_id = find_gallery(gallery_id).page_id
    stop_after_first_chunk(monkeypatch, gallery_id, lambda: trash_page(page_id))
    job = run(gallery_id)
    assert (job.status, job.reason) == ("cancelled", "The gallery was deleted.")


def test_how_far_it_is_is_read_from_its_steps(library, gallery_id, monkeypatch):
    switch(gallery_id, True)
    said = []
    start_backfill(gallery_id)
    assert words(gallery_id) == "Waiting to add the pictures of the library"
    stop_after_first_chunk(monkeypatch, gallery_id, lambda: said.append(words(gallery_id)))
    run(gallery_id)
    assert said == [f"Adding 10 pictures: {percent} %" for percent in (33, 66, 100)]


def test_undo_takes_out_what_it_brought_and_nobody_touched(library, gallery_id):
    switch(gallery_id, False)
    add_item(gallery_id, library[0])
    switch(gallery_id, True)
    job = run(gallery_id)
    set_hidden(gallery_id, library[1], True)
    move_item(gallery_id, library[2], 1)
    add_item(gallery_id, library[3])
    set_hidden(gallery_id, library[4], True)
    set_hidden(gallery_id, library[4], False)
    late = add_picture(None, 99)
    perform_job(db.session.scalars(select(Job.id).where(Job.subject == late.subject).order_by(Job.id.desc())).first())
    assert undo_backfill(gallery_id, job.id) == 5
    assert set(shown(gallery_id)) == {library[0], library[2], library[3], library[4], late.id}
    assert db.session.get(Item, (library[1], gallery_id)).hidden
    assert words(gallery_id) == (
        "Undone: 5 pictures were taken out again. 4 stay, as an editor hid, moved or added them by hand"
    )
    assert undo_backfill(gallery_id, job.id) == 0
    assert words(gallery_id).startswith("Undone: 5 pictures")


def test_undo_in_the_middle_cancels_it_first(library, gallery_id, monkeypatch):
    switch(gallery_id, True)
    job = start_backfill(gallery_id)
    stop_after_first_chunk(monkeypatch, gallery_id, lambda: undo_backfill(gallery_id, job.id, "Undone by Ann."))
    assert perform_job(job.id) == "lost"
    assert (fresh(job).status, fresh(job).reason, shown(gallery_id)) == ("cancelled", "Undone by Ann.", [])


def test_an_undone_one_is_not_tried_again_but_can_be_asked_for_anew(library, gallery_id):
    from webapp.jobs import retry_by_id

    switch(gallery_id, True)
    job = start_backfill(gallery_id)
    undo_backfill(gallery_id, job.id)
    retry_by_id(job.id)
    assert perform_job(job.id) == "cancelled"
    assert shown(gallery_id) == []
    assert run(gallery_id).output["added"] == 10


def test_undo_knows_only_backfills_of_this_gallery(library, gallery_id):
    other = create_page("Other", layout=[{"blockType": "gallery", "autoSync": True}]).blocks[0].id
    job = run(other)
    for wrong in (job.id, 999_999, db.session.scalar(select(func.min(Job.id)))):
        with pytest.raises(LookupError):
            undo_backfill(gallery_id, wrong)
    assert len(shown(other)) == 10


def test_since_counts_not_the_clock_of_the_backfill(library, gallery_id):
    with transaction():
        gallery = find_gallery(gallery_id)
        gallery.switch_auto_sync(True)
        gallery.auto_sync_since = utcnow() - timedelta(days=1)
    assert count_missing(find_gallery(gallery_id)) == 0

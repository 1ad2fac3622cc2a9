"""reconcileGallery and reconcileMedia: galleries follow their rules, and lose nothing that an editor did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.conftest import both_databases
from tests.support.batches import new_batch
from tests.support.rows import fresh
from tests.support.rules import gallery_with, in_library, picture, queued, shown, work_off
from webapp.database import db, transaction, utcnow
from webapp.imaging import Facts
from webapp.jobs import queue
from webapp.jobs.job import Job
from webapp.models import reconcile
from webapp.models.backfill import count_missing, start_backfill
from webapp.models.batch import Place
from webapp.models.former_file import former_files
from webapp.models.gallery import Item, add_item, change_gallery, find_gallery, move_item, set_hidden
from webapp.models.many_media import restore_many, trash_many
from webapp.models.media import Media, restore_media, trash_media
from webapp.models.media_words import change_media
from webapp.models.page import Block, restore_page, trash_page
from webapp.models.reconcile import effect_of
from webapp.models.replacing import put_back, replace_file
from webapp.models.rule import queue_reconcile, rule_of
from webapp.storage import StoredFile
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


@pytest.fixture
def hills(in_app) -> list[int]:
    """Three others."""
    return in_library([picture(f"hill{number}", "hill") for number in range(3)])


def reconciled(gallery_id: int) -> Job:
    job = queue_reconcile(gallery_id)
    perform_job(job.id)
    return fresh(job)


def item(gallery_id: int, media_id: int) -> Item | None:
    db.session.rollback()
    return db.session.get(Item, (media_id, gallery_id), populate_existing=True)


def test_a_new_rule_adds_what_matches_and_takes_away_what_no_longer_does(in_app):
    before = in_library([picture(f"old{number}", "sea") for number in range(3)])
    gallery_id = gallery_with()
    after = [picture("new", "sea"), picture("hill", "hill")]
    work_off()
    assert shown(gallery_id) == after
    effect = effect_of(find_gallery(gallery_id), rule_of(SEA))
    assert (effect.matching, effect.adds, effect.takes, effect.shown, effect.stay) == (4, 3, 1, 2, 0)
    change_gallery(gallery_id, rule=SEA)
    work_off()
    assert shown(gallery_id) == [*before, after[0]]
    job = db.session.scalars(select(Job).where(Job.workflow_slug == "reconcileGallery")).one()
    assert job.output == {"galleryId": gallery_id, "added": 3, "removed": 1}
    again = reconciled(gallery_id)
    assert again.output == {"galleryId": gallery_id, "added": 0, "removed": 0}


def test_what_an_editor_did_stays(sea, hills):
    gallery_id = gallery_with()
    for media_id in (*sea, *hills):
        queue("syncMediaToGalleries", {"mediaId": media_id})
    work_off()
    by_hand = picture("by hand")
    add_item(gallery_id, by_hand)
    set_hidden(gallery_id, sea[0], True)
    set_hidden(gallery_id, hills[0], True)
    move_item(gallery_id, hills[1], 1)
    assert effect_of(find_gallery(gallery_id), rule_of(SEA)).stay == 2
    change_gallery(gallery_id, rule=SEA)
    work_off()
    assert shown(gallery_id) == [hills[1], *sea[1:], by_hand]
    assert item(gallery_id, hills[0]).hidden and item(gallery_id, sea[0]).hidden
    change_gallery(gallery_id, rule={"tagsAny": ["hill"]})
    change_gallery(gallery_id, rule=None)
    work_off()
    assert not {sea[0], hills[0]} & set(shown(gallery_id))


def test_without_a_rule_again_it_takes_what_came_since_auto_sync_and_asks_for_the_older(sea):
    gallery_id = gallery_with({"tagsAny": ["hill"]})
    late = picture("late")
    work_off()
    change_gallery(gallery_id, rule=None)
    work_off()
    assert shown(gallery_id) == [late]
    assert count_missing(find_gallery(gallery_id)) == len(sea)


def test_many_changes_are_one_job_and_it_does_the_last(sea, hills):
    gallery_id = gallery_with(SEA)
    change_gallery(gallery_id, rule={"tagsAny": ["hill"]})
    change_gallery(gallery_id, rule={"tagsAny": ["hill", "sea"]})
    assert queued("reconcileGallery") == 1
    work_off()
    assert shown(gallery_id) == [*sea, *hills]


@pytest.mark.parametrize("gone", ["switched off", "deleted"])
def test_it_is_cancelled_when_auto_sync_is_off_or_the_gallery_is_gone(sea, gone):
    gallery_id = gallery_with(SEA)
    if gone == "deleted":
        trash_page(find_gallery(gallery_id).page_id)
    else:
        change_gallery(gallery_id, auto_sync=False)
    job = reconciled(gallery_id)
    reason = "The gallery was deleted." if gone == "deleted" else "Auto-sync was switched off."
    assert (job.status, job.reason) == ("cancelled", reason)
    assert item(gallery_id, sea[0]) is None


def test_it_fits_pictures_in_the_trash_into_nothing(sea):
    trash_media(sea[0])
    gallery_id = gallery_with(SEA)
    work_off()
    assert shown(gallery_id) == sea[1:]
    restore_media(sea[0], resync=True)
    work_off()
    assert shown(gallery_id) == sea


@pytest.mark.parametrize("together", [True, False])
def test_pictures_follow_a_rule_that_was_changed_while_they_were_in_the_trash(sea, hills, together):
    gallery_id = gallery_with(SEA)
    queue_reconcile(gallery_id)
    work_off()
    both = [sea[0], hills[0]]
    trash_many(both)
    change_gallery(gallery_id, rule={"tagsAny": ["hill"]})
    work_off()
    restore_many(both) if together else [restore_media(media_id) for media_id in both]
    work_off()
    assert shown(gallery_id) == hills


def test_a_gallery_follows_a_rule_that_was_changed_before_its_page_went_to_the_trash(sea, hills):
    gallery_id = gallery_with(SEA)
    page_id = find_gallery(gallery_id).page_id
    change_gallery(gallery_id, rule={"tagsAny": ["hill"]})
    trash_page(page_id)
    work_off()
    restore_page(page_id)
    work_off()
    assert shown(gallery_id) == hills


def test_a_rule_on_words_follows_the_name_of_a_new_file_and_of_one_that_is_put_back(in_app):
    gallery_id = gallery_with({"text": "harbour"})
    media_id = picture("harbour")
    work_off()
    facts = Facts(mime_type="image/jpeg", extension="jpg", width=4, height=3, frames=1)
    replace_file(media_id, StoredFile("originals/hills", 1, "hills"), facts, filename="hills.jpg")
    work_off()
    assert shown(gallery_id) == []
    put_back(media_id, former_files(media_id)[0].id)
    work_off()
    assert shown(gallery_id) == [media_id]


def test_a_backfill_adds_what_the_rule_matches(sea, hills):
    gallery_id = gallery_with(SEA, auto_sync=False)
    assert queued("reconcileGallery") == 0
    gallery = change_gallery(gallery_id, auto_sync=True)
    assert count_missing(gallery) == 5
    job = start_backfill(gallery_id)
    perform_job(job.id)
    assert shown(gallery_id) == sea
    assert fresh(job).output["added"] == 5


def test_a_batch_goes_where_it_belongs(in_app):
    every, sea_only = gallery_with(), gallery_with(SEA)
    batch = new_batch(4)
    made = [picture(f"{n}", "sea" if n % 2 else "hill", place=Place(batch, n)) for n in range(4)]
    work_off()
    assert shown(every) == made
    assert shown(sea_only) == [made[1], made[3]]


def test_drift_is_what_the_rule_lacks(in_app):
    gallery_id = gallery_with(SEA)
    work_off()
    one, two, three = picture("one", "sea"), picture("two", "sea"), picture("three")
    with transaction() as session:
        session.execute(update(Job).values(status="succeeded", completed_at=utcnow()))  # and did nothing
        session.execute(update(Media).values(created_at=utcnow() - timedelta(hours=1)))
        session.execute(update(Block).values(auto_sync_since=utcnow() - timedelta(hours=2)))
    add_item(gallery_id, two)
    set_hidden(gallery_id, two, True)
    job = queue("checkDrift")
    perform_job(job.id)
    assert fresh(job).output == {"missing": 1, "mended": 1}
    assert shown(gallery_id) == [one]
    assert item(gallery_id, three) is None


def test_a_picture_follows_its_tags(in_app):
    sea_only, hill_only, every = gallery_with(SEA), gallery_with({"tagsAny": ["hill"]}), gallery_with()
    work_off()
    one = picture("one", "sea")
    work_off()
    change_media(one, tags=["hill"])
    work_off()
    assert (shown(sea_only), shown(hill_only), shown(every)) == ([], [one], [one])
    change_media(one, tags=["sea"])
    work_off()
    assert (shown(sea_only), shown(hill_only), shown(every)) == ([one], [], [one])


def test_a_picture_that_is_hidden_or_placed_by_hand_follows_nothing(in_app):
    gallery_id = gallery_with(SEA)
    hidden, moved = picture("hidden", "sea"), picture("moved", "sea")
    work_off()
    set_hidden(gallery_id, hidden, True)
    move_item(gallery_id, moved, 1)
    for tags in ([], ["sea"]):
        for media_id in (hidden, moved):
            change_media(media_id, tags=tags)
        work_off()
        assert shown(gallery_id) == [moved]
        assert item(gallery_id, hidden).hidden

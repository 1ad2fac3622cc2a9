"""Undo of a replaced file: the file before is kept for some days, and comes back on a press."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.admin.conftest import HUGE, file, fresh, jpeg, shown, upload, work_off
from tests.conftest import both_databases
from tests.support.audit import lines
from webapp.database import db, transaction, utcnow
from webapp.jobs import Job, queue
from webapp.models.deleting import delete_media, keys_of
from webapp.models.former_file import FormerFile, former_files
from webapp.models.gallery import add_item
from webapp.models.media import Media, Rendition, trash_media
from webapp.models.media_words import change_media
from webapp.models.orphans import collect_orphans
from webapp.storage import storage
from workers.perform import perform_job


@pytest.fixture
def replaced(editor, post, media):
    """A picture with a second file, both of which had renditions."""
    work_off()
    replace(editor, post, media, 7)
    work_off()
    return fresh(Media, media.id)


def replace(editor, post, media, number: int):
    return post(editor, f"/admin/media/{media.id}/file", file=file(f"{number}.jpg", number=number))


def undo_url(media) -> str:
    db.session.rollback()
    return f"/admin/media/{media.id}/file/{former_files(media.id)[0].id}"


def keys() -> set[str]:
    return {found.key for found in storage().every_file()}


def names(media) -> set[str]:
    return set(db.session.scalars(select(Rendition.name).where(Rendition.media_id == media.id)))


def original(editor, media) -> bytes:
    return editor.get(f"/admin/media/{media.id}/original").data


@both_databases
def test_undo_puts_the_file_before_back_and_the_picture_stays_the_same(editor, post, media, gallery_id):
    add_item(gallery_id, media.id)
    change_media(media.id, alt="Boats", tags=["sea"], focal=(10, 20))
    work_off()
    before, first = fresh(Media, media.id), names(media)
    facts = (before.storage_key, before.filename, before.filesize, before.width, before.sha256, before.mime_type)
    answer = post(editor, f"/admin/media/{media.id}/file", file=file("new.jpg", jpeg(7, (90, 30))))
    work_off()
    page = editor.get(answer.location).text
    assert undo_url(media) in page and "Undo" in page and "The file is now new.jpg." in page

    answer = post(editor, undo_url(media))
    assert answer.status_code == 303
    now = fresh(Media, media.id)
    assert (now.storage_key, now.filename, now.filesize, now.width, now.sha256, now.mime_type) == facts
    assert (now.alt, now.focal_x, now.tags) == ("Boats", 10, ["sea"])
    assert original(editor, media) == jpeg(1)
    work_off()
    assert fresh(Media, media.id).is_current
    assert names(media) == first
    assert shown(gallery_id) == [media.id]
    assert keys() == set(keys_of([media.id]))
    assert lines()[-2:] == ["replaced the file of “Boats”", f"put the file {before.filename} back"]


def test_undo_can_be_undone(editor, post, replaced):
    page = editor.get(post(editor, undo_url(replaced)).location).text
    assert undo_url(replaced) in page
    post(editor, undo_url(replaced))
    work_off()
    assert original(editor, replaced) == jpeg(7)
    assert db.session.scalar(select(func.count(FormerFile.id))) == 1


def test_undone_before_the_new_renditions_are_there(editor, post, media):
    work_off()
    first = names(media)
    replace(editor, post, media, 7)
    post(editor, undo_url(media))
    assert names(media) == first
    work_off()
    assert fresh(Media, media.id).is_current
    assert names(media) == first
    assert keys() == set(keys_of([media.id]))


def test_renditions_made_anew_never_lie_where_old_ones_are_about_to_be_deleted(editor, post, replaced):
    """A worker deletes the old ones after its commit, and may do that late."""
    with transaction():
        again = queue("makeRenditions", {"mediaId": replaced.id}, subject=replaced.subject)
    old = {rendition.storage_key for rendition in replaced.renditions}
    assert perform_job(again.id) == "succeeded"
    media = fresh(Media, replaced.id)
    db.session.refresh(media, ["renditions"])
    assert {rendition.storage_key for rendition in media.renditions} & old == set()
    assert keys() == set(keys_of([media.id]))


def test_each_file_that_it_had_can_be_put_back_from_its_page(editor, post, replaced):
    replace(editor, post, replaced, 8)
    work_off()
    newer, older = former_files(replaced.id)
    page = editor.get(f"/admin/media/{replaced.id}").text
    assert page.index(f"/file/{newer.id}") < page.index(f"/file/{older.id}")
    assert "Put it back" in page
    post(editor, f"/admin/media/{replaced.id}/file/{older.id}")
    work_off()
    assert original(editor, replaced) == jpeg(1)


def test_after_its_days_the_clean_up_deletes_it(editor, post, replaced, monkeypatch):
    url, former = undo_url(replaced), former_files(replaced.id)[0]
    assert timedelta(days=6.9) < former.kept_until - utcnow() < timedelta(days=7)
    key, later = former.storage_key, utcnow() + timedelta(days=2)
    with monkeypatch.context() as patched:
        patched.setattr("webapp.models.orphans.utcnow", lambda: later)
        assert collect_orphans().files == 0
        with transaction() as session:
            session.execute(update(FormerFile).values(kept_until=utcnow()))
        with transaction():
            job = queue("collectOrphanFiles", {})
        assert perform_job(job.id) == "succeeded"
    assert fresh(Job, job.id).output["files"] == 1
    assert key not in keys() and keys() == set(keys_of([replaced.id]))
    assert "Put it back" not in editor.get(f"/admin/media/{replaced.id}").text
    assert post(editor, url).status_code == 404


@both_databases
def test_a_file_that_is_another_picture_by_now_is_told_and_changes_nothing(editor, post, replaced):
    other = upload(editor, post, "again.jpg", 1)
    answer = post(editor, undo_url(replaced))
    assert "as another picture by now: again.jpg. Nothing was changed." in editor.get(answer.location).text
    assert original(editor, replaced) == jpeg(7)
    assert len(former_files(replaced.id)) == 1
    assert fresh(Media, other.id).deleted_at is None


def test_deleted_for_good_the_files_before_go_too(editor, post, replaced):
    trash_media(replaced.id)
    delete_media(replaced.id)
    assert keys() == set()


def test_only_editors_undo_with_a_token_by_post_and_what_is_there(viewer, editor, anonymous, post, replaced):
    url = undo_url(replaced)
    assert url not in viewer.get(f"/admin/media/{replaced.id}?replaced=1").text
    assert post(viewer, url).status_code == 403
    assert "/admin/sign-in" in anonymous.post(url).location
    assert editor.post(url).status_code == 400
    assert editor.get(url).status_code == 405
    other = upload(editor, post, "other.jpg", 2)
    for impossible in (f"{replaced.id}/file/987654", f"{replaced.id}/file/{HUGE}", f"{other.id}/file/1"):
        assert post(editor, f"/admin/media/{impossible}").status_code == 404
    trash_media(replaced.id)
    assert post(editor, url).status_code == 404
    assert original(editor, replaced) == jpeg(7)

"""A new file for a picture: what stays, what is new, and when the old one goes."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.admin.conftest import HUGE, file, fresh, jpeg, shown, upload, work_off
from tests.conftest import both_databases
from webapp.database import db, transaction
from webapp.jobs import queue
from webapp.jobs.job import Job
from webapp.models.deleting import keys_of
from webapp.models.gallery import add_item
from webapp.models.media import Media, Rendition, trash_media
from webapp.models.media_words import change_media
from webapp.models.orphans import named_keys
from webapp.storage import storage
from workers.perform import perform_job
from workers.tasks import media as tasks


@pytest.fixture
def ready(media):
    """A picture with its renditions."""
    work_off()
    return fresh(Media, media.id)


def replace(editor, post, media, number: int = 7, name: str = "new.jpg"):
    return post(editor, f"/admin/media/{media.id}/file", file=file(name, number=number))


def keys() -> set[str]:
    return {found.key for found in storage().every_file()}


def names(media) -> set[str]:
    return set(db.session.scalars(select(Rendition.name).where(Rendition.media_id == media.id)))


@both_databases
def test_the_picture_stays_the_same_with_a_new_file(editor, post, ready, gallery_id):
    add_item(gallery_id, ready.id)
    change_media(ready.id, alt="Boats", caption="At dawn", credit="Ann", tags=["sea"], focal=(10, 20))
    old = {"key": ready.storage_key, "sha": ready.sha256, "names": names(ready)}
    jobs = db.session.scalar(select(func.count(Job.id)))

    answer = post(editor, f"/admin/media/{ready.id}/file", file=file("new.jpg", jpeg(7, (90, 30))))
    assert (answer.status_code, answer.location) == (303, f"/admin/media/{ready.id}?replaced=1")
    media = fresh(Media, ready.id)
    assert (media.filename, media.width, media.height, media.filesize) == ("new.jpg", 90, 30, len(jpeg(7, (90, 30))))
    assert media.sha256 != old["sha"] and media.storage_key != old["key"]
    assert (media.alt, media.caption, media.credit, media.focal_x) == ("Boats", "At dawn", "Ann", 10)
    assert names(media) == old["names"]  # shown until there are new ones
    assert not media.is_current
    assert "This is the picture before the new file." in editor.get(f"/admin/media/{ready.id}").text
    new_jobs = db.session.scalars(select(Job.task_slug).order_by(Job.id).offset(jobs)).all()
    assert new_jobs == ["makeRenditions"]  # and no sync

    work_off()
    media = fresh(Media, ready.id)
    assert media.is_current
    assert names(media) and not names(media) & old["names"]
    assert shown(gallery_id) == [ready.id]
    page = editor.get(f"/admin/media/{ready.id}").text
    assert "This is the picture before" not in page and "Boats" in page


def test_the_old_renditions_stay_until_the_new_are_recorded_and_the_old_file_longer(editor, post, ready):
    before, old = keys(), ready.storage_key
    replace(editor, post, ready)
    assert before < keys()
    assert named_keys(before) == before  # nobody collects them meanwhile
    work_off()
    after = keys()
    assert before & after == {old}
    assert after == set(keys_of([ready.id]))


def test_a_picture_whose_renditions_were_never_made_is_replaced_too(editor, post, media):
    replace(editor, post, media)
    work_off()
    assert fresh(Media, media.id).is_current


def test_replaced_twice_the_last_one_stays(editor, post, ready):
    before, old = keys(), ready.storage_key
    for number in (7, 8):
        replace(editor, post, ready, number)
    work_off()
    media = fresh(Media, ready.id)
    with storage().open(media.storage_key) as original:
        assert original.read() == jpeg(8)
    assert before & keys() == {old}
    assert keys() == set(keys_of([ready.id]))


def test_back_to_the_first_file_is_a_replacement_like_any_other(editor, post, ready):
    first = names(ready)
    for number in (7, 1):
        replace(editor, post, ready, number)
        work_off()
    media = fresh(Media, ready.id)
    assert names(media) == first
    assert all(storage().find(rendition.storage_key) for rendition in media.renditions)


@both_databases
def test_a_job_of_the_old_file_that_ends_after_the_replacement_records_nothing(editor, post, media, monkeypatch):
    late = db.session.scalar(select(Job.id).where(Job.task_slug == "makeRenditions"))

    def replaced_meanwhile(*given, **more):
        monkeypatch.setattr(tasks, "draw_renditions", draw)
        made = list(draw(*given, **more))
        assert replace(editor, post, media).status_code == 303
        return made

    draw = tasks.draw_renditions
    monkeypatch.setattr(tasks, "draw_renditions", replaced_meanwhile)
    assert perform_job(late) == "cancelled"
    assert names(media) == set()
    assert "The file was replaced" in fresh(Job, late).reason
    work_off()
    assert fresh(Media, media.id).is_current


def test_a_job_of_the_old_file_whose_file_is_gone_has_not_failed(editor, post, media, monkeypatch):
    late = db.session.scalar(select(Job.id).where(Job.task_slug == "makeRenditions"))
    opened = type(storage()).open

    def gone(self, key):
        monkeypatch.setattr(type(storage()), "open", opened)
        replace(editor, post, media)
        return opened(self, key)

    monkeypatch.setattr(type(storage()), "open", gone)
    assert perform_job(late) == "cancelled"


def test_when_the_new_file_can_not_be_shown_the_old_picture_stays_and_it_can_be_tried_again(
    editor, post, ready, monkeypatch
):
    old = names(ready)
    replace(editor, post, ready)

    def refuse(*_, **__):
        raise tasks.BadImage("new.jpg is damaged and can't be read.")

    with monkeypatch.context() as broken:
        broken.setattr(tasks, "draw_renditions", refuse)
        work_off()
    assert names(ready) == old
    page = editor.get(f"/admin/media/{ready.id}").text
    assert "Failed: new.jpg is damaged and can&#39;t be read." in page
    assert "Try again" in page
    assert "This is the picture before the new file." in page
    assert editor.get(f"/admin/media/{ready.id}/original").data == jpeg(7)
    failed = db.session.scalar(select(Job.id).where(Job.status == "failed"))
    post(editor, f"/admin/jobs/{failed}/retry")
    work_off()
    assert fresh(Media, ready.id).is_current
    assert not names(ready) & old


def unchanged(media) -> bool:
    now = fresh(Media, media.id)
    same = ("storage_key", "sha256", "filename", "width", "is_ready", "replaced_key")
    return all(getattr(now, name) == getattr(media, name) for name in same)


@both_databases
@pytest.mark.parametrize("where", ["in the library", "in the trash"])
def test_the_file_of_another_picture_is_told_and_changes_nothing(editor, post, ready, where):
    other = upload(editor, post, "other.jpg", 2)
    if where == "in the trash":
        trash_media(other.id)
    before = keys()
    answer = replace(editor, post, ready, 2)
    assert answer.status_code == 409
    assert f"new.jpg is {where} already, as other.jpg. Nothing was changed." in answer.text
    assert unchanged(ready)
    assert keys() == before


def test_its_own_file_once_more_changes_nothing(editor, post, ready):
    answer = replace(editor, post, ready, 1)
    assert answer.status_code == 409
    assert "is the file that this picture has already" in answer.text
    assert 'data-unsaved=""' in answer.text  # no words were typed that could be lost
    assert unchanged(ready)


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        (b"<html>", 415, "new.jpg isn&#39;t a picture we can read"),
        (jpeg()[:200], 415, "new.jpg: The file is cut off."),
        (b"", 415, "new.jpg is empty."),
        (jpeg() + bytes(20 * 1024 * 1024), 413, "The limit is 20 MB."),
    ],
)
def test_a_bad_file_gets_the_usual_words_and_changes_nothing(editor, post, ready, sent, status, words):
    before = keys()
    answer = post(editor, f"/admin/media/{ready.id}/file", file=file("new.jpg", sent))
    assert answer.status_code == status
    assert words in answer.text
    assert '<a href="#file">' in answer.text
    assert unchanged(ready)
    assert keys() == before


@pytest.mark.parametrize("fields", [{}, {"file": "text"}, {"other": file()}])
def test_without_a_file_it_says_so(editor, post, ready, fields):
    answer = post(editor, f"/admin/media/{ready.id}/file", **fields)
    assert answer.status_code == 400
    assert "Choose the new file first." in answer.text


def test_only_editors_replace_with_a_token_by_post_and_what_is_there(viewer, editor, anonymous, post, ready):
    assert replace(viewer, post, ready).status_code == 403
    assert "/admin/sign-in" in anonymous.post(f"/admin/media/{ready.id}/file").location
    assert editor.post(f"/admin/media/{ready.id}/file", data={"file": file(number=7)}).status_code == 400
    assert editor.get(f"/admin/media/{ready.id}/file").status_code == 405
    for media_id in (0, 987654, HUGE):
        assert post(editor, f"/admin/media/{media_id}/file", file=file(number=7)).status_code == 404
    trash_media(ready.id)
    assert replace(editor, post, ready).status_code == 404
    assert unchanged(ready)


def test_a_file_that_can_not_be_deleted_now_is_collected_later(editor, post, ready, monkeypatch):
    def refuse(*_):
        raise OSError("The disk is busy")

    monkeypatch.setattr(type(storage()), "delete", refuse)
    replace(editor, post, ready)
    work_off()
    assert fresh(Media, ready.id).is_current


def test_a_renditions_job_that_runs_once_more_changes_nothing(ready):
    before = names(ready)
    with transaction():
        job = queue("makeRenditions", {"mediaId": ready.id}, subject=ready.subject)
    assert perform_job(job.id) == "succeeded"
    assert names(ready) == before
    assert keys() == {ready.storage_key, *(rendition.storage_key for rendition in fresh(Media, ready.id).renditions)}

"""Deleting many pictures of the trash for good, and emptying it: asked first, and quick however many there are."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select

from tests.admin.conftest import HUGE, fresh, upload, work_off
from tests.conftest import both_databases
from tests.support.audit import lines
from webapp.database import db, transaction, utcnow
from webapp.jobs import Job, retry_by_id
from webapp.models import deleting
from webapp.models.gallery import Item, add_item
from webapp.models.media import Media, Rendition, restore_media, trash_media
from webapp.models.page import Block, create_page
from webapp.storage import StorageError, storage

DELETE, EMPTY = "/admin/media/many/delete?trash=1", "/admin/media/trash/empty"


@pytest.fixture
def three(editor, post, gallery_id) -> list[int]:
    """In the trash, with their renditions; the first has a place in a gallery, the second stands alone on a page."""
    found = [upload(editor, post, f"{name}.jpg", number).id for number, name in enumerate("abc", 1)]
    work_off()
    add_item(gallery_id, found[0])
    create_page("One", layout=[{"blockType": "picture", "mediaId": found[1]}])
    for media_id in found:
        trash_media(media_id)
    return found


def said(client: FlaskClient, answer) -> str:
    assert answer.status_code == 303, answer.text
    return " ".join(client.get(answer.location).text.split())


def files() -> set[str]:
    return {found.key for found in storage().every_file()}


def left() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Media.id).order_by(Media.id)))


def until(client: FlaskClient) -> str:
    return re.search(r'name="until" value="(\d+)"', client.get(EMPTY).text)[1]


@both_databases
def test_those_that_are_ticked_are_deleted_after_a_question(editor, post, three, gallery_id):
    html = " ".join(post(editor, DELETE, media=three[:2]).text.split())
    assert "Delete 2 pictures for good?" in html
    assert "They are used on 2 pages, in 1 gallery, and lose their place there." in html
    assert left() == three
    ids = re.findall(r'name="media" value="(\d+)"', html)
    assert "2 pictures are deleted for good." in said(editor, post(editor, DELETE, media=ids, sure="yes"))
    assert left() == three[2:]
    assert fresh(Item, (three[0], gallery_id)) is None
    assert db.session.scalars(select(Block.media_id).where(Block.type == "picture")).all() == [None]
    assert "2 were not in the trash any more" in said(editor, post(editor, DELETE, media=ids, sure="yes"))


@both_databases
def test_their_files_are_deleted_in_the_background(editor, post, three):
    gone = set(deleting.keys_of(three[:2]))
    assert len(gone) > 4 and gone < files()
    post(editor, DELETE, media=three[:2], sure="yes")
    work_off()
    assert files() == set(deleting.keys_of(three[2:]))
    (job,) = db.session.scalars(select(Job).where(Job.task_slug == "deleteFiles"))
    assert (job.status, job.output) == ("succeeded", {"files": len(gone)})


def test_files_that_storage_does_not_delete_now_are_tried_again(monkeypatch, editor, post, three):
    def away(_key: str) -> None:
        raise StorageError("Storage is away.")

    with monkeypatch.context() as patched:
        patched.setattr(storage(), "delete", away)
        post(editor, EMPTY, until=until(editor))
        work_off()
    job = db.session.scalars(select(Job).where(Job.task_slug == "deleteFiles")).one()
    assert job.will_retry and files()
    retry_by_id(job.id)
    work_off()
    assert not files()


def test_a_picture_that_was_restored_meanwhile_stays(editor, post, three):
    restore_media(three[0])
    html = post(editor, DELETE, media=three).text
    assert "Delete 2 pictures for good?" in html
    post(editor, DELETE, media=three, sure="yes")
    assert left() == three[:1]
    assert "They are not in the trash any more." in said(editor, post(editor, DELETE, media=three))
    work_off()
    assert set(deleting.keys_of(three[:1])) == files()


@both_databases
def test_the_trash_is_emptied_after_a_question(editor, post, three):
    kept = upload(editor, post, "kept.jpg", 9).id
    assert EMPTY in editor.get("/admin/media?trash=1").text
    html = " ".join(editor.get(EMPTY).text.split())
    assert "Empty the trash?" in html and "Delete 3 pictures for good" in html
    assert "They are used on 2 pages, in 1 gallery" in html
    assert "3 pictures are deleted for good." in said(editor, post(editor, EMPTY, until=until(editor)))
    assert left() == [kept]
    assert EMPTY not in editor.get("/admin/media?trash=1").text


def test_what_came_after_the_question_stays_in_the_trash(editor, post, three):
    asked = until(editor)
    late = upload(editor, post, "late.jpg", 9).id
    trash_media(late)
    post(editor, EMPTY, until=asked)
    assert left() == [late]


@both_databases
def test_what_was_trashed_while_the_clock_was_ahead_goes_with_the_others(editor, post, three):
    with transaction() as session:
        session.get_one(Media, three[0]).deleted_at = utcnow() + timedelta(hours=1)
    assert "3 pictures are deleted for good." in said(editor, post(editor, EMPTY, until=until(editor)))
    assert left() == []


def test_emptied_twice_it_says_that_it_is_empty(editor, post, three):
    asked = until(editor)
    post(editor, EMPTY, until=asked)
    assert "The trash is empty already." in said(editor, post(editor, EMPTY, until=asked))
    assert "The trash is empty already." in said(editor, editor.get(EMPTY))


@pytest.mark.parametrize("typed", ["", "x", str(HUGE), "-1"])
def test_odd_moments_empty_nothing(editor, post, three, typed):
    assert post(editor, EMPTY, until=typed).status_code in (303, 400)
    assert left() == three


def test_a_line_of_the_audit_log_says_who_did_it(editor, post, three):
    post(editor, DELETE, media=three[:1], sure="yes")
    post(editor, EMPTY, until=until(editor))
    assert lines()[-2:] == [
        f"deleted 1 picture for good: #{three[0]}",
        f"emptied the trash of 2 pictures: #{three[1]}, #{three[2]}",
    ]


def test_only_editors_and_only_by_a_form(viewer, anonymous, editor, post, three):
    assert viewer.get(EMPTY).status_code == 403
    assert EMPTY not in viewer.get("/admin/media?trash=1").text
    assert post(viewer, EMPTY, until=until(editor)).status_code == 403
    assert anonymous.post(EMPTY).status_code == 302
    assert editor.post(EMPTY, data={"until": until(editor)}).status_code == 400  # no token
    assert post(editor, EMPTY, method="DELETE").status_code == 405
    assert left() == three


@both_databases
def test_three_thousand_are_gone_within_a_request_that_waits_for_no_file(in_app, editor, post):
    fill(3000)
    began = time.monotonic()
    assert "3,000 pictures are deleted for good." in said(editor, post(editor, EMPTY, until=until(editor)))
    assert time.monotonic() - began < 10  # a second, when nothing else goes on
    sizes = [len(job.input["keys"]) for job in db.session.scalars(select(Job))]
    assert sum(sizes) == 3000 * 5 and max(sizes) == deleting.FILES_A_JOB
    assert db.session.scalar(select(func.count(Rendition.id))) == 0


def fill(count: int) -> None:
    facts = {"filename": "x.jpg", "mime_type": "image/jpeg", "filesize": 3, "width": 1, "height": 1}
    media = [facts | {"storage_key": f"o{n}", "sha256": str(n), "deleted_at": utcnow()} for n in range(count)]
    sizes = {"mime_type": "image/webp", "height": 1, "filesize": 3}
    with transaction() as session:
        session.execute(insert(Media), media)
        rows = [
            sizes | {"media_id": each, "width": width, "storage_key": f"r{each}-{width}", "name": f"{each}-{width}"}
            for each in session.scalars(select(Media.id))
            for width in range(4)
        ]
        session.execute(insert(Rendition), rows)

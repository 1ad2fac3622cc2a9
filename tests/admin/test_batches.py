"""Uploads of many files in the admin: one line for all, each file, each gallery, trying again."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from tests.admin.conftest import HUGE, NAUGHTY, count_queries, file, jpeg, work_off
from webapp.database import db, transaction
from webapp.jobs.job import Job
from webapp.models.batch import Batch, BatchFile
from webapp.models.gallery import change_gallery
from webapp.models.media import Media, trash_media

KEY = "0123456789abcdef"
URL = "/admin/batches/1"


@pytest.fixture
def batch(in_app, editor, post, gallery_id) -> Batch:
    """Two new pictures, one of them twice, and a file that is none."""
    change_gallery(gallery_id, auto_sync=True)
    files = [file("a.jpg", number=1), file("b.jpg", number=2), file("again.jpg", number=1), file("c.jpg", b"no")]
    assert post(editor, "/admin/media", files=files).status_code == 200
    return db.session.scalars(select(Batch)).one()


def send(post, client, number: int, *, data: int = 1, key: str = KEY, planned: object = 3, **fields):
    """One file of a drop, as the script sends it."""
    batch = {"batch": key, "batch_files": planned, "batch_number": number}
    return post(client, "/admin/media", as_json=True, files=file(f"{data}.jpg", number=data), **(batch | fields))


def syncs() -> list[str]:
    db.session.rollback()
    slugs = db.session.scalars(select(Job.workflow_slug).where(Job.subject.like("batch:%")))
    return [slug for slug in slugs if slug]


def test_a_form_with_many_files_is_one_batch_with_one_sync(editor, batch):
    assert (batch.planned, syncs()) == (4, ["syncBatch"])
    assert set(db.session.scalars(select(Media.batch_id))) == {batch.id}
    fates = db.session.scalars(select(BatchFile.fate).order_by(BatchFile.number)).all()
    assert fates == ["uploaded", "uploaded", "duplicate", "rejected"]


def test_the_result_page_shows_its_line(editor, post, in_app):
    answer = post(editor, "/admin/media", files=[file("a.jpg", number=1), file("b.jpg", number=2)])
    assert "Uploaded 2 of 2" in answer.text
    assert f'data-poll-url="{URL}/status"' in answer.text


def test_a_form_with_one_file_is_no_batch(editor, post, in_app):
    assert post(editor, "/admin/media", files=file()).status_code == 201
    assert db.session.scalar(select(Batch.id)) is None


def test_the_files_of_a_drop_come_alone_and_belong_together(editor, post, in_app):
    urls = [send(post, editor, number, data=number).json["batchStatusUrl"] for number in range(3)]
    assert urls == [f"{URL}/status"] * 3
    assert len(db.session.scalars(select(Media.id).where(Media.batch_id == 1)).all()) == 3
    assert syncs() == ["syncBatch"]


def test_a_file_whose_answer_was_lost_is_not_told_as_a_duplicate(editor, post, in_app):
    send(post, editor, 0)
    (result,) = send(post, editor, 0).json["results"]
    assert (result["state"], result["words"]) == ("uploaded", "Uploaded.")
    (other,) = send(post, editor, 1).json["results"]
    assert other["state"] == "duplicate"
    assert "Uploaded 1 of 3 · 1 already in the library" in editor.get(f"{URL}/status").text


def test_uploading_anyway_counts_as_the_same_file(editor, post, in_app):
    send(post, editor, 0)
    send(post, editor, 1)
    send(post, editor, 1, allow_duplicate="1")
    assert "Uploaded 2 of 3" in editor.get(f"{URL}/status").text


@pytest.mark.parametrize(
    "fields",
    [{"batch": NAUGHTY}, {"batch": ""}, {"batch": "x" * 99}, {"batch_files": "0"}, {"batch_files": HUGE},
     {"batch_files": ""}, {"batch_files": "1" * 7}, {"batch_number": "-1"}, {"batch_number": HUGE}],
)  # fmt: skip
def test_a_batch_that_can_not_be_is_refused_and_nothing_stored(editor, post, in_app, fields):
    assert send(post, editor, 0, **fields).status_code == 400
    assert db.session.scalar(select(Media.id)) is None


def test_the_page_shows_each_file_and_each_gallery(editor, viewer, batch, gallery_id):
    work_off()
    for client in (editor, viewer):
        html = client.get(URL).text
        words = "Uploaded 2 of 4 · 1 already in the library · 1 rejected · 2 ready · added to 1 gallery"
        assert words in html
        assert "Already in the library as a.jpg." in html
        assert f"/admin/galleries/{gallery_id}" in html
        assert "2 pictures" in html
        assert "data-poll-url" not in html
    assert html.index("c.jpg") < html.index("b.jpg")  # what needs somebody comes first


def test_what_failed_is_tried_again_by_one_button(editor, viewer, post, batch):
    with transaction() as session:
        failed = update(Job).where(Job.task_slug == "makeRenditions").values(status="failed", error="x")
        session.execute(failed)
        session.execute(update(Job).where(Job.workflow_slug == "syncBatch").values(status="failed", error="x"))
    assert "2 failed" in editor.get(URL).text
    assert "Try again what failed" in editor.get(URL).text
    assert "Try again what failed" not in viewer.get(URL).text
    assert post(editor, f"{URL}/retry").location == URL
    db.session.rollback()
    assert set(db.session.scalars(select(Job.status))) == {"queued"}
    assert "Nothing has failed." in editor.get(post(editor, f"{URL}/retry").location).text
    work_off()
    assert "2 ready · added to 1 gallery" in editor.get(URL).text


def test_a_picture_in_the_trash_is_said_to_be_there(editor, batch):
    work_off()
    trash_media(db.session.scalars(select(Media.id)).first())
    html = editor.get(URL).text
    assert "In the trash" in html
    assert "1 ready · added to 1 gallery" in html


def test_nobody_else_retries(editor, viewer, anonymous, post, batch):
    assert post(viewer, f"{URL}/retry").status_code == 403
    assert anonymous.post(f"{URL}/retry").status_code == 302
    assert editor.post(f"{URL}/retry").status_code == 400  # no token
    assert editor.get(f"{URL}/retry").status_code == 405
    assert post(editor, URL).status_code == 405


@pytest.mark.parametrize("number", [0, 987654, HUGE])
def test_a_batch_that_is_not_there_is_a_404(editor, post, number):
    for path in ("", "/status"):
        assert editor.get(f"/admin/batches/{number}{path}").status_code == 404
    assert post(editor, f"/admin/batches/{number}/retry").status_code == 404


def test_its_page_takes_the_same_number_of_queries_however_many_files(editor, post, batch):
    work_off()
    few = count_queries(editor, URL)
    key = db.session.scalars(select(Batch.key)).one()
    for number in range(4, 14):
        send(post, editor, number, data=number, key=key)
    work_off()
    assert count_queries(editor, URL) == few


def test_the_library_takes_no_more_queries_for_pictures_of_a_batch(editor, post, batch):
    work_off()
    few = count_queries(editor, "/admin/media")
    files = [file(f"{number}.jpg", jpeg(number)) for number in range(20, 26)]
    post(editor, "/admin/media", files=files)
    work_off()
    assert count_queries(editor, "/admin/media") == few

"""A picture whose file was lost from the storage is whole again when the same bytes are sent once more."""

from __future__ import annotations

from io import BytesIO

import pytest

from tests.support.pictures import tiny_jpeg
from webapp.database import db
from webapp.jobs.job import Job
from webapp.models.media import Media, trash_media
from webapp.storage import storage


@pytest.fixture
def lost(in_app, media_id, run_jobs) -> Media:
    """With its renditions, but without the file that was uploaded."""
    run_jobs()
    media = db.session.get_one(Media, media_id)
    storage().delete(media.storage_key)
    return media


def original(editor_api, media: Media) -> tuple[int, bytes]:
    answer = editor_api.get(editor_api.get(f"/api/media/{media.id}").json["url"])
    return answer.status_code, answer.data


@pytest.mark.parametrize("where", ["in the library", "in the trash"])
def test_by_an_upload(editor_api, upload, lost, where):
    if where == "in the trash":
        trash_media(lost.id)
    answer = upload()
    assert (answer.status_code, answer.json["id"], answer.json["duplicate"]) == (200, lost.id, True)
    assert original(editor_api, lost) == (200, tiny_jpeg(1))
    db.session.rollback()
    assert db.session.query(Job).filter_by(task_slug="makeRenditions", status="queued").count() == 1


def test_by_the_file_that_replaces_it(editor_api, lost):
    sent = {"file": (BytesIO(tiny_jpeg(1)), "again.jpg")}
    assert editor_api.put(f"/api/media/{lost.id}/file", data=sent).status_code == 200
    assert original(editor_api, lost) == (200, tiny_jpeg(1))


def test_a_file_that_is_there_stays_where_it_is(in_app, upload, media_id):
    key = db.session.get_one(Media, media_id).storage_key
    assert upload().json["duplicate"]
    assert db.session.get_one(Media, media_id, populate_existing=True).storage_key == key
    assert [file.key for file in storage().every_file()] == [key]

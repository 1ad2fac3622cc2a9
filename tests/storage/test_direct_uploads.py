"""A picture that goes straight to the bucket becomes one of the library just as one that is sent to us."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO

import pytest

from tests.conftest import both_databases
from tests.support.direct import announce, check, complete, jobs_of, look, put, send
from tests.support.pictures import tiny_jpeg
from tests.support.s3 import BUCKET
from webapp.database import db, is_writing, transaction, utcnow
from webapp.jobs import cancel_by_id, retry_by_id
from webapp.models.audit import history_of
from webapp.models.direct_upload import OPEN_FOR, DirectUpload
from webapp.models.gallery import Item
from webapp.models.media import Media, trash_media
from webapp.models.page import create_page
from webapp.storage import S3Storage, connect_s3, storage

pytestmark = [both_databases, pytest.mark.usefixtures("on_s3")]

NOTES = b"These are notes."


def keys(prefix: str = "incoming/") -> list[str]:
    found = storage().client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    return [file["Key"] for file in found.get("Contents", [])]


def library() -> list[Media]:
    db.session.rollback()
    return db.session.query(Media).order_by(Media.id).all()


def test_it_is_in_the_library_with_all_its_work_queued(editor_api):
    data = tiny_jpeg(1)
    form = announce(editor_api, data, "C:\\photos\\harbour.jpg", alt="Boats", tags=["sea"])
    assert put(form, data) == 204
    answered = complete(editor_api, form)
    assert (answered["state"], answered["words"]) == ("waiting", "Uploaded, being checked.")
    assert library() == []
    assert check(answered) == "succeeded"
    [media] = library()
    assert (media.filename, media.alt, media.tags, media.filesize) == ("harbour.jpg", "Boats", ["sea"], len(data))
    assert (media.width, media.sha256) == (64, hashlib.sha256(data).hexdigest())
    with storage().open(media.storage_key) as original:
        assert original.read() == data
    taken = look(editor_api, form)
    assert (taken["state"], taken["mediaId"], taken["url"]) == (
        "uploaded",
        media.id,
        f"/admin/media/{media.id}/original",
    )
    slugs = {job["taskSlug"] for job in editor_api.get(f"/api/jobs?subject=media:{media.id}").json["docs"]}
    assert slugs == {"makeRenditions", "syncMediaToGalleries"}


def test_nothing_of_it_stays_where_it_was_sent(editor_api):
    form = announce(editor_api, tiny_jpeg(1))
    key = form["fields"]["key"]
    assert key.startswith("incoming/")
    put(form, tiny_jpeg(1))
    assert key in keys()
    check(complete(editor_api, form))
    assert key not in keys()


def test_its_history_says_who_uploaded_it(editor_api):
    taken = send(editor_api, tiny_jpeg(1))
    [entry] = history_of(f"media:{taken['mediaId']}")
    assert (entry.verb, entry.who) == ("uploaded", "editor-by-token@example.org")


def test_the_same_bytes_again_are_told(editor_api):
    first = send(editor_api, tiny_jpeg(1))
    again = send(editor_api, tiny_jpeg(1), "again.jpg")
    assert (again["state"], again["mediaId"]) == ("duplicate", first["mediaId"])
    assert again["words"] == "Already in the library as harbour.jpg."
    copy = send(editor_api, tiny_jpeg(1), "copy.jpg", allowDuplicate=True)
    assert copy["state"] == "uploaded"
    assert len(library()) == 2
    assert len([key for key in keys("originals/") if key in {media.storage_key for media in library()}]) == 2


def test_the_bucket_is_not_waited_for_while_others_want_to_write(editor_api, monkeypatch):
    send(editor_api, tiny_jpeg(1))
    before, real, writing = keys(""), S3Storage.delete, []
    monkeypatch.setattr(S3Storage, "delete", lambda bucket, key: (writing.append(is_writing()), real(bucket, key)))
    assert send(editor_api, tiny_jpeg(1))["state"] == "duplicate"
    assert writing == [False, False]  # what was sent, and the copy that was looked at
    assert keys("") == before


def test_the_same_bytes_again_bring_a_lost_file_back(editor_api):
    media_id = send(editor_api, tiny_jpeg(1))["mediaId"]
    lost = db.session.get_one(Media, media_id).storage_key
    storage().delete(lost)
    assert send(editor_api, tiny_jpeg(1))["mediaId"] == media_id
    found = db.session.get_one(Media, media_id, populate_existing=True)
    assert found.storage_key != lost and found.storage_key in keys("originals/")


def test_what_lies_in_the_trash_comes_back(editor_api):
    first = send(editor_api, tiny_jpeg(1))
    trash_media(first["mediaId"])
    again = send(editor_api, tiny_jpeg(1))
    assert (again["state"], again["mediaId"]) == ("restored", first["mediaId"])
    assert library()[0].deleted_at is None


def test_what_is_no_picture_is_refused_in_the_words_of_a_plain_upload(editor_api):
    plain = editor_api.post("/api/media", data={"file": (BytesIO(NOTES), "notes.jpg")}).json["error"]
    before = keys("")
    refused = send(editor_api, NOTES, "notes.jpg")
    assert (refused["state"], refused["words"], refused["mediaId"]) == ("rejected", plain, None)
    assert library() == []
    assert keys("") == before


def test_a_file_over_the_limit_is_refused_before_it_is_sent(editor_api):
    size = 21 * 1024 * 1024
    facts = {"filename": "huge.jpg", "mimeType": "image/jpeg", "filesize": size}
    answer = editor_api.post("/api/media/direct", json=facts)
    assert answer.status_code == 413
    assert answer.json["error"] == "huge.jpg is 21 MB. The limit is 20 MB. Export a smaller copy and try again."


@pytest.mark.parametrize("more", [-1, 1, 5000])
def test_the_bucket_takes_no_other_size_than_was_announced(editor_api, more):
    data = tiny_jpeg(1)
    form = announce(editor_api, data)
    assert put(form, (data + bytes(5000))[: len(data) + more]) == 400
    assert form["fields"]["key"] not in keys()


@pytest.mark.parametrize(
    "forged",
    [
        {"key": "originals/00/mine.jpg"},
        {"key": "incoming/another"},
        {"Content-Type": "text/html"},
        {"x-amz-signature": "0" * 64},
        {"policy": "e30="},
    ],
)
def test_the_bucket_takes_nothing_under_a_form_that_was_changed(editor_api, forged):
    form = announce(editor_api, tiny_jpeg(1))
    before = keys(""), library()
    assert put(form, tiny_jpeg(1), **forged) == 403
    assert (keys(""), library()) == before


@pytest.mark.parametrize("mime_type", ["text/html", "image/svg+xml", "", None])
def test_only_types_of_pictures_can_be_announced(editor_api, mime_type):
    facts = {"filename": "x", "mimeType": mime_type, "filesize": 5}
    answer = editor_api.post("/api/media/direct", json=facts)
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["mimeType"])


def test_saying_twice_that_it_is_there_has_it_checked_once(editor_api):
    form = announce(editor_api, tiny_jpeg(1))
    put(form, tiny_jpeg(1))
    first, second = complete(editor_api, form), complete(editor_api, form)
    assert first == second
    assert check(first) == "succeeded"
    assert complete(editor_api, form)["state"] == "uploaded"
    assert (jobs_of(form), len(library())) == (1, 1)


def test_a_bucket_that_is_away_is_tried_again(editor_api, on_s3):
    form = announce(editor_api, tiny_jpeg(1))
    put(form, tiny_jpeg(1))
    answered, bucket = complete(editor_api, form), storage()
    on_s3.extensions["gallerist_storage"] = S3Storage(BUCKET, connect_s3("http://127.0.0.1:9"))
    assert check(answered) == "retrying"
    assert look(editor_api, form)["state"] == "waiting"
    on_s3.extensions["gallerist_storage"] = bucket
    retry_by_id(answered["job"]["id"])
    assert check(answered) == "succeeded"
    assert look(editor_api, form)["state"] == "uploaded"


def test_one_that_could_never_be_checked_says_so(editor_api, editor):
    form = announce(editor_api, tiny_jpeg(1))
    cancel_by_id(complete(editor_api, form)["job"]["id"])
    told = look(editor_api, form)
    assert (told["state"], told["words"]) == ("failed", "It could not be checked. Upload it again.")
    assert editor.get(f"/admin/direct-uploads/{form['uploadId']}").status_code == 404  # of another account


def test_saying_that_it_is_there_when_nothing_was_sent_is_told(editor_api):
    form = announce(editor_api, tiny_jpeg(1))
    assert check(complete(editor_api, form)) == "succeeded"
    told = look(editor_api, form)
    assert (told["state"], told["words"]) == ("rejected", "harbour.jpg did not arrive. Upload it again.")


def test_what_is_sent_once_more_after_it_was_looked_at_changes_nothing(editor_api):
    data = tiny_jpeg(1)
    form = announce(editor_api, data)
    put(form, data)
    check(complete(editor_api, form))
    other = bytes(len(data))
    assert put(form, other) == 204
    [media] = library()
    with storage().open(media.storage_key) as original:
        assert original.read() == data


def test_nobody_sees_or_completes_the_upload_of_another(editor_api, admin_api, viewer_api):
    form = announce(editor_api, tiny_jpeg(1))
    address = f"/api/media/direct/{form['uploadId']}"
    assert admin_api.get(address).status_code == admin_api.post(f"{address}/complete").status_code == 404
    assert viewer_api.post("/api/media/direct", json={}).status_code == 403
    assert jobs_of(form) == 0


def test_one_that_was_given_up_can_not_be_completed(editor_api):
    form = announce(editor_api, tiny_jpeg(1))
    with transaction() as session:
        session.get(DirectUpload, form["uploadId"]).created_at = utcnow() - OPEN_FOR - timedelta(minutes=1)
    answer = editor_api.post(f"/api/media/direct/{form['uploadId']}/complete")
    assert (answer.status_code, "Begin anew" in answer.json["error"]) == (404, True)


def test_it_hangs_in_the_gallery_it_was_meant_for(editor_api):
    gallery = create_page("One", layout=[{"blockType": "gallery"}]).blocks[0].id
    taken = send(editor_api, tiny_jpeg(1), galleryId=gallery)
    assert taken["words"] == "Uploaded. Added to this gallery."
    db.session.rollback()
    assert db.session.get(Item, (taken["mediaId"], gallery)).source == "manual"


def test_a_gallery_that_there_is_not_is_told_before_anything_is_sent(editor_api):
    facts = {"filename": "x.jpg", "mimeType": "image/jpeg", "filesize": 5, "galleryId": 999}
    assert editor_api.post("/api/media/direct", json=facts).status_code == 404


def test_its_batch_says_what_became_of_each(editor_api, editor):
    batch = {"key": "0123456789abcdef", "files": 3}
    for number, data in enumerate([tiny_jpeg(1), NOTES, tiny_jpeg(1)]):
        taken = send(editor_api, data, f"{number}.jpg", batch=batch | {"number": number})
    assert taken["state"] == "duplicate"
    page = editor.get("/admin/batches/1/status").text
    assert "Uploaded 1 of 3 · 1 already in the library · 1 rejected" in page
    [media] = library()
    assert media.batch_id == 1


def test_where_files_lie_on_the_disk_it_says_how_to_upload_else(editor_api, in_app, monkeypatch):
    monkeypatch.setattr(in_app.config["SETTINGS"], "direct_uploads", False)
    answer = editor_api.post("/api/media/direct", json={"filename": "x.jpg", "mimeType": "image/jpeg", "filesize": 5})
    assert (answer.status_code, "POST /api/media" in answer.json["error"]) == (409, True)


def test_what_is_announced_counts_for_the_day_as_what_is_sent_to_us(editor_api, in_app, monkeypatch):
    monkeypatch.setattr(in_app.config["SETTINGS"], "max_daily_upload_bytes", 30_000)
    facts = {"filename": "x.jpg", "mimeType": "image/jpeg", "filesize": 20_000}
    assert editor_api.post("/api/media/direct", json=facts).status_code == 201
    assert editor_api.post("/api/media/direct", json=facts).status_code == 429
    plain = {"file": (BytesIO(tiny_jpeg(1) + bytes(10_000)), "x.jpg")}
    assert editor_api.post("/api/media", data=plain).status_code == 429

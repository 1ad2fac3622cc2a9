"""Uploading through the form of the admin, with and without its script."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select

from tests.admin.conftest import HUGE, file, fresh, item, jpeg, shown
from tests.security.rows import threat
from webapp.database import db
from webapp.jobs.job import Job
from webapp.models.gallery import set_hidden
from webapp.models.media import Media, trash_media
from webapp.models.media_words import change_media


def count_media() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Media)) or 0


def results(answer) -> list[dict]:
    return answer.json["results"]


def test_a_form_with_many_files_answers_with_the_fate_of_each(in_app, editor, post):
    bad = file("notes.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    answer = post(editor, "/admin/media", files=[file("a.jpg", number=1), file("b.jpg", number=1), bad])
    assert answer.status_code == 200
    assert "1 new picture, 1 already in the library, 1 rejected." in answer.text
    assert "Already in the library as a.jpg." in answer.text
    assert "notes.png isn&#39;t a picture we can read" in answer.text
    assert count_media() == 1


def test_a_new_picture_gets_its_jobs(in_app, editor, post):
    answer = post(editor, "/admin/media", as_json=True, files=file())
    result = results(answer)[0]
    assert answer.status_code == 201
    assert (result["filename"], result["state"], result["words"]) == ("harbour.jpg", "uploaded", "Uploaded.")
    assert result["url"] == f"/admin/media/{result['mediaId']}"
    assert f'id="media-{result["mediaId"]}"' in result["card"]
    assert "Waiting for galleries" in result["progress"]
    slugs = db.session.scalars(select(Job.task_slug).where(Job.subject == f"media:{result['mediaId']}"))
    assert sorted(slugs) == ["makeRenditions", "syncMediaToGalleries"]


def test_the_uploader_is_remembered(in_app, editor, post):
    media_id = results(post(editor, "/admin/media", as_json=True, files=file()))[0]["mediaId"]
    assert "by editor" in editor.get(f"/admin/media/{media_id}").text


def test_the_same_bytes_are_told_and_not_stored_twice(editor, post, media):
    change_media(media.id, alt="Harbour")
    answer = post(editor, "/admin/media", as_json=True, files=file("again.jpg", number=1))
    assert answer.status_code == 200
    assert results(answer)[0] | {"card": "", "progress": ""} == {
        "needsAlt": "",
        "filename": "again.jpg",
        "state": "duplicate",
        "words": "Already in the library as Harbour.",
        "mediaId": media.id,
        "url": f"/admin/media/{media.id}",
        "card": "",
        "progress": "",
    }
    assert count_media() == 1


def test_a_copy_is_stored_when_it_is_wished(editor, post, media):
    answer = post(editor, "/admin/media", as_json=True, files=file(number=1), allow_duplicate="1")
    assert results(answer)[0]["state"] == "uploaded"
    assert count_media() == 2


def test_a_picture_from_the_trash_comes_back(editor, post, media):
    trash_media(media.id)
    result = results(post(editor, "/admin/media", as_json=True, files=file("again.jpg", number=1)))[0]
    assert result["state"] == "restored"
    assert result["words"] == "It was in the trash as harbour.jpg. It is back in the library."
    assert fresh(Media, media.id).deleted_at is None


def test_an_upload_into_a_gallery_adds_new_and_known_pictures_by_hand(editor, post, media, gallery_id):
    answer = post(
        editor,
        "/admin/media",
        as_json=True,
        gallery_id=gallery_id,
        files=[file("new.jpg", number=2), file("again.jpg", number=1)],
    )
    new, known = results(answer)
    assert new["words"] == "Uploaded. Added to this gallery."
    assert known["words"] == "Already in the library as harbour.jpg. Added to this gallery."
    assert shown(gallery_id) == [new["mediaId"], media.id]
    assert item(gallery_id, media.id).source == "manual"
    assert item(gallery_id, media.id).added_by is not None


def test_an_upload_into_a_gallery_shows_a_hidden_picture_again(editor, post, pictures, gallery_id):
    set_hidden(gallery_id, pictures[0], True)
    post(editor, "/admin/media", gallery_id=gallery_id, files=file(number=10))
    assert shown(gallery_id) == pictures


@pytest.mark.parametrize(("gallery_id", "status"), [(987654, 404), (HUGE, 400), ("x", 400), ("1\0", 400)])
def test_an_upload_into_no_gallery_stores_nothing(in_app, editor, post, gallery_id, status):
    answer = post(editor, "/admin/media", as_json=True, gallery_id=gallery_id, files=file())
    assert answer.status_code == status
    assert answer.json["error"]
    assert count_media() == 0


@pytest.mark.parametrize("fields", [{}, {"files": (io.BytesIO(), "")}, {"files": "text"}, {"other": file()}])
def test_without_a_file_it_says_so(in_app, editor, post, fields):
    answer = post(editor, "/admin/media", **fields)
    assert answer.status_code == 400
    assert "No picture was chosen." in answer.text
    assert count_media() == 0


def test_a_file_over_the_limit_is_refused_by_name(in_app, app, editor, post):
    large = jpeg() + bytes(app.config["SETTINGS"].max_upload_bytes)
    answer = post(editor, "/admin/media", as_json=True, files=file("beach.jpg", large))
    assert answer.status_code == 413
    assert results(answer)[0]["state"] == "rejected"
    assert results(answer)[0]["words"] == "beach.jpg is 21 MB. The limit is 20 MB. Export a smaller copy and try again."
    assert count_media() == 0


@threat(1)
@pytest.mark.parametrize("data", [b"", b"\0", b"GIF89a", jpeg()[:200], b"%PDF-1.7", b"<html>", b"PK\3\4"])
def test_what_is_no_picture_is_refused_with_words(in_app, editor, post, data):
    answer = post(editor, "/admin/media", files=file("thing.jpg", data))
    assert answer.status_code == 415
    assert "thing.jpg" in answer.text
    assert count_media() == 0


@threat(5)
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("猫.jpg", "猫.jpg"),
        ("../../etc/x.jpg", "x.jpg"),
        ("<script>alert(1)</script>.jpg", "script>.jpg"),
        ("a" * 300 + ".jpg", "a" * 255),
        ("..", "picture"),
    ],
)
def test_a_name_is_only_ever_text(in_app, editor, post, name, kept):
    answer = post(editor, "/admin/media", files=file(name))
    assert answer.status_code == 201
    assert "<script>alert" not in answer.text
    assert db.session.scalar(select(Media.filename)) == kept
    assert "<script>alert" not in editor.get("/admin/media").text


@threat(1)
@threat(6)
def test_nothing_is_left_of_a_refused_file(app, editor, post):
    post(editor, "/admin/media", files=file("thing.jpg", b"nothing"))
    folder = app.config["SETTINGS"].data_dir / "files"
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_viewer_and_a_visitor_upload_nothing(in_app, viewer, anonymous, post):
    assert post(viewer, "/admin/media", files=file()).status_code == 403
    assert anonymous.post("/admin/media", data={"files": file()}).status_code == 302
    answer = anonymous.post("/admin/media", data={"files": file()}, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert count_media() == 0


def test_an_upload_without_token_is_refused(in_app, editor):
    assert editor.post("/admin/media", data={"files": file()}).status_code == 400
    assert count_media() == 0


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_the_library_refuses_other_methods(editor, post, method):
    assert post(editor, "/admin/media", method=method).status_code == 405

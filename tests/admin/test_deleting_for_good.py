"""Deleting pages and pictures for good: from the trash only, after a question that says what is lost."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.admin.conftest import HUGE, file, fresh, shown, work_off
from tests.conftest import both_databases
from webapp.database import db
from webapp.jobs import Job
from webapp.models.gallery import Item, add_item
from webapp.models.media import Media, restore_media, trash_media
from webapp.models.page import Block, Page, create_page, trash_page
from webapp.storage import StorageError, storage


def test_a_page_in_the_trash_is_deleted_after_a_question(editor, post, fair, gallery_id, pictures):
    trash_page(fair.id)
    url = f"/admin/pages/{fair.id}/delete"
    assert url in editor.get("/admin/pages?trash=1").text
    html = editor.get(url).text
    assert "1 gallery with 5 pictures" in html
    assert "Delete 1 page for good" in html
    assert "The pictures stay in the library." in html
    answer = post(editor, url)
    assert (answer.status_code, answer.location) == (303, "/admin/pages?trash=1")
    assert fresh(Page, fair.id) is None
    assert fresh(Block, gallery_id) is None
    assert fresh(Media, pictures[0]) is not None
    assert "“Summer fair” is deleted for good." in editor.get(answer.location).text
    assert post(editor, url).status_code == 303  # again
    assert editor.get(url).status_code == 404


def test_a_page_that_is_not_in_the_trash_is_never_deleted(editor, post, fair):
    url = f"/admin/pages/{fair.id}/delete"
    assert editor.get(url).status_code == 404
    assert post(editor, url).status_code == 404
    assert fresh(Page, fair.id) is not None


def test_its_address_is_free_again(editor, post, fair):
    trash_page(fair.id)
    post(editor, f"/admin/pages/{fair.id}/delete")
    assert create_page("Summer fair").slug == "summer-fair"


def test_a_picture_in_the_trash_is_deleted_with_its_files(editor, post, media, gallery_id):
    work_off()
    media = fresh(Media, media.id)
    add_item(gallery_id, media.id)
    page = create_page("One", layout=[{"blockType": "picture", "mediaId": media.id}])
    keys = [media.storage_key, *(each.storage_key for each in media.renditions)]
    assert len(keys) > 1 and all(storage().find(key) for key in keys)
    trash_media(media.id)
    url = f"/admin/media/{media.id}/delete"
    assert url in editor.get(f"/admin/media/{media.id}").text
    html = editor.get(url).text
    assert "It is used on 2 pages, in 1 gallery, and loses its place there." in html
    assert "Delete 1 picture for good" in html
    answer = post(editor, url)
    assert (answer.status_code, answer.location) == (303, "/admin/media?trash=1")
    assert not any(storage().find(key) for key in keys)
    assert fresh(Media, media.id) is None
    assert fresh(Item, (media.id, gallery_id)) is None
    assert fresh(Block, page.blocks[0].id).media_id is None
    assert post(editor, url).status_code == 303  # again
    assert shown(gallery_id) == []


def test_a_picture_that_was_restored_meanwhile_stays(editor, post, media):
    trash_media(media.id)
    restore_media(media.id)
    assert post(editor, f"/admin/media/{media.id}/delete").status_code == 404
    assert storage().find(fresh(Media, media.id).storage_key)


def test_its_jobs_that_wait_find_nothing_to_do(editor, post, media):
    media_id = media.id
    trash_media(media_id)
    post(editor, f"/admin/media/{media_id}/delete")
    work_off()
    assert {job.status for job in db.session.query(Job)} == {"cancelled"}
    assert fresh(Media, media_id) is None


def test_the_same_file_can_be_uploaded_anew(editor, post, media):
    trash_media(media.id)
    post(editor, f"/admin/media/{media.id}/delete")
    answer = post(editor, "/admin/media", as_json=True, files=file("again.jpg", number=1))
    assert answer.json["results"][0]["state"] == "uploaded"


def test_files_that_storage_does_not_delete_now_are_left_to_the_collection(monkeypatch, editor, post, media):
    def away(_key: str) -> None:
        raise StorageError("Storage is away.")

    trash_media(media.id)
    monkeypatch.setattr(storage(), "delete", away)
    assert post(editor, f"/admin/media/{media.id}/delete").status_code == 303
    assert fresh(Media, media.id) is None


@both_databases
def test_on_both_databases(in_app: Flask, editor, post, media, pictures, gallery_id, fair):
    trash_media(pictures[0])
    assert post(editor, f"/admin/media/{pictures[0]}/delete").status_code == 303
    trash_page(fair.id)
    assert post(editor, f"/admin/pages/{fair.id}/delete").status_code == 303
    assert fresh(Page, fair.id) is None


@pytest.mark.parametrize("kind", ["pages", "media"])
def test_only_editors_delete(viewer, anonymous, editor, post, media, fair, kind):
    trash_media(media.id)
    trash_page(fair.id)
    url = f"/admin/{kind}/{fair.id if kind == 'pages' else media.id}/delete"
    assert viewer.get(url).status_code == 403
    assert post(viewer, url).status_code == 403
    assert anonymous.get(url).status_code == 302
    assert anonymous.post(url).status_code == 302
    assert editor.post(url).status_code == 400  # no token
    assert post(editor, url, method="DELETE").status_code == 405
    assert editor.get(f"/admin/{kind}/{HUGE}/delete").status_code == 404
    assert editor.get(f"/admin/{kind}/987654/delete").status_code == 404

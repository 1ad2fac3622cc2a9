"""Many pictures at once, to the trash and back."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.admin.conftest import upload
from tests.admin.many import VERBS, after, in_trash, url
from tests.conftest import both_databases
from webapp.database import db, transaction, utcnow
from webapp.jobs.job import Job
from webapp.models.gallery import add_item
from webapp.models.media import Media, restore_media, trash_media
from webapp.models.page import create_page


@pytest.fixture
def three(in_app, editor, post) -> list[int]:
    return [upload(editor, post, f"{name}.jpg", number).id for number, name in enumerate("abc", 1)]


@both_databases
def test_the_trash_says_when_each_was_moved_there_and_by_whom(editor, admin, post, three):
    post(admin, f"/admin/media/{three[0]}/trash")
    restore_media(three[0])
    trash_media(three[0])  # by nobody that is known
    post(editor, url("trash"), media=[three[1]])
    post(admin, f"/admin/media/{three[2]}/trash")
    for view in ("grid", "list"):
        html = " ".join(editor.get(f"/admin/media?trash=1&view={view}&sort=oldest").text.split())
        assert re.findall(r"</time>(?:, by (\w+))?", html) == ["", "editor", "admin"], view
        assert "oved to the trash" in html and ">Uploaded</th>" not in html


@both_databases
def test_what_is_used_nowhere_goes_to_the_trash_unasked_and_comes_back(editor, post, three):
    answer = post(editor, url("trash", "?sort=name&q=jpg"), media=three[:2])
    assert "sort=name" in answer.location
    html = after(editor, answer)
    assert "2 pictures are in the trash." in html
    assert in_trash() == set(three[:2])
    stamp = re.search(r'name="trashed" value="(\d+)"', html)[1]
    html = after(editor, post(editor, url("restore", "?sort=name"), trashed=stamp))
    assert "2 pictures are back in the library and in their galleries." in html
    assert in_trash() == set()
    assert "are in the trash" not in editor.get(answer.location).text
    assert post(editor, url("restore"), trashed=stamp).status_code == 303


@both_databases
def test_what_is_used_is_asked_about_with_the_number_of_pages_and_galleries(editor, post, three, gallery_id):
    other = create_page("Autumn", layout=[{"blockType": "gallery"}, {"blockType": "gallery"}])
    for gallery in (gallery_id, other.blocks[0].id, other.blocks[1].id):
        for media_id in three[:2]:
            add_item(gallery, media_id)
    asked = post(editor, url("trash", "?q=jpg"), media=three)
    assert asked.status_code == 200
    text = " ".join(asked.text.split())
    assert "Move 3 pictures to the trash?" in text
    assert "used on 2 pages, in 3 galleries" in text
    assert 'href="/admin/media?q=jpg"' in text
    assert in_trash() == set()
    ids = re.findall(r'name="media" value="(\d+)"', text)
    html = after(editor, post(editor, url("trash", "?q=jpg"), media=ids, sure="yes"))
    assert "3 pictures are in the trash." in html
    assert in_trash() == set(three)


@both_databases
def test_restored_pictures_are_synced_if_they_never_were_and_prepared_if_they_are_not(editor, post, three):
    with transaction() as session:
        session.query(Job).delete()
        session.get_one(Media, three[0]).synced_at = utcnow()
    post(editor, url("trash"), media=three)
    html = after(editor, post(editor, url("restore", "?trash=1"), media=three[:2]))
    assert "2 pictures are back in the library" in html
    db.session.rollback()
    jobs = [(job.task_slug, job.input["mediaId"]) for job in db.session.scalars(select(Job))]
    prepared = [("makeRenditions", media_id) for media_id in three[:2]]
    assert sorted(jobs) == [*prepared, ("syncMediaToGalleries", three[1])]
    assert in_trash() == {three[2]}


def test_the_trash_offers_to_restore_and_to_delete_and_nothing_else(editor, media):
    trash_media(media.id)
    html = editor.get("/admin/media?trash=1").text
    assert {verb for verb in VERBS if f"/admin/media/many/{verb}" in html} == {"restore", "delete"}
    assert 'name="media"' in html

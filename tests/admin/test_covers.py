"""A picture that is the cover of a post counts as used, and whoever deletes it is told."""

from __future__ import annotations

import pytest

from tests.admin.conftest import fresh
from webapp.models.media import Media, trash_media
from webapp.models.post import create_post, save_post, trash_post


@pytest.fixture
def cover(media: Media) -> Media:
    create_post("Fair", cover_id=media.id)
    return media


def test_it_is_not_among_the_unused_until_its_post_is_in_the_trash(editor, editor_api, media):
    unused = "/api/media?unused=true"
    assert editor_api.get(unused).json["totalDocs"] == 1
    post = create_post("Fair", cover_id=media.id)
    assert editor_api.get(unused).json["totalDocs"] == 0
    trash_post(post.id)
    assert editor_api.get(unused).json["totalDocs"] == 1


def test_its_page_names_the_posts_and_warns_before_it_goes(editor, cover):
    html = editor.get(f"/admin/media/{cover.id}").text
    assert "Cover of" in html and ">Fair</a>" in html
    assert "Used as the cover of 1 post." in html
    trash_media(cover.id)
    words = editor.get(f"/admin/media/{cover.id}/delete").text
    assert "It is used as the cover of 1 post, and loses its place there." in words
    assert "used as the cover of 1 post" in editor.get("/admin/media/trash/empty").text


def test_many_at_once_are_asked_about(editor, post, cover):
    answer = post(editor, "/admin/media/many/trash", media=[cover.id])
    assert "It is used as the cover of 1 post" in answer.text
    assert fresh(Media, cover.id).deleted_at is None


def test_the_api_says_of_which_posts_it_is_the_cover(editor_api, cover):
    second = create_post("About")
    save_post(second.id, 1, {"cover_id": cover.id})
    found = editor_api.get(f"/api/media/{cover.id}").json["coverOf"]
    assert [(post["title"], post["slug"]) for post in found] == [("About", "about"), ("Fair", "fair")]

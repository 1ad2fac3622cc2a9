"""The cover of a post: chosen, uploaded, taken off, gone."""

from __future__ import annotations

import pytest

from tests.admin.conftest import file, fresh, results_of
from tests.admin.posts import address, form
from webapp.models.deleting import delete_media
from webapp.models.media import Media, trash_media
from webapp.models.post import Post, create_post, save_post


@pytest.fixture
def harbour(in_app) -> Post:
    """A draft."""
    return create_post("Harbour", body="Fog over the *boats*", tags=["sea", "fog"])


def test_a_cover_is_chosen_from_the_library_after_saving_what_was_typed(editor, post, harbour, media):
    answer = post(editor, address(harbour), **form(harbour, body="Typed", action="choose-cover"))
    picker = answer.location
    assert picker == f"{address(harbour)}/cover"
    assert fresh(Post, harbour.id).body == "Typed"
    assert f'value="{media.id}"' in editor.get(f"{picker}?q=harbour").text
    answer = post(editor, picker, version=2, media_id=media.id)
    assert answer.location == f"{address(harbour)}#cover"
    assert "<span>Saved.</span>" in editor.get(answer.location).text
    assert fresh(Post, harbour.id).cover_id == media.id
    assert "The cover now" in editor.get(picker).text
    post(editor, address(harbour), **form(harbour, action="remove-cover"))
    assert fresh(Post, harbour.id).cover_id is None


def test_a_new_picture_is_uploaded_as_cover(editor, post, harbour):
    post(editor, f"{address(harbour)}/cover", version=1, files=file("fair.jpg", number=7))
    assert fresh(Post, harbour.id).cover_id == results_of(Media)[-1].id


def test_choosing_says_what_is_wrong_and_changes_nothing(editor, post, harbour, media):
    picker = f"{address(harbour)}/cover"
    for fields, words in [
        ({"version": 9, "media_id": media.id}, "Somebody else saved this post"),
        ({"version": 1, "media_id": 999_999}, "no longer in the library"),
        ({"version": 1}, "No picture was chosen"),
    ]:
        answer = post(editor, picker, **fields)
        assert answer.location == picker
        assert words in editor.get(picker).text
    assert fresh(Post, harbour.id).version == 1


def test_a_cover_in_the_trash_is_told_of(editor, harbour, media):
    save_post(harbour.id, 1, {"cover_id": media.id})
    trash_media(media.id)
    assert "This picture is in the trash" in editor.get(address(harbour)).text


def test_a_form_leaves_out_a_cover_that_is_gone(editor, post, harbour, media):
    typed = form(harbour, cover_id=media.id)
    trash_media(media.id)
    delete_media(media.id)
    assert post(editor, address(harbour), **typed).status_code == 303
    assert fresh(Post, harbour.id).cover_id is None

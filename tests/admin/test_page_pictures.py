"""Picture blocks in the form of a page, and choosing their picture."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.admin.conftest import HUGE, file, fresh, results_of, upload
from webapp.jobs.job import Job
from webapp.models.media import Media, trash_media
from webapp.models.page import Page, create_page, save_page


@pytest.fixture
def page(in_app, media: Media) -> Page:
    """A page with one picture."""
    layout = [{"blockType": "picture", "mediaId": media.id, "caption": "At dawn"}]
    return create_page("One", layout=layout)


@pytest.fixture
def picker(page: Page) -> str:
    return f"/admin/pages/{page.id}/blocks/{page.blocks[0].id}/picture"


def form(page: Page, **changes: Any) -> dict[str, Any]:
    page = fresh(Page, page.id)
    fields = {"version": page.version, "title": page.title, "slug": page.slug, "status": page.status}
    blocks = [f"{b.id}:{b.type}{f':{b.media_id}' if b.media_id else ''}" for b in page.blocks]
    words = {"block_title": [b.title for b in page.blocks], "block_body": [b.body for b in page.blocks]}
    return fields | {"block": blocks} | words | changes


def block(page: Page) -> Any:
    return fresh(Page, page.id).blocks[0]


def told(editor, location: str) -> str:
    """The notice that success brings."""
    return re.findall(r"notice-success.*?<span>([^<]*)</span>", editor.get(location).text, re.DOTALL)[0]


def test_a_block_is_added_and_leads_to_choosing(editor, post, fair):
    answer = post(editor, f"/admin/pages/{fair.id}", **form(fair, action="add-picture"))
    added = fresh(Page, fair.id).blocks[-1]
    assert (added.type, added.media_id) == ("picture", None)
    assert answer.location == f"/admin/pages/{fair.id}/blocks/{added.id}/picture"
    assert "No picture is chosen" in editor.get(f"/admin/pages/{fair.id}").text


def test_the_caption_is_saved_and_the_picture_stays(editor, post, page, media):
    post(editor, f"/admin/pages/{page.id}", **form(page, block_body=["At dusk"]))
    assert (block(page).body, block(page).media_id) == ("At dusk", media.id)


def test_what_was_typed_is_saved_before_choosing_another(editor, post, page, picker):
    action = f"choose:{page.blocks[0].id}"
    answer = post(editor, f"/admin/pages/{page.id}", **form(page, block_body=["Typed"], action=action))
    assert answer.location == picker
    assert block(page).body == "Typed"


def test_another_picture_is_found_and_chosen(editor, post, page, picker, media):
    other = upload(editor, post, "fair.jpg", 2)
    html = editor.get(f"{picker}?q=fair").text
    assert "fair.jpg" in html and "harbour.jpg" not in html
    assert "On the page now" in editor.get(picker).text
    answer = post(editor, picker, version=page.version, media_id=other.id)
    assert (answer.status_code, answer.location) == (303, f"/admin/pages/{page.id}#block-{page.blocks[0].id}")
    assert (block(page).media_id, block(page).body) == (other.id, "At dawn")
    assert told(editor, answer.location) == "Saved."


def test_on_a_public_page_the_picture_that_was_chosen_is_said_to_be_public(editor, post, page, picker, media):
    save_page(page.id, page.version, {"status": "published"})
    answer = post(editor, picker, version=fresh(Page, page.id).version, media_id=media.id)
    assert told(editor, answer.location) == "Saved. Everybody can read it now."


def test_a_picture_is_uploaded_right_there(editor, post, page, picker):
    answer = post(editor, picker, version=page.version, files=file("new.jpg", number=7))
    assert answer.location.startswith(f"/admin/pages/{page.id}#")
    assert fresh(Media, block(page).media_id).filename == "new.jpg"
    assert "is being prepared" in editor.get(f"/admin/pages/{page.id}").text


def test_what_is_no_picture_is_refused_in_words(editor, post, page, picker, media):
    answer = post(editor, picker, version=page.version, files=file("notes.jpg", b"no picture"))
    assert answer.location == picker
    assert "notes.jpg" in editor.get(picker).text
    post(editor, picker, version=page.version)
    assert "No picture was chosen." in editor.get(picker).text
    post(editor, picker, version=page.version, media_id=987654)
    assert "no longer in the library" in editor.get(picker).text
    assert block(page).media_id == media.id


def test_choosing_overwrites_nobody(editor, post, page, picker, media):
    other = upload(editor, post, "fair.jpg", 2)
    save_page(page.id, page.version, {"title": "Theirs"})
    answer = post(editor, picker, version=1, media_id=other.id)
    assert answer.location == picker
    assert "Somebody else saved this page meanwhile" in editor.get(picker).text
    assert block(page).media_id == media.id


def test_a_picture_in_the_trash_is_said_to_be_there(editor, page, media):
    trash_media(media.id)
    assert "This picture is in the trash," in editor.get(f"/admin/pages/{page.id}").text


def test_a_picture_whose_preparation_was_stopped_is_not_promised_in_a_moment(editor, post, page, media):
    for job in results_of(Job):
        post(editor, f"/admin/jobs/{job.id}/cancel")
    html = editor.get(f"/admin/pages/{page.id}").text
    assert "will be shown in a moment" not in html
    assert f'<a href="/admin/media/{media.id}" draggable="false">Stopped by editor.' in html


def test_a_picture_that_is_gone_for_good_is_left_out_of_the_form(editor, post, page):
    fields = form(page, block=[f"{page.blocks[0].id}:picture:987654"])
    assert post(editor, f"/admin/pages/{page.id}", **fields).status_code == 303
    assert block(page).media_id is None


def test_the_library_says_where_it_stands_alone(editor, page, media):
    html = editor.get(f"/admin/media/{media.id}").text
    assert f'href="/admin/pages/{page.id}#block-{page.blocks[0].id}"' in html
    assert "Used on 1 page" in html


def test_only_editors_choose(viewer, anonymous, editor, post, page, picker):
    assert viewer.get(picker).status_code == 403
    assert post(viewer, picker, version=1, media_id=1).status_code == 403
    assert anonymous.get(picker).status_code == 302
    assert editor.post(picker).status_code == 400
    assert post(editor, picker, method="PUT").status_code == 405


@pytest.mark.parametrize("fields", [{}, {"version": "x"}, {"version": 1, "media_id": "x"}, {"version": HUGE}])
def test_a_form_that_is_not_ours_is_refused(editor, post, picker, fields):
    assert post(editor, picker, **fields).status_code == 400


def test_a_block_that_is_none_or_no_picture_is_a_404(editor, post, page, fair):
    for page_id, block_id in [(page.id, 987654), (fair.id, fair.blocks[0].id), (987654, 1), (page.id, HUGE)]:
        url = f"/admin/pages/{page_id}/blocks/{block_id}/picture"
        assert editor.get(url).status_code == 404
        assert post(editor, url, version=1, media_id=1).status_code == 404

"""A block that was removed from a page is brought back by an undo, with its words and at its place."""

from __future__ import annotations

import html as markup
import re
from typing import Any

import pytest

from tests.admin.conftest import HUGE, NAUGHTY, fresh
from tests.admin.test_pages import form, kinds
from webapp.models.deleting import delete_media
from webapp.models.media import trash_media
from webapp.models.page import Page, save_page

UNDO = {"action": "undo-remove"}


@pytest.fixture
def url(fair: Page) -> str:
    return f"/admin/pages/{fair.id}"


def remove_first(editor, post, fair: Page, url: str) -> str:
    """The page that is shown then."""
    answer = post(editor, url, **form(fair, action=f"remove:{fresh(Page, fair.id).blocks[0].id}"))
    assert (answer.status_code, answer.location) == (303, f"{url}?undo=1")
    return editor.get(answer.location).text


def carried(html: str) -> dict[str, Any]:
    """The hidden fields of what was removed, as a browser sends them along."""
    found = re.findall(r'name="(removed\w*)" form="page-form" value="([^"]*)"', html)
    return {name: markup.unescape(value).replace("\n", "\r\n") for name, value in found}


def test_a_text_comes_back_with_its_words_and_at_its_place(editor, post, fair, url):
    save_page(
        fair.id, 1, {}, [{"id": fair.blocks[0].id, "title": "Hi", "body": "\none\n\ntwo"}, {"id": fair.blocks[1].id}]
    )
    html = remove_first(editor, post, fair, url)
    assert "The text “Hi” is removed." in html
    assert kinds(fair) == [("gallery", "")]
    answer = post(editor, url, **form(fair, **carried(html), **UNDO))
    block = fresh(Page, fair.id).blocks[0]
    assert (block.title, kinds(fair)) == ("Hi", [("text", "\none\n\ntwo"), ("gallery", "")])
    assert answer.location == f"{url}#block-{block.id}"
    html = editor.get(answer.location).text
    assert "It is back at its place." in html and "undo-remove" not in html


def test_a_picture_comes_back_with_its_caption_unless_it_was_deleted_for_good(editor, post, fair, url, media):
    save_page(fair.id, 1, {}, [{"blockType": "picture", "mediaId": media.id, "caption": "Dusk"}])
    html = remove_first(editor, post, fair, url)
    assert "The picture is removed." in html
    post(editor, url, **form(fair, **carried(html), **UNDO))
    assert [(block.media_id, block.body) for block in fresh(Page, fair.id).blocks] == [(media.id, "Dusk")]
    save_page(fair.id, fresh(Page, fair.id).version, {}, [])
    html = editor.get(f"{url}?undo=1").text
    trash_media(media.id)
    delete_media(media.id)
    post(editor, url, **form(fair, **carried(html), **UNDO))
    assert [(block.media_id, block.body) for block in fresh(Page, fair.id).blocks] == [(None, "Dusk")]


def test_what_was_typed_since_is_saved_along(editor, post, fair, url):
    html = remove_first(editor, post, fair, url)
    post(editor, url, **form(fair, **carried(html), **UNDO, title="Typed", block_body=["Above"]))
    assert fresh(Page, fair.id).title == "Typed"
    assert kinds(fair) == [("text", "Hello"), ("gallery", "Above")]


def test_an_undo_after_somebody_else_saved_asks_first_and_loses_nothing(editor, admin, post, fair, url):
    html = remove_first(editor, post, fair, url)
    mine = form(fair, **carried(html), **UNDO)
    post(admin, url, **form(fair, title="Theirs", action="add-text"))
    answer = post(editor, url, **mine)
    assert answer.status_code == 409
    assert "Save mine over theirs" in answer.text and "Hello" in answer.text
    assert kinds(fair) == [("gallery", ""), ("text", "")]


def test_only_the_last_save_can_be_undone(editor, post, fair, url):
    remove_first(editor, post, fair, url)
    post(editor, url, **form(fair))
    assert "undo-remove" not in editor.get(f"{url}?undo=1").text


def test_an_empty_gallery_is_removed_without_an_undo(editor, post, fair, url, gallery_id):
    answer = post(editor, url, **form(fair, action=f"remove:{gallery_id}"))
    assert answer.location == url
    assert "Saved, and the block is removed." in editor.get(url).text


def test_a_viewer_is_offered_no_undo(editor, viewer, post, fair, url):
    remove_first(editor, post, fair, url)
    assert "undo-remove" not in viewer.get(f"{url}?undo=1").text


def test_naughty_words_are_text_and_come_back_whole(editor, post, fair, url):
    words = NAUGHTY.replace("\0", "")
    save_page(fair.id, 1, {}, [{"id": fair.blocks[0].id, "title": words, "body": words}])
    html = remove_first(editor, post, fair, url)
    assert "<script>alert" not in html
    post(editor, url, **form(fair, **carried(html), **UNDO))
    assert kinds(fair) == [("text", words)]


@pytest.mark.parametrize(
    "broken",
    [
        {"removed_place": "x"},
        {"removed_place": HUGE},
        {"removed_place": []},
        {"removed": ":gallery"},
        {"removed": "1:text"},
        {"removed": ":video"},
        {"removed": ":text:42"},
    ],
)
def test_an_undo_that_is_not_ours_is_refused(editor, post, fair, url, broken):
    fields = {"removed_place": "0", "removed": ":text", "removed_title": "", "removed_body": "Mine"} | broken
    assert post(editor, url, **form(fair, **fields, **UNDO)).status_code == 400
    assert len(kinds(fair)) == 2


@pytest.mark.parametrize("place", [99, -99, 2**62])
def test_a_place_that_there_is_not_is_an_end_of_the_page(editor, post, fair, url, place):
    fields = {"removed_place": place, "removed": ":text", "removed_title": "", "removed_body": "Mine"}
    assert post(editor, url, **form(fair, **fields, **UNDO)).status_code == 303
    assert ("text", "Mine") in (kinds(fair)[0], kinds(fair)[-1])

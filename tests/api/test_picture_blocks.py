"""Picture blocks over the API: one media of the library with its caption."""

from __future__ import annotations

import pytest

from tests.api.conftest import is_error
from tests.conftest import both_databases

pytestmark = both_databases


@pytest.fixture
def picture(editor_api, media_id) -> dict:
    """A page with one picture."""
    layout = [{"blockType": "picture", "mediaId": media_id, "caption": "At dawn"}]
    answer = editor_api.post("/api/pages", json={"title": "One", "layout": layout})
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_picture_block_names_its_media_and_caption(editor_api, picture, media_id):
    block = picture["layout"][0]
    assert block == {
        "id": block["id"], "blockType": "picture", "title": "", "mediaId": media_id, "caption": "At dawn"
    }  # fmt: skip
    assert editor_api.get("/api/pages/one").json == picture


def test_what_was_read_can_be_sent_back_and_changed(editor_api, picture, media_id):
    address, block = f"/api/pages/{picture['id']}", picture["layout"][0]
    same = editor_api.patch(address, json={"version": 1, "layout": [block]}).json
    assert same["layout"] == [block]
    changed = editor_api.patch(address, json={"version": 2, "layout": [{"id": block["id"], "caption": ""}]}).json
    assert changed["layout"] == [block | {"caption": ""}]
    emptied = editor_api.patch(address, json={"version": 3, "layout": [{"id": block["id"], "mediaId": None}]}).json
    assert emptied["layout"][0]["mediaId"] is None


@pytest.mark.parametrize(
    ("block", "field"),
    [
        ({"blockType": "picture", "mediaId": 999}, "layout"),
        ({"blockType": "picture", "mediaId": 0}, "layout.0.mediaId"),
        ({"blockType": "picture", "mediaId": "1"}, "layout.0.mediaId"),
        ({"blockType": "picture", "caption": None}, "layout.0.caption"),
        ({"blockType": "picture", "autoSync": True}, "layout.0"),
        ({"blockType": "text", "mediaId": 1}, "layout.0"),
        ({"blockType": "gallery", "caption": "x"}, "layout.0"),
    ],
)
def test_what_does_not_fit_is_refused_with_words(editor_api, media_id, block, field):
    assert is_error(editor_api.post("/api/pages", json={"title": "x", "layout": [block]}), 422, field)


def test_a_block_of_another_type_takes_no_picture(editor_api, harbour, media_id):
    blocks = [{"id": block["id"]} for block in harbour["layout"]]
    blocks[1]["mediaId"] = media_id
    answer = editor_api.patch(f"/api/pages/{harbour['id']}", json={"version": 1, "layout": blocks})
    assert is_error(answer, 422, "layout")


def test_the_media_says_on_which_pages_it_stands_alone(editor_api, picture, harbour, media_id, run_jobs):
    run_jobs()
    body = editor_api.get(f"/api/media/{media_id}").json
    assert [(page["title"], len(page["galleries"])) for page in body["usedOn"]] == [("Harbour", 1), ("One", 0)]
    assert (body["totalUsedOn"], body["totalSyncedGalleries"]) == (2, 1)

"""/api/galleries: the switch, and what an editor does to the items by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import is_error
from tests.conftest import both_databases

pytestmark = both_databases


@pytest.fixture
def auto(harbour) -> str:
    return f"/api/galleries/{harbour['layout'][0]['id']}"


@pytest.fixture
def by_hand(harbour) -> str:
    return f"/api/galleries/{harbour['layout'][2]['id']}"


@pytest.fixture
def three(upload) -> list[int]:
    return [upload(number).json["id"] for number in range(3)]


@pytest.fixture
def hung(editor_api, by_hand, three) -> list[int]:
    """Three pictures, added by hand in this order."""
    for media_id in three:
        assert editor_api.post(f"{by_hand}/items", json={"mediaId": media_id}).status_code == 201
    return three


def shown(client: Any, gallery: str) -> list[int]:
    items = client.get(f"{gallery}/items").json["docs"]
    return [item["mediaId"] for item in items if not item["hidden"]]


def test_all_but_the_title_is_saved_at_once_without_a_new_page_version(editor_api, by_hand, harbour):
    body = editor_api.patch(by_hand, json={"autoSync": True, "newItems": "first"}).json
    assert (body["autoSync"], body["newItems"]) == (True, "first")
    assert editor_api.patch(by_hand, json={}).json == body
    assert editor_api.patch(by_hand, json={"rule": None}).json == body
    assert editor_api.get("/api/pages/harbour").json["version"] == harbour["version"]


def test_a_rule_with_a_field_that_there_is_not_is_refused(editor_api, by_hand):
    assert is_error(editor_api.patch(by_hand, json={"rule": {"tag": "sea"}}), 422, "rule.tag")


def test_a_gallery_change_that_does_not_fit_is_refused(editor_api, by_hand):
    wrong = ({"autoSync": 1}, {"autoSync": None}, {"title": "\0"}, {"newItems": "x"}, {"page_id": 1}, {"type": "text"})
    for body in wrong:
        assert is_error(editor_api.patch(by_hand, json=body), 422, *body)


def test_synced_items_say_where_they_come_from(editor_api, auto, upload, run_jobs):
    uploaded = upload().json
    run_jobs()
    (item,) = editor_api.get(f"{auto}/items").json["docs"]
    added_at = item.pop("addedAt")
    assert item == {
        "mediaId": uploaded["id"],
        "position": 1,
        "source": "auto",
        "hidden": False,
        "jobId": uploaded["job"]["id"],
    }
    assert added_at.endswith("Z")


def test_a_picture_is_added_by_hand_and_again_without_effect(editor_api, by_hand, media_id):
    first = editor_api.post(f"{by_hand}/items", json={"mediaId": media_id})
    assert first.status_code == 201
    assert (first.json["source"], first.json["position"], first.json["jobId"]) == ("manual", 1, None)
    again = editor_api.post(f"{by_hand}/items", json={"mediaId": media_id})
    assert (again.status_code, again.json) == (200, first.json)


def test_a_hidden_picture_keeps_its_place_and_is_shown_again_by_adding_it(editor_api, by_hand, hung):
    middle = hung[1]
    hidden = editor_api.delete(f"{by_hand}/items/{middle}").json
    assert (hidden["hidden"], hidden["position"]) == (True, 2)
    places = [(i["mediaId"], i["position"], i["hidden"]) for i in editor_api.get(f"{by_hand}/items").json["docs"]]
    assert places == [(hung[0], 1, False), (middle, 2, True), (hung[2], 2, False)]
    assert editor_api.delete(f"{by_hand}/items/{middle}").json == hidden
    editor_api.post(f"{by_hand}/items", json={"mediaId": middle})
    assert shown(editor_api, by_hand) == hung


def test_a_hidden_picture_is_not_brought_back_by_a_sync(editor_api, auto, media_id, run_jobs):
    run_jobs()
    editor_api.delete(f"{auto}/items/{media_id}")
    assert editor_api.post("/api/gallery-sync/immediate", json={"mediaId": media_id}).status_code == 200
    assert shown(editor_api, auto) == []


def test_an_order_is_set_and_what_is_not_named_stays_behind(editor_api, by_hand, hung):
    first, second, third = hung
    answer = editor_api.put(f"{by_hand}/order", json={"mediaIds": [third, first]})
    assert answer.json["images"] == [third, first, second]
    again = editor_api.put(f"{by_hand}/order", json={"mediaIds": [third, first]})
    assert again.json == answer.json


def test_an_order_that_can_not_be_is_refused(editor_api, by_hand, hung):
    address = f"{by_hand}/order"
    assert is_error(editor_api.put(address, json={"mediaIds": [hung[0], hung[0]]}), 422, "mediaIds")
    assert is_error(editor_api.put(address, json={"mediaIds": [hung[0], "x"]}), 422, "mediaIds.1")
    assert is_error(editor_api.put(address, json={"mediaIds": [2**70]}), 422, "mediaIds.0")
    assert is_error(editor_api.put(address, json={}), 422, "mediaIds")
    assert is_error(editor_api.put(address, json={"mediaIds": [999]}), 404)
    assert shown(editor_api, by_hand) == hung


def test_a_picture_is_moved_to_a_place_and_beyond_the_end_means_the_end(editor_api, by_hand, hung):
    first, second, third = hung
    moved = editor_api.post(f"{by_hand}/items/{third}/move", json={"position": 1})
    assert (moved.status_code, moved.json["position"]) == (200, 1)
    assert shown(editor_api, by_hand) == [third, first, second]
    assert editor_api.post(f"{by_hand}/items/{third}/move", json={"position": 99}).json["position"] == 3
    for position in (0, -1, "2", 1.5, None, 2**31, 2**70):
        answer = editor_api.post(f"{by_hand}/items/{third}/move", json={"position": position})
        assert is_error(answer, 422, "position")


def test_a_picture_in_the_trash_is_no_item(editor_api, by_hand, hung):
    editor_api.delete(f"/api/media/{hung[0]}")
    assert shown(editor_api, by_hand) == hung[1:]
    assert is_error(editor_api.delete(f"{by_hand}/items/{hung[0]}"), 404)
    assert is_error(editor_api.post(f"{by_hand}/items", json={"mediaId": hung[0]}), 404)


def test_a_list_of_items_has_pages_and_a_fixed_number_of_queries(editor_api, by_hand, hung, count_queries):
    body = editor_api.get(f"{by_hand}/items?limit=2&page=2").json
    assert [(i["mediaId"], i["position"]) for i in body["docs"]] == [(hung[2], 3)]
    assert (body["totalDocs"], body["totalPages"], body["hasNextPage"]) == (3, 2, False)
    with count_queries() as few:
        editor_api.get(f"{by_hand}/items?limit=1")
    with count_queries() as many:
        editor_api.get(f"{by_hand}/items?limit=1000")
    assert len(many) == len(few)
    assert is_error(editor_api.get(f"{by_hand}/items?limit=1001"), 400, "limit")


def test_what_there_is_not_is_not_found(editor_api, by_hand, harbour, media_id):
    text = harbour["layout"][1]["id"]
    for gallery in (f"/api/galleries/{text}", "/api/galleries/999", "/api/galleries/-1", f"/api/galleries/{2**70}"):
        assert is_error(editor_api.patch(gallery, json={"title": "x"}), 404)
        assert is_error(editor_api.get(f"{gallery}/items"), 404)
        assert is_error(editor_api.post(f"{gallery}/items", json={"mediaId": media_id}), 404)
        assert is_error(editor_api.put(f"{gallery}/order", json={"mediaIds": []}), 404)
    assert is_error(editor_api.post(f"{by_hand}/items", json={"mediaId": 999}), 404)
    assert is_error(editor_api.delete(f"{by_hand}/items/999"), 404)
    assert is_error(editor_api.post(f"{by_hand}/items/{media_id}/move", json={"position": 1}), 404)


def test_a_viewer_reads_the_items_and_changes_nothing(viewer_api, anonymous, by_hand, hung):
    assert shown(viewer_api, by_hand) == hung
    for client, status in ((viewer_api, 403), (anonymous, 401)):
        assert is_error(client.patch(by_hand, json={"autoSync": True}), status)
        assert is_error(client.post(f"{by_hand}/items", json={"mediaId": hung[0]}), status)
        assert is_error(client.delete(f"{by_hand}/items/{hung[0]}"), status)
        assert is_error(client.put(f"{by_hand}/order", json={"mediaIds": []}), status)
        assert is_error(client.post(f"{by_hand}/items/{hung[0]}/move", json={"position": 1}), status)
    assert is_error(anonymous.get(f"{by_hand}/items"), 401)


def test_other_methods_are_refused(editor_api, by_hand, hung):
    assert is_error(editor_api.post(by_hand), 405)
    assert is_error(editor_api.put(f"{by_hand}/items"), 405)
    assert is_error(editor_api.get(f"{by_hand}/order"), 405)
    assert is_error(editor_api.get(f"{by_hand}/items/{hung[0]}/move"), 405)


def test_a_backfill_adds_what_was_there_before_and_can_be_undone(editor_api, by_hand, three, run_jobs):
    run_jobs()
    assert is_error(editor_api.post(f"{by_hand}/backfill"), 409)
    editor_api.patch(by_hand, json={"autoSync": True})
    answer = editor_api.post(f"{by_hand}/backfill")
    assert (answer.status_code, answer.json["job"]["status"]) == (202, "queued")
    assert editor_api.post(f"{by_hand}/backfill").json == answer.json
    run_jobs()
    assert sorted(shown(editor_api, by_hand)) == sorted(three)
    undo = f"{by_hand}/backfill/{answer.json['job']['id']}/undo"
    undone = editor_api.post(undo).json
    assert (undone["job"]["status"], undone["pictures"], undone["percent"]) == ("succeeded", 3, 100)
    assert (undone["added"], undone["undone"]) == (3, 3)
    assert shown(editor_api, by_hand) == []
    assert editor_api.post(undo).json == undone


def test_a_backfill_of_something_else_is_not_found_and_a_viewer_starts_none(
    editor_api, viewer_api, anonymous, auto, by_hand, media_id
):
    job = editor_api.post(f"{auto}/backfill").json["job"]["id"]
    assert is_error(editor_api.post(f"{by_hand}/backfill/{job}/undo"), 404)
    assert is_error(editor_api.post(f"{auto}/backfill/999999/undo"), 404)
    assert is_error(editor_api.post("/api/galleries/999/backfill"), 404)
    for client, status in ((viewer_api, 403), (anonymous, 401)):
        assert is_error(client.post(f"{auto}/backfill"), status)
        assert is_error(client.post(f"{auto}/backfill/{job}/undo"), status)
    assert is_error(editor_api.get(f"{auto}/backfill"), 405)

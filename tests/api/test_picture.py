"""/api/media/<id>: what is said of one picture, and a new file for it."""

from __future__ import annotations

from io import BytesIO

import pytest

from tests.api.conftest import is_error
from tests.conftest import both_databases
from tests.support.pictures import tiny_jpeg

pytestmark = both_databases


def put_file(client, media_id, number: int = 2, name: str = "new.jpg", **fields):
    return client.put(f"/api/media/{media_id}/file", data={"file": (BytesIO(tiny_jpeg(number)), name)} | fields)


def test_a_new_picture_needs_alt_text_and_is_cropped_in_its_middle(editor_api, media_id):
    body = editor_api.get(f"/api/media/{media_id}").json
    assert (body["alt"], body["decorative"], body["needsAlt"], body["credit"]) == ("", False, True, "")
    assert body["focalPoint"] == {"x": 50, "y": 50}
    assert body["exif"] == {}


def test_credit_and_focal_point_are_changed_and_what_is_left_out_stays(editor_api, media_id):
    editor_api.patch(f"/api/media/{media_id}", json={"credit": "Ann", "focalPoint": {"x": 0, "y": 100}})
    body = editor_api.patch(f"/api/media/{media_id}", json={"alt": "Boats"}).json
    assert (body["credit"], body["focalPoint"], body["needsAlt"]) == ("Ann", {"x": 0, "y": 100}, False)


def test_decorative_and_alt_text_take_each_other_away(editor_api, media_id):
    editor_api.patch(f"/api/media/{media_id}", json={"alt": "Boats"})
    body = editor_api.patch(f"/api/media/{media_id}", json={"decorative": True}).json
    assert (body["alt"], body["decorative"], body["needsAlt"]) == ("", True, False)
    body = editor_api.patch(f"/api/media/{media_id}", json={"alt": "Boats"}).json
    assert (body["alt"], body["decorative"]) == ("Boats", False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"focalPoint": {"x": 101, "y": 0}}, "focalPoint.x"),
        ({"focalPoint": {"x": 0, "y": -1}}, "focalPoint.y"),
        ({"focalPoint": {"x": 50}}, "focalPoint.y"),
        ({"focalPoint": {"x": 0.5, "y": 0}}, "focalPoint.x"),
        ({"focalPoint": {"x": 1, "y": 1, "z": 1}}, "focalPoint.z"),
        ({"focalPoint": None}, "focalPoint"),
        ({"decorative": "yes"}, "decorative"),
        ({"decorative": None}, "decorative"),
        ({"credit": "x" * 501}, "credit"),
        ({"credit": "a\0b"}, "credit"),
        ({"alt": "Boats", "decorative": True}, "decorative"),
        ({"exif": {}}, "exif"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(editor_api, media_id, body, field):
    before = editor_api.get(f"/api/media/{media_id}").json
    assert is_error(editor_api.patch(f"/api/media/{media_id}", json=body), 422, field)
    assert editor_api.get(f"/api/media/{media_id}").json == before


def test_a_new_file_keeps_the_picture_and_is_ready_once_it_has_renditions(editor_api, harbour, upload, run_jobs):
    old = upload(alt="Boats").json
    run_jobs()
    before = editor_api.get(f"/api/media/{old['id']}").json
    answer = put_file(editor_api, old["id"])
    assert answer.status_code == 200
    body = answer.json
    assert (body["id"], body["filename"], body["alt"], body["status"]) == (old["id"], "new.jpg", "Boats", "processing")
    assert body["sha256"] != before["sha256"]
    assert body["renditions"] == before["renditions"]  # shown until there are new ones
    assert body["job"] == before["job"]  # no sync was queued
    run_jobs()
    after = editor_api.get(f"/api/media/{old['id']}").json
    assert after["status"] == "ready"
    assert not {r["url"] for r in after["renditions"]} & {r["url"] for r in before["renditions"]}
    assert after["syncedGalleries"] == before["syncedGalleries"]
    assert editor_api.get(after["url"]).data == tiny_jpeg(2)


def test_the_file_of_a_picture_that_is_there_is_refused(editor_api, upload, media_id):
    upload(2)
    for number in (1, 2):
        answer = put_file(editor_api, media_id, number)
        assert is_error(answer, 409, "file")
        assert "Nothing was changed." in answer.json["error"]


def test_what_is_no_picture_or_no_file_or_more_than_one_is_refused(editor_api, media_id):
    url = f"/api/media/{media_id}/file"
    assert is_error(editor_api.put(url, data={"file": (BytesIO(b"<svg>"), "notes.png")}), 415, "file")
    assert is_error(editor_api.put(url, data={}), 400, "file")
    assert is_error(editor_api.put(url, json={"file": "x"}), 400, "file")
    files = [(BytesIO(tiny_jpeg(n)), f"{n}.jpg") for n in (2, 3)]
    assert is_error(editor_api.put(url, data={"file": files}), 400, "file")
    assert is_error(put_file(editor_api, media_id, alt="Boats"), 422, "alt")


def test_only_editors_replace_what_is_there(editor_api, viewer_api, anonymous, media_id):
    assert is_error(put_file(viewer_api, media_id), 403)
    assert is_error(put_file(anonymous, media_id), 401)
    for impossible in ("0", "x", 10**18 - 1, 2**70):
        assert is_error(put_file(editor_api, impossible), 404)
    for verb in (editor_api.get, editor_api.post, editor_api.delete):
        assert is_error(verb(f"/api/media/{media_id}/file"), 405)
    editor_api.delete(f"/api/media/{media_id}")
    assert is_error(put_file(editor_api, media_id), 404)

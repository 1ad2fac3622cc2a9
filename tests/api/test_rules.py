"""The rule of a gallery, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import is_error
from tests.conftest import both_databases

pytestmark = both_databases
EMPTY = {
    "tagsAll": [],
    "tagsAny": [],
    "orientation": None,
    "from": None,
    "to": None,
    "uploaderId": None,
    "text": None,
}


@pytest.fixture
def url(harbour) -> str:
    return f"/api/galleries/{harbour['layout'][0]['id']}"


def shown(client: Any, gallery: str) -> list[int]:
    items = client.get(f"{gallery}/items").json["docs"]
    return [item["mediaId"] for item in items if not item["hidden"]]


def test_a_rule_is_set_read_and_sent_back(editor_api, url, harbour):
    rule = {"tagsAny": ["Harbour "], "orientation": "landscape", "from": "2026-01-01", "to": None, "text": "sea"}
    kept = EMPTY | rule | {"tagsAny": ["harbour"]}
    body = editor_api.patch(url, json={"rule": rule})
    assert (body.status_code, body.json["rule"]) == (200, kept)
    assert editor_api.patch(url, json={"rule": body.json["rule"]}).json == body.json
    assert editor_api.patch(url, json={"title": "x"}).json["rule"] == kept
    page = editor_api.get("/api/pages/harbour").json
    assert page["layout"][0]["rule"] == kept
    layout = [{"id": block["id"]} for block in page["layout"]]
    layout[0]["rule"] = kept
    saved = editor_api.patch(f"/api/pages/{page['id']}", json={"version": page["version"], "layout": layout})
    assert saved.json["layout"][0]["rule"] == kept
    for nothing in ({}, None):
        assert editor_api.patch(url, json={"rule": nothing}).json["rule"] is None


def test_a_new_page_may_have_rules(editor_api):
    layout = [{"blockType": "gallery", "autoSync": True, "rule": {"from": "2026-01-01", "tagsAll": ["B", "a"]}}]
    page = editor_api.post("/api/pages", json={"title": "Sea", "layout": layout}).json
    assert page["layout"][0]["rule"] == EMPTY | {"from": "2026-01-01", "tagsAll": ["a", "b"]}
    change = {"version": 1, "layout": [{"id": page["layout"][0]["id"], "rule": {}}]}
    assert editor_api.patch(f"/api/pages/{page['id']}", json=change).json["layout"][0]["rule"] is None


def test_pictures_come_and_go_as_the_rule_says(editor_api, url, upload, run_jobs):
    sea, hill = upload(1, tags="sea").json["id"], upload(2, tags="hill").json["id"]
    run_jobs()
    assert set(shown(editor_api, url)) == {sea, hill}
    editor_api.patch(url, json={"rule": {"tagsAny": ["sea"]}})
    run_jobs()
    assert shown(editor_api, url) == [sea]
    editor_api.patch(f"/api/media/{hill}", json={"tags": ["sea"]})
    editor_api.delete(f"{url}/items/{sea}")
    run_jobs()
    assert shown(editor_api, url) == [hill]
    jobs = editor_api.get(f"/api/jobs?subject=gallery:{url.split('/')[-1]}").json["docs"]
    assert [(job["status"], job["workflowSlug"]) for job in jobs] == [("succeeded", "reconcileGallery")]


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"tag": "sea"}, "rule.tag"),
        ({"since": "2026-01-01"}, "rule.since"),
        ({"tagsAny": "sea"}, "rule.tagsAny"),
        ({"tagsAny": [None]}, "rule.tagsAny.0"),
        ({"tagsAll": ["x" * 81]}, "rule.tagsAll.0"),
        ({"orientation": "upright"}, "rule.orientation"),
        ({"from": "1 May"}, "rule.from"),
        ({"from": 0}, "rule.from"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "rule"),
        ({"to": "9999-12-31"}, "rule.to"),
        ({"uploaderId": 999}, "rule.uploaderId"),
        ({"uploaderId": 2**70}, "rule.uploaderId"),
        ({"uploaderId": True}, "rule.uploaderId"),
        ({"text": "\0"}, "rule.text"),
        ([], "rule"),
        ("sea", "rule"),
    ],
)
def test_a_rule_that_can_not_be_is_refused_with_words(editor_api, url, rule, field):
    assert is_error(editor_api.patch(url, json={"rule": rule}), 422, field)
    assert editor_api.patch(url, json={}).json["rule"] is None


def test_its_shape_is_documented(editor_api):
    shapes = editor_api.get("/api/openapi.json").json["components"]["schemas"]
    shape = next(shape for name, shape in shapes.items() if name.startswith("Rule"))
    assert set(shape["properties"]) == set(EMPTY)
    assert shape["additionalProperties"] is False
    assert "tagsAny" in editor_api.get("/api/docs").text


def test_a_viewer_sets_none(viewer_api, anonymous, url):
    for client, status in ((viewer_api, 403), (anonymous, 401)):
        assert is_error(client.patch(url, json={"rule": None}), status)

"""/api/pages: pages with their blocks, saved without overwriting anybody."""

from __future__ import annotations

from tests.api.conftest import is_error
from tests.conftest import both_databases
from tests.support.people import csrf_token
from webapp.models.page import trash_page

pytestmark = both_databases

UNFIT = [
    ({}, "title"),
    ({"title": ""}, "title"),
    ({"title": " "}, "title"),
    ({"title": "x" * 301}, "title"),
    ({"title": "a\0"}, "title"),
    ({"title": 1}, "title"),
    ({"title": "x", "slug": "Not a slug"}, "slug"),
    ({"title": "x", "slug": "admin"}, "slug"),
    ({"title": "x", "slug": "123"}, "slug"),
    ({"title": "x", "slug": "harbour"}, "slug"),
    ({"title": "x", "slug": "a\0"}, "slug"),
    ({"title": "x", "slug": "a" * 101}, "slug"),
    ({"title": "x", "status": "secret"}, "status"),
    ({"title": "x", "created_by": 1}, "created_by"),
    ({"title": "x", "layout": {}}, "layout"),
    ({"title": "x", "layout": [{"blockType": "video"}]}, "layout.0.blockType"),
    ({"title": "x", "layout": [{}]}, "layout.0"),
    ({"title": "x", "layout": [{"id": 1}]}, "layout"),
    ({"title": "x", "layout": [{"id": 2**70}]}, "layout.0.id"),
    ({"title": "x", "layout": [{"blockType": "gallery", "rule": {"tag": "sea"}}]}, "layout.0.rule.tag"),
    ({"title": "x", "layout": [{"blockType": "gallery", "autoSync": "yes"}]}, "layout.0.autoSync"),
    ({"title": "x", "layout": [{"blockType": "gallery", "newItems": "middle"}]}, "layout.0.newItems"),
    ({"title": "x", "layout": [{"blockType": "text", "autoSync": True}]}, "layout.0"),
]


def test_a_page_is_made_with_its_blocks(harbour):
    gallery, text, by_hand = harbour["layout"]
    assert (harbour["slug"], harbour["status"], harbour["version"]) == ("harbour", "draft", 1)
    assert (gallery["blockType"], gallery["autoSync"], gallery["rule"]) == ("gallery", True, None)
    assert (gallery["images"], gallery["totalImages"], gallery["newItems"]) == ([], 0, "last")
    assert (text["blockType"], text["body"]) == ("text", "Words")
    assert by_hand["autoSync"] is False
    assert len({gallery["id"], text["id"], by_hand["id"]}) == 3


def test_a_slug_is_made_when_it_is_left_out(editor_api):
    slugs = [editor_api.post("/api/pages", json={"title": "Summer fair"}).json["slug"] for _ in range(2)]
    assert slugs == ["summer-fair", "summer-fair-2"]


def test_a_page_is_found_by_id_and_by_slug_as_a_draft_too(viewer_api, harbour):
    assert viewer_api.get(f"/api/pages/{harbour['id']}").json == harbour
    assert viewer_api.get("/api/pages/harbour").json == harbour


def test_an_address_that_only_a_page_in_the_trash_has_is_said_to_be_there(app, editor_api, harbour):
    with app.app_context():
        trash_page(harbour["id"])
    taken = editor_api.post("/api/pages", json={"title": "x", "slug": "harbour"})
    assert is_error(taken, 422, "slug")
    assert "in the trash" in taken.json["fields"]["slug"]


def test_too_long_a_text_is_told_in_characters(editor_api):
    for slug, title in (("a" * 101, "x"), ("x", "x" * 301)):
        words = editor_api.post("/api/pages", json={"title": title, "slug": slug}).json["error"]
        assert "at most" in words and "characters" in words


def test_an_unknown_page_is_not_found(editor_api):
    for reference in ("nope", "999", "0", str(2**70), "0" * 20 + "9" * 5000, "01", "١", "%00", "a%00b", "²", "-1"):
        assert is_error(editor_api.get(f"/api/pages/{reference}"), 404)


def test_a_gallery_lists_the_pictures_that_hang_in_it(editor_api, harbour, upload, run_jobs):
    ids = [upload(number).json["id"] for number in range(3)]
    run_jobs()
    gallery = harbour["layout"][0]["id"]
    editor_api.delete(f"/api/galleries/{gallery}/items/{ids[0]}")
    editor_api.delete(f"/api/media/{ids[1]}")
    shown = editor_api.get("/api/pages/harbour").json["layout"][0]
    assert (shown["images"], shown["totalImages"]) == ([ids[2]], 1)


def test_saving_counts_the_version_up_and_changes_only_what_is_sent(editor_api, harbour):
    body = editor_api.patch(f"/api/pages/{harbour['id']}", json={"version": 1, "title": "Port"}).json
    assert (body["title"], body["slug"], body["version"]) == ("Port", "harbour", 2)
    assert body["layout"] == harbour["layout"]


def test_a_layout_that_was_read_can_be_sent_back(editor_api, harbour, upload, run_jobs):
    upload()
    run_jobs()
    read = editor_api.get("/api/pages/harbour").json
    layout = list(reversed(read["layout"]))
    saved = editor_api.patch(f"/api/pages/{harbour['id']}", json={"version": 1, "layout": layout})
    assert saved.json["layout"] == layout


def test_a_save_from_an_old_form_is_refused_and_says_the_version(editor_api, harbour):
    address = f"/api/pages/{harbour['id']}"
    assert editor_api.patch(address, json={"version": 1, "title": "First"}).status_code == 200
    second = editor_api.patch(address, json={"version": 1, "title": "Second"})
    assert is_error(second, 409, "version")
    assert second.json["version"] == 2
    assert editor_api.get(address).json["title"] == "First"


def test_a_gallery_that_was_renamed_since_is_not_named_back(editor_api, harbour):
    gallery = harbour["layout"][0]
    for title in ("Boats", "Boats"):
        editor_api.patch(f"/api/galleries/{gallery['id']}", json={"title": title, "autoSync": False})
    old = editor_api.patch(f"/api/pages/{harbour['id']}", json={"version": 1, "layout": harbour["layout"]})
    assert is_error(old, 409, "version")
    assert old.json["version"] == 2
    assert editor_api.get("/api/pages/harbour").json["layout"][0]["title"] == "Boats"


def test_what_was_switched_on_a_gallery_since_the_page_was_read_is_not_switched_back(editor_api, harbour):
    gallery, address = harbour["layout"][0], f"/api/pages/{harbour['id']}"
    switched = {"autoSync": False, "rule": {"tagsAny": ["sea"]}, "style": "rows", "newItems": "first"}
    theirs = editor_api.patch(f"/api/galleries/{gallery['id']}", json=switched).json
    saved = editor_api.patch(address, json={"version": 1, "title": "Port", "layout": harbour["layout"]})
    assert (saved.status_code, saved.json["title"], saved.json["layout"][0]) == (200, "Port", theirs)
    mine = [gallery | {"style": "filmstrip"}, *harbour["layout"][1:]]
    assert is_error(editor_api.patch(address, json={"version": 2, "layout": mine}), 409, "version")
    mine[0] |= {"settingsTag": theirs["settingsTag"]}
    saved = editor_api.patch(address, json={"version": 2, "layout": mine}).json["layout"][0]
    assert (saved["autoSync"], saved["style"]) == (True, "filmstrip")


def test_a_block_stays_of_its_type(editor_api, harbour):
    gallery = harbour["layout"][0]
    other = {"version": 1, "layout": [{"id": gallery["id"], "blockType": "text"}]}
    refused = editor_api.patch(f"/api/pages/{harbour['id']}", json=other)
    assert is_error(refused, 422, "layout")
    assert f"Block {gallery['id']} is a gallery" in refused.json["fields"]["layout"]
    assert editor_api.get("/api/pages/harbour").json == harbour


def test_a_text_takes_no_settings_of_a_gallery_whether_or_not_its_type_is_sent(editor_api, harbour):
    text = harbour["layout"][1]
    for settings in ({"autoSync": True}, {"rule": {"tagsAny": ["sea"]}}, {"newItems": "first"}, {"style": "rows"}):
        layout = [{"id": text["id"], **settings}]
        refused = editor_api.patch("/api/pages/harbour", json={"version": 1, "layout": layout})
        assert is_error(refused, 422, "layout")
        assert refused.json["fields"]["layout"] == f"A text block has no {next(iter(settings))}."
    assert editor_api.get("/api/pages/harbour").json == harbour


def test_saving_an_old_layout_touches_no_items(editor_api, harbour, upload, run_jobs):
    upload()
    run_jobs()
    layout = [{"id": block["id"]} for block in harbour["layout"]]
    saved = editor_api.patch(f"/api/pages/{harbour['id']}", json={"version": 1, "layout": layout}).json
    assert saved["layout"][0]["totalImages"] == 1


def test_a_block_that_is_left_out_is_removed_and_a_new_one_gets_an_id(editor_api, harbour):
    layout = [{"blockType": "text", "body": "New"}, {"id": harbour["layout"][0]["id"], "title": "Renamed"}]
    saved = editor_api.patch(f"/api/pages/{harbour['id']}", json={"version": 1, "layout": layout}).json["layout"]
    assert [block["title"] for block in saved] == ["", "Renamed"]
    assert saved[0]["id"] not in [block["id"] for block in harbour["layout"]]


def test_without_a_version_that_can_be_one_nothing_is_saved(editor_api, harbour):
    address = f"/api/pages/{harbour['id']}"
    for version in (None, "1", 0, -1, 1.5, 2**31, 2**70, True):
        assert is_error(editor_api.patch(address, json={"version": version, "title": "x"}), 422, "version")
    assert is_error(editor_api.patch(address, json={"title": "x"}), 422, "version")
    assert editor_api.get(address).json["title"] == "Harbour"


def test_a_page_that_does_not_fit_is_refused_with_words_for_the_field(editor_api, harbour):
    for body, field in UNFIT:
        assert is_error(editor_api.post("/api/pages", json=body), 422, field)
    assert editor_api.get("/api/pages").json["totalDocs"] == 1


def test_a_block_can_not_stand_in_two_places(editor_api, harbour):
    twice = [{"id": harbour["layout"][0]["id"]}] * 2
    assert is_error(
        editor_api.patch(f"/api/pages/{harbour['id']}", json={"version": 1, "layout": twice}), 422, "layout"
    )


def test_the_list_has_the_newest_first_with_a_fixed_number_of_queries(editor_api, harbour, count_queries):
    with count_queries() as few:
        editor_api.get("/api/pages")
    for number in range(5):
        editor_api.post("/api/pages", json={"title": f"Page {number}", "layout": [{"blockType": "gallery"}] * 2})
    with count_queries() as many:
        body = editor_api.get("/api/pages").json
    assert [doc["title"] for doc in body["docs"]] == [*(f"Page {n}" for n in (4, 3, 2, 1, 0)), "Harbour"]
    assert len(many) == len(few)


def test_a_viewer_saves_nothing_and_nobody_reads_without_signing_in(viewer_api, anonymous, harbour):
    assert is_error(viewer_api.post("/api/pages", json={"title": "x"}), 403)
    assert is_error(viewer_api.patch(f"/api/pages/{harbour['id']}", json={"version": 1}), 403)
    assert is_error(anonymous.get("/api/pages"), 401)
    assert is_error(anonymous.get("/api/pages/harbour"), 401)


def test_a_signed_in_editor_needs_the_csrf_token(app, editor):
    assert is_error(editor.post("/api/pages", json={"title": "x"}), 400)
    headers = {"X-CSRFToken": csrf_token(app, editor)}
    assert editor.post("/api/pages", json={"title": "x"}, headers=headers).status_code == 201


def test_other_methods_are_refused(editor_api, harbour):
    assert is_error(editor_api.put("/api/pages"), 405)
    assert is_error(editor_api.post(f"/api/pages/{harbour['id']}"), 405)


def test_a_page_is_saved_by_its_slug_too(editor_api, harbour):
    saved = editor_api.patch("/api/pages/harbour", json={"version": harbour["version"], "title": "Port"})
    assert (saved.status_code, saved.json["title"], saved.json["id"]) == (200, "Port", harbour["id"])
    assert is_error(editor_api.patch("/api/pages/-1", json={"version": 1}), 404)

"""/api/media: one picture and its words."""

from __future__ import annotations

from io import BytesIO

from tests.api.conftest import is_error
from tests.conftest import both_databases
from tests.support.people import csrf_token
from tests.support.pictures import tiny_jpeg

pytestmark = both_databases


def test_an_upload_is_answered_with_its_facts_and_its_sync_job(upload, editor_api):
    answer = upload(alt="Boats", caption="At dawn", tags="Sea, boats")
    assert answer.status_code == 201
    body = answer.json
    assert (body["filename"], body["mimeType"], body["width"], body["height"]) == (
        "picture-1.jpg",
        "image/jpeg",
        64,
        48,
    )
    assert (body["alt"], body["caption"], body["tags"]) == ("Boats", "At dawn", ["boats", "sea"])
    assert body["filesize"] == len(tiny_jpeg(1)) and len(body["sha256"]) == 64
    assert body["status"] == "processing" and body["job"]["status"] == "queued"
    assert not body["duplicate"]
    job = editor_api.get(f"/api/jobs/{body['job']['id']}").json
    assert (job["taskSlug"], job["input"]) == ("syncMediaToGalleries", {"mediaId": body["id"]})


def test_the_original_can_be_fetched_at_its_url(upload, editor_api):
    assert editor_api.get(upload().json["url"]).data == tiny_jpeg(1)


def test_the_same_bytes_again_are_answered_with_the_one_that_is_there(upload):
    first, second = upload(), upload()
    assert second.status_code == 200
    assert (second.json["id"], second.json["duplicate"], second.json["restored"]) == (first.json["id"], True, False)


def test_a_copy_is_stored_when_it_is_asked_for(upload):
    first, second = upload(), upload(query="?allowDuplicate=true")
    assert second.status_code == 201
    assert second.json["id"] != first.json["id"]


def test_uploading_what_is_in_the_trash_restores_it(upload, editor_api, media_id):
    editor_api.delete(f"/api/media/{media_id}")
    again = upload()
    assert (again.status_code, again.json["id"]) == (200, media_id)
    assert again.json["duplicate"] and again.json["restored"]
    assert editor_api.get(f"/api/media/{media_id}").status_code == 200


def test_a_media_says_what_the_background_did_for_it(editor_api, harbour, upload, run_jobs):
    media_id = upload().json["id"]
    run_jobs()
    body = editor_api.get(f"/api/media/{media_id}").json
    gallery = harbour["layout"][0]["id"]
    assert (body["status"], body["job"]["status"]) == ("ready", "succeeded")
    assert (body["syncedGalleries"], body["totalSyncedGalleries"]) == ([gallery], 1)
    assert body["usedOn"] == [{"id": harbour["id"], "title": "Harbour", "slug": "harbour", "galleries": [gallery]}]
    assert [line["words"] for line in body["progress"]] == ["Ready", "Added to 1 gallery"]
    assert {r["mimeType"] for r in body["renditions"]} == {"image/avif", "image/jpeg", "image/webp"}


def test_a_rendition_is_served_at_its_url(editor_api, harbour, upload, run_jobs):
    media_id = upload().json["id"]
    run_jobs()
    editor_api.patch(f"/api/pages/{harbour['id']}", json={"version": 1, "status": "published"})
    rendition = editor_api.get(f"/api/media/{media_id}").json["renditions"][0]
    served = editor_api.get(rendition["url"])
    assert (served.status_code, served.mimetype) == (200, rendition["mimeType"])


def test_words_are_changed_and_what_is_left_out_stays(editor_api, upload):
    media_id = upload(alt="Boats", caption="At dawn").json["id"]
    body = editor_api.patch(f"/api/media/{media_id}", json={"alt": "Ships", "tags": ["b", "A", "b "]}).json
    assert (body["alt"], body["caption"], body["tags"]) == ("Ships", "At dawn", ["a", "b"])


def test_a_tag_is_one_word_as_it_would_be_typed(editor_api, media_id):
    sent = ["old harbour, Fog", "caf\u00e9", "cafe\u0301"]  # twice the same to anybody who reads it
    body = editor_api.patch(f"/api/media/{media_id}", json={"tags": sent}).json
    assert body["tags"] == ["caf\u00e9", "fog", "old harbour"]


def test_changing_words_queues_no_sync(editor_api, media_id):
    before = editor_api.get("/api/jobs").json["totalDocs"]
    editor_api.patch(f"/api/media/{media_id}", json={"alt": "Ships"})
    assert editor_api.get("/api/jobs").json["totalDocs"] == before


def test_delete_moves_it_to_the_trash_and_then_finds_nothing(editor_api, media_id):
    assert editor_api.delete(f"/api/media/{media_id}").json == {"success": True, "id": media_id}
    assert is_error(editor_api.get(f"/api/media/{media_id}"), 404)
    assert is_error(editor_api.delete(f"/api/media/{media_id}"), 404)
    assert editor_api.get("/api/media").json["docs"] == []


def test_a_field_that_there_is_not_is_refused(editor_api, media_id, upload):
    for field in ("role", "created_by", "createdBy", "status", "id"):
        assert is_error(editor_api.patch(f"/api/media/{media_id}", json={field: "admin"}), 422, field)
        assert is_error(upload(2, **{field: "1"}), 422, field)


def test_a_value_that_does_not_fit_is_refused(editor_api, media_id):
    for body in ({"alt": None}, {"alt": 3}, {"alt": "a\0b"}, {"tags": "a"}, {"tags": ["\0"]}):
        assert is_error(editor_api.patch(f"/api/media/{media_id}", json=body), 422)


def test_a_nul_in_a_form_field_is_refused(upload):
    assert is_error(upload(alt="a\0b"), 422, "alt")


def test_no_file_is_refused(editor_api):
    assert is_error(editor_api.post("/api/media", data={"alt": "x"}), 400, "file")
    assert is_error(editor_api.post("/api/media", json={"file": "x"}), 400, "file")
    assert is_error(editor_api.post("/api/media", data={"file": (BytesIO(b""), "")}), 400, "file")


def test_two_files_are_refused_and_neither_is_kept(editor_api):
    files = [(BytesIO(tiny_jpeg(n)), f"{n}.jpg") for n in (1, 2)]
    assert is_error(editor_api.post("/api/media", data={"file": files}), 400, "file")
    assert editor_api.get("/api/media").json["totalDocs"] == 0


def test_what_is_no_picture_is_refused_with_words_that_name_the_file(editor_api):
    answer = editor_api.post("/api/media", data={"file": (BytesIO(b"<svg onload=x>"), "notes.png")})
    assert is_error(answer, 415, "file")
    assert "notes.png" in answer.json["error"]


def test_a_file_over_the_limit_is_refused(app, editor_api):
    big = b"\xff" * (app.config["SETTINGS"].max_upload_bytes + 1)
    assert is_error(editor_api.post("/api/media", data={"file": (BytesIO(big), "big.jpg")}), 413, "file")


def test_a_viewer_reads_and_changes_nothing(viewer_api, media_id, upload):
    assert viewer_api.get(f"/api/media/{media_id}").status_code == 200
    assert viewer_api.get("/api/media").status_code == 200
    assert is_error(upload(2, client=viewer_api), 403)
    assert is_error(viewer_api.patch(f"/api/media/{media_id}", json={"alt": "x"}), 403)
    assert is_error(viewer_api.delete(f"/api/media/{media_id}"), 403)


def test_nobody_reads_without_signing_in(anonymous, media_id, upload):
    assert is_error(anonymous.get("/api/media"), 401)
    assert is_error(anonymous.get(f"/api/media/{media_id}"), 401)
    assert is_error(upload(2, client=anonymous), 401)


def test_a_signed_in_editor_needs_the_csrf_token(app, editor, upload):
    assert is_error(upload(client=editor), 400)
    assert upload(client=editor, csrf_token=csrf_token(app, editor)).status_code == 201


def test_an_id_that_no_row_can_have_finds_nothing(editor_api):
    for impossible in ("0", "-1", "x", "1.5", 10**18 - 1, 10**18, 2**63, 2**70, "%00", "²", "٣"):
        assert is_error(editor_api.get(f"/api/media/{impossible}"), 404)
        assert is_error(editor_api.patch(f"/api/media/{impossible}", json={}), 404)
        assert is_error(editor_api.delete(f"/api/media/{impossible}"), 404)


def test_other_methods_are_refused(editor_api, media_id):
    assert is_error(editor_api.put("/api/media"), 405)
    assert is_error(editor_api.post(f"/api/media/{media_id}"), 405)

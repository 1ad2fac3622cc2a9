"""/api/posts: articles, saved without overwriting anybody, scheduled, and moved to the trash."""

from __future__ import annotations

import pytest

from tests.api.conftest import is_error
from tests.conftest import both_databases

pytestmark = both_databases

UNFIT = [
    ({}, "title"),
    ({"title": " "}, "title"),
    ({"title": "a\0"}, "title"),
    ({"title": "x", "slug": "Not a slug"}, "slug"),
    ({"title": "x", "slug": "123"}, "slug"),
    ({"title": "x", "slug": "harbour"}, "slug"),
    ({"title": "x", "body": "a\0"}, "body"),
    ({"title": "x", "body": "x" * 100_001}, "body"),
    ({"title": "x", "status": "secret"}, "status"),
    ({"title": "x", "status": "scheduled"}, "publishAt"),
    ({"title": "x", "publishAt": "2999-01-01T00:00:00Z"}, "publishAt"),
    ({"title": "x", "status": "scheduled", "publishAt": "tomorrow"}, "publishAt"),
    ({"title": "x", "status": "scheduled", "publishAt": "2999-01-01T00:00:00"}, "publishAt"),
    ({"title": "x", "status": "scheduled", "publishAt": "9999-12-31T23:59:59-14:00"}, "publishAt"),
    ({"title": "x", "coverId": 999}, "coverId"),
    ({"title": "x", "coverId": 2**70}, "coverId"),
    ({"title": "x", "tags": "sea"}, "tags"),
    ({"title": "x", "tags": ["x" * 81]}, "tags.0"),
    ({"title": "x", "created_by": 1}, "created_by"),
]


@pytest.fixture
def post(editor_api):
    body = {"title": "Harbour", "body": "# Fog\n\nOver the *boats*.", "tags": ["Sea", "sea"]}
    answer = editor_api.post("/api/posts", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_post_is_made_as_a_draft(post):
    assert (post["slug"], post["status"], post["version"]) == ("harbour", "draft", 1)
    assert (post["url"], post["tags"], post["coverId"]) == ("/posts/harbour", ["sea"], None)
    assert (post["excerpt"], post["summary"]) == ("", "Over the boats.")
    assert (post["publishAt"], post["publishedAt"]) == (None, None)


def test_a_post_is_found_by_id_and_by_slug(viewer_api, post):
    assert viewer_api.get(f"/api/posts/{post['id']}").json == post
    assert viewer_api.get("/api/posts/harbour").json == post
    for reference in ("nope", "999", "0", str(2**70), "%00", "²", "-1"):
        assert is_error(viewer_api.get(f"/api/posts/{reference}"), 404)


def test_what_does_not_fit_is_refused_with_words_for_the_field(editor_api, post):
    for body, field in UNFIT:
        assert is_error(editor_api.post("/api/posts", json=body), 422, field)
    assert editor_api.get("/api/posts").json["totalDocs"] == 1


def test_saving_changes_only_what_is_sent(editor_api, post, media_id):
    changes = {"version": 1, "coverId": media_id, "status": "published"}
    saved = editor_api.patch("/api/posts/harbour", json=changes).json
    assert (saved["version"], saved["coverId"], saved["status"]) == (2, media_id, "published")
    assert saved["publishedAt"]
    assert (saved["title"], saved["body"], saved["tags"]) == (post["title"], post["body"], post["tags"])
    assert editor_api.patch("/api/posts/harbour", json={"version": 2, "coverId": None}).json["coverId"] is None


def test_a_save_from_an_old_version_is_refused_and_says_the_version(editor_api, post):
    address = f"/api/posts/{post['id']}"
    assert editor_api.patch(address, json={"version": 1, "title": "First"}).status_code == 200
    second = editor_api.patch(address, json={"version": 1, "title": "Second"})
    assert is_error(second, 409, "version")
    assert (second.json["version"], editor_api.get(address).json["title"]) == (2, "First")
    for version in (None, "1", 0, 2**31, True):
        assert is_error(editor_api.patch(address, json={"version": version}), 422, "version")


def test_a_scheduled_post_has_a_job_that_waits_for_its_moment(editor_api, post):
    changes = {"version": 1, "status": "scheduled", "publishAt": "2999-01-01T10:00:00+02:00"}
    saved = editor_api.patch("/api/posts/harbour", json=changes).json
    assert (saved["status"], saved["publishAt"]) == ("scheduled", "2999-01-01T08:00:00Z")
    (job,) = editor_api.get(f"/api/jobs?subject=post:{post['id']}").json["docs"]
    assert (job["taskSlug"], job["status"], job["waitUntil"]) == ("publishPost", "queued", "2999-01-01T08:00:00Z")
    assert editor_api.patch("/api/posts/harbour", json={"version": 2, "status": "draft"}).json["publishAt"] is None


def test_nobody_asks_for_the_job_of_a_scheduled_post_from_outside_and_so_replaces_it(editor_api, post):
    editor_api.patch("/api/posts/harbour", json={"version": 1, "status": "scheduled", "publishAt": "2999-01-01T08:00Z"})
    other = {"postId": post["id"], "publishAt": "2999-01-01T09:00Z"}
    assert is_error(editor_api.post("/api/jobs", json={"taskSlug": "publishPost", "input": other}), 403)
    (job,) = editor_api.get("/api/jobs?taskSlug=publishPost").json["docs"]
    assert (job["status"], job["waitUntil"]) == ("queued", "2999-01-01T08:00:00Z")


def test_a_moment_that_has_passed_is_worked_off_with_the_next_jobs(editor_api, run_jobs):
    body = {"title": "Late", "status": "scheduled", "publishAt": "2020-01-01T00:00:00Z"}
    editor_api.post("/api/posts", json=body)
    run_jobs()
    late = editor_api.get("/api/posts/late").json
    assert (late["status"], late["publishedAt"], late["version"]) == ("published", "2020-01-01T00:00:00Z", 2)


def test_deleting_moves_to_the_trash(editor_api, post):
    assert editor_api.delete("/api/posts/harbour").json == {"success": True, "id": post["id"]}
    assert is_error(editor_api.get("/api/posts/harbour"), 404)
    assert is_error(editor_api.delete("/api/posts/harbour"), 404)
    assert is_error(editor_api.patch("/api/posts/harbour", json={"version": 1}), 404)
    assert editor_api.get("/api/posts").json["totalDocs"] == 0


def test_the_list_is_filtered_and_sorted_with_a_fixed_number_of_queries(editor_api, post, count_queries):
    with count_queries() as few:
        editor_api.get("/api/posts")
    for number in range(5):
        fields = {"title": f"Post {number}", "tags": ["a", "b"], "status": "published" if number == 3 else "draft"}
        editor_api.post("/api/posts", json=fields)
    with count_queries() as many:
        body = editor_api.get("/api/posts").json
    assert [doc["title"] for doc in body["docs"]] == [*(f"Post {n}" for n in (4, 3, 2, 1, 0)), "Harbour"]
    assert len(many) == len(few)

    def titles(query: str) -> list[str]:
        return [doc["title"] for doc in editor_api.get(f"/api/posts?{query}").json["docs"]]

    assert titles("q=boats") == titles("tag=Sea") == titles("sort=title&limit=1") == ["Harbour"]
    assert titles("status=published") == titles("sort=-publishedAt&limit=1") == ["Post 3"]
    assert titles("sort=publishedAt&limit=1") == ["Post 3"]
    assert titles("q=%25&limit=1&page=9") == []
    assert is_error(editor_api.get("/api/posts?sort=size"), 400, "sort")
    assert is_error(editor_api.get("/api/posts?status=secret"), 400, "status")


def test_a_viewer_reads_and_changes_nothing_and_nobody_else_reads(viewer_api, anonymous, post):
    assert viewer_api.get("/api/posts").json["totalDocs"] == 1
    assert is_error(viewer_api.post("/api/posts", json={"title": "x"}), 403)
    assert is_error(viewer_api.patch("/api/posts/harbour", json={"version": 1}), 403)
    assert is_error(viewer_api.delete("/api/posts/harbour"), 403)
    assert is_error(anonymous.get("/api/posts"), 401)
    assert is_error(anonymous.get("/api/posts/harbour"), 401)


def test_a_post_is_found_by_its_words_with_its_address(editor_api, post):
    (hit,) = editor_api.get("/api/search?q=boats").json["docs"]
    assert (hit["collection"], hit["id"], hit["url"]) == ("posts", post["id"], "/posts/harbour")
    assert editor_api.get("/api/search?q=boats&collection=pages").json["docs"] == []

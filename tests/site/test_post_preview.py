"""The draft of a post as everybody will read it: for whoever is signed in, and never kept."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.site.pictures import upload
from tests.site.posts import change, publish
from webapp.models.post import SCHEDULED, Post, create_post, trash_post


def address(post: Post) -> str:
    return f"/admin/posts/{post.id}/preview"


def test_looks_just_as_the_public_post_will(in_app, viewer, anonymous):
    post = create_post("Harbour", body="Words", tags=["sea"], cover_id=upload().id)
    response = viewer.get(address(post))
    assert response.status_code == 200
    assert "Preview of a draft." in response.text
    assert f'href="/admin/posts/{post.id}"' in response.text
    change(post, status="published")
    public = anonymous.get("/posts/harbour").text
    heading, words = (
        public.partition(start)[2].partition(end)[0] for start, end in (("<h1", "</h1>"), ("<figure", "</main>"))
    )
    assert heading in response.text
    assert words and words in response.text


def test_of_a_scheduled_post_is_there_too(in_app, viewer):
    post = create_post("Later", status=SCHEDULED, publish_at=datetime(2999, 1, 1, tzinfo=UTC))
    assert "Later" in viewer.get(address(post)).text


def test_is_never_kept_nor_found_by_search_engines(in_app, viewer):
    response = viewer.get(address(create_post("Harbour")))
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    assert "noindex" in response.text
    assert "ld+json" not in response.text


def test_is_for_nobody_who_is_not_signed_in(in_app, anonymous, viewer):
    answer = anonymous.get(address(create_post("Harbour")))
    assert answer.status_code == 302
    assert "Harbour" not in answer.text


def test_of_a_published_post_leads_to_it(in_app, viewer):
    answer = viewer.get(address(publish("Harbour")))
    assert (answer.status_code, answer.location) == (303, "/posts/harbour")
    assert answer.headers["Cache-Control"] == "no-store"


def test_of_a_post_in_the_trash_or_none_is_not_there(in_app, viewer):
    post = create_post("Harbour")
    trash_post(post.id)
    for post_id in (post.id, 0, 987654, 10**30):
        assert viewer.get(f"/admin/posts/{post_id}/preview").status_code == 404


def test_only_reads(in_app, editor):
    assert editor.post(address(create_post("Harbour"))).status_code in (400, 405)

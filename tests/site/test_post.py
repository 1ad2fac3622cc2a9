"""A post at its address: rendered, and there for everybody only while it is published."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from flask import template_rendered

from config import Settings
from tests.conftest import both_databases
from tests.security.rows import threat
from tests.site.html import srcset
from tests.site.pictures import upload
from tests.site.posts import change, publish, published_at
from webapp.database import db, transaction
from webapp.models.media import trash_media
from webapp.models.media_words import change_media
from webapp.models.post import DRAFT, PUBLISHED, SCHEDULED, Post, create_post, restore_post, trash_post
from webapp.models.publishing import publish_scheduled

FAR = datetime(2999, 1, 1, tzinfo=UTC)
NAUGHTY = "</script><script>alert(1)</script>"


@both_databases
def test_shows_its_markdown_its_day_its_tags_and_its_cover(visit):
    media = upload(1200, 800, alt="Harbour", caption="At dawn")
    change_media(media.id, credit="Ann Archer")
    post = publish("By the sea", body="## Waves\n\nThey *come*.", tags=["sea", "night"], cover_id=media.id)
    published_at(post, datetime(2026, 3, 9, 8, 30, tzinfo=UTC))
    seen = visit("/posts/by-the-sea")
    assert "9 March 2026" in seen.words
    assert "At dawn Ann Archer" in seen.words
    assert (len(seen.all("h1")), len(seen.all("em"))) == (1, 1)
    assert {"/posts?tag=night", "/posts?tag=sea"} <= {link["href"] for link in seen.all("a")}
    (image,) = seen.all("img")
    assert image["alt"] == "Harbour"
    assert [width for _, width in srcset(image["srcset"])] == sorted(
        rendition.width for rendition in media.renditions_in("image/jpeg")
    )
    assert "loading" not in image  # it is what is seen first


def test_a_cover_in_the_trash_or_not_ready_is_left_out(visit):
    gone = upload()
    publish("Gone", cover_id=gone.id)
    trash_media(gone.id)
    publish("Soon", cover_id=upload(ready=False).id)
    assert visit("/posts/gone").all("img") == visit("/posts/soon").all("img") == []


@both_databases
def test_is_there_only_while_it_is_published_whoever_asks(in_app, anonymous, viewer):
    draft = create_post("Draft")
    create_post("Later", status=SCHEDULED, publish_at=FAR)
    gone = publish("Gone")
    trash_post(gone.id)
    for client in (anonymous, viewer):
        for slug in ("draft", "later", "gone", "nothing", "UPPER", "a--b", "%00", "x" * 3000):
            assert client.get(f"/posts/{slug}").status_code == 404, slug
    change(draft, status=PUBLISHED)
    assert anonymous.get("/posts/draft").status_code == 200
    change(db.session.get(Post, draft.id), status=DRAFT)
    restore_post(gone.id)
    assert [anonymous.get(f"/posts/{slug}").status_code for slug in ("draft", "gone")] == [404, 404]


def test_a_scheduled_one_is_there_once_its_moment_has_published_it(in_app, anonymous):
    post = create_post("Later", status=SCHEDULED, publish_at=FAR)
    with transaction():
        publish_scheduled(post.id, FAR)
    assert anonymous.get("/posts/later").status_code == 200


def test_its_address_can_be_one_that_no_page_can_have(in_app, anonymous):
    publish("Admin", slug="admin")
    assert anonymous.get("/posts/admin").status_code == 200


@threat(4)
def test_words_of_an_editor_are_no_markup(in_app, anonymous):
    media = upload(alt='"><i>', caption="<i>")
    publish(f"<i> {NAUGHTY}", slug="words", body=NAUGHTY, excerpt=NAUGHTY, tags=["<i>"], cover_id=media.id)
    for address in ("/posts/words", "/posts", "/posts?tag=<i>"):
        html = anonymous.get(address).text
        assert NAUGHTY not in html
        assert "<i>" not in html


CHANGES = {
    "title": {"title": "Other"},
    "end of the body": {"body": "x" * 9000 + "z"},
    "excerpt": {"excerpt": "Other"},
    "tags": {"tags": ["other"]},
    "cover": {"cover_id": None},
}


@both_databases
@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_it_changes_its_etag(in_app, anonymous, what):
    post = publish("Words", body="x" * 9000 + "y", tags=["sea"], cover_id=upload().id)
    before = anonymous.get("/posts/words")
    assert before.headers["Cache-Control"] == "no-cache"
    known = {"If-None-Match": before.headers["ETag"]}
    assert anonymous.get("/posts/words", headers=known).status_code == 304
    change(post, **CHANGES[what])
    after = anonymous.get("/posts/words", headers=known)
    assert after.status_code == 200
    assert after.text != before.text


def test_one_that_is_unchanged_is_not_rendered_and_takes_one_query(in_app, app, anonymous):
    publish("Words")
    known = {"If-None-Match": anonymous.get("/posts/words").headers["ETag"]}
    rendered: list[object] = []
    with template_rendered.connected_to(lambda _app, template, **_: rendered.append(template), app):
        assert anonymous.get("/posts/words", headers=known).status_code == 304
        assert rendered == []
        assert anonymous.get("/posts/words").status_code == 200
        assert rendered


def test_the_slug_of_before_leads_nowhere_just_as_that_of_a_page(in_app, anonymous):
    change(publish("Words"), slug="other")
    assert anonymous.get("/posts/words").status_code == 404
    assert anonymous.get("/posts/other").status_code == 200


def test_says_nothing_to_search_engines_that_needs_an_address_in_full(in_app, anonymous):
    publish("Words", cover_id=upload().id)
    html = anonymous.get("/posts/words").text
    assert "ld+json" not in html
    assert "http" not in html.replace("http://www.w3.org", "")


class TestWithServerUrl:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"server_url": "https://pictures.example/"})

    @pytest.fixture
    def harbour(self, in_app) -> Post:
        cover = upload(1200, 800, alt="Boats")
        post = publish("Harbour", body=NAUGHTY, excerpt="What *they* say", tags=["sea", "boats"], cover_id=cover.id)
        published_at(post, datetime(2026, 3, 9, 8, 30, tzinfo=UTC))
        return post

    def test_names_its_address_its_words_and_its_picture_in_full(self, visit, harbour):
        seen = visit("/posts/harbour?utm_source=x")
        meta = {tag.get("property") or tag.get("name"): tag.get("content") for tag in seen.all("meta")}
        canonical = [link["href"] for link in seen.all("link") if link["rel"] == "canonical"]
        assert canonical == [meta["og:url"]] == ["https://pictures.example/posts/harbour"]
        assert (meta["og:type"], meta["og:title"]) == ("article", "Harbour")
        assert meta["description"] == meta["og:description"] == "What *they* say"
        assert meta["og:image"].startswith(f"https://pictures.example/media/{harbour.cover_id}-")
        assert meta["article:published_time"] == "2026-03-09T08:30:00+00:00"

    def test_tells_search_engines_what_it_is(self, anonymous, harbour):
        (found,) = re.findall(
            r'<script type="application/ld\+json">(.*?)</script>', anonymous.get("/posts/harbour").text
        )
        data = json.loads(found)
        assert (data["@type"], data["headline"]) == ("BlogPosting", "Harbour")
        assert data["url"] == "https://pictures.example/posts/harbour"
        assert data["datePublished"] == "2026-03-09T08:30:00+00:00"
        assert data["dateModified"] >= data["datePublished"]
        assert (data["description"], data["keywords"]) == ("What *they* say", "boats, sea")
        assert data["image"]["contentUrl"].startswith(f"https://pictures.example/media/{harbour.cover_id}-")

    def test_the_list_names_the_address_of_each_of_its_pages(self, visit, harbour):
        seen = visit("/posts?tag=Sea&utm_source=x")
        canonical = [link["href"] for link in seen.all("link") if link["rel"] == "canonical"]
        assert canonical == ["https://pictures.example/posts?tag=sea"]

    def test_the_sitemap_names_posts_that_are_published(self, in_app, anonymous, harbour):
        create_post("Draft")
        trash_post(publish("Gone").id)
        locations = re.findall("<loc>https://pictures.example(.*?)</loc>", anonymous.get("/sitemap.xml").text)
        assert locations == ["/", "/posts", "/posts/harbour"]
        trash_post(harbour.id)
        assert re.findall("<loc>.*?</loc>", anonymous.get("/sitemap.xml").text) == [
            "<loc>https://pictures.example/</loc>"
        ]

"""The list of posts: those that are published, the newest first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.conftest import both_databases
from tests.site.pictures import page_with, upload
from tests.site.posts import change, publish, published_at
from tests.site.test_answers import counted_queries
from webapp.models.media import trash_media
from webapp.models.media_words import change_media
from webapp.models.post import DRAFT, SCHEDULED, create_post, trash_post
from webapp.site.post_rows import PAGE_SIZE

FAR = datetime(2999, 1, 1, tzinfo=UTC)


def titles(seen) -> list[str]:
    """Of the posts, by their addresses."""
    links = [link["href"] for link in seen.all("a") if "tabindex" not in link]
    return [link.removeprefix("/posts/") for link in links if link.startswith("/posts/")]


@both_databases
def test_lists_those_that_are_published_newest_first(visit):
    old, new = publish("Old"), publish("New")
    published_at(old, datetime(2026, 1, 5, tzinfo=UTC))
    published_at(new, datetime(2026, 3, 9, tzinfo=UTC))
    create_post("Draft")
    create_post("Later", status=SCHEDULED, publish_at=FAR)
    trash_post(publish("Gone").id)
    seen = visit("/posts")
    assert titles(seen) == ["new", "old"]
    assert "9 March 2026" in seen.words


@both_databases
def test_each_shows_its_excerpt_its_tags_and_its_cover(visit):
    media = upload(alt="Harbour")
    publish("By the sea", body="# Waves\n\nThey *come*.", tags=["sea", "night"], cover_id=media.id)
    seen = visit("/posts")
    assert "They come." in seen.words
    assert [link["href"] for link in seen.all("a") if "tag=" in link["href"]] == [
        "/posts?tag=night",
        "/posts?tag=sea",
    ]
    (image,) = seen.all("img")
    assert image["src"].startswith(f"/media/{media.id}-")
    assert image["alt"] == ""  # the title beside it says where it leads


def test_a_post_without_words_or_cover_is_listed_too(visit):
    publish("Nothing yet", cover_id=upload(ready=False).id)
    seen = visit("/posts")
    assert titles(seen) == ["nothing-yet"]
    assert not seen.all("img")


@both_databases
def test_a_tag_chooses_its_posts_however_it_is_written(visit, anonymous):
    publish("Sea", tags=["sea & sky"])
    publish("Land", tags=["land"])
    create_post("Draft", tags=["secret"])
    seen = visit("/posts?tag=%20Sea%20%26%20SKY")
    assert titles(seen) == ["sea"]
    assert "Posts about sea & sky" in seen.words
    for tag in ("secret", "nothing", "%00", "x" * 5000):
        assert anonymous.get(f"/posts?tag={tag}").status_code == (200 if tag == "%00" else 404)


def test_turns_over_and_keeps_the_tag(visit, anonymous):
    for number in range(PAGE_SIZE + 1):
        publish(f"Number {number}", tags=["all"])
    first, second = visit("/posts?tag=all"), visit("/posts?tag=all&page=2")
    assert titles(second) == ["number-0"]
    assert len(titles(first)) == PAGE_SIZE
    assert [link["href"] for link in first.all("a") if link.get("rel") == "next"] == ["/posts?page=2&tag=all"]
    assert [link["href"] for link in second.all("a") if link.get("rel") == "prev"] == ["/posts?tag=all"]
    for page in ("3", "0", "x", "-1", "9" * 30):
        assert anonymous.get(f"/posts?page={page}").status_code == 404


def test_an_empty_list_says_so_in_words_for_visitors(visit):
    create_post("Draft")
    assert "Nobody has published a post yet." in visit("/posts").words


@both_databases
def test_the_number_of_queries_does_not_grow(in_app, anonymous):
    publish("One", tags=["a", "b"], cover_id=upload().id)
    with counted_queries() as few:
        anonymous.get("/posts")
    for number in range(5):
        publish(f"More {number}", tags=["c"], cover_id=upload().id)
    with counted_queries() as many:
        anonymous.get("/posts")
    assert len(many) == len(few) <= 3, many


@both_databases
@pytest.mark.parametrize(
    "happened",
    [
        lambda post, _: change(post, title="Other"),
        lambda post, _: change(post, slug="other"),
        lambda post, _: change(post, body="Other"),
        lambda post, _: change(post, excerpt="Other"),
        lambda post, _: change(post, tags=["other"]),
        lambda post, _: change(post, cover_id=None),
        lambda post, _: change(post, status=DRAFT),
        lambda post, _: trash_post(post.id),
        lambda post, _: publish("Another"),
        lambda _, media: trash_media(media.id),
        lambda _, media: change_media(media.id, focal=(10, 20)),
    ],
    ids=["title", "slug", "body", "excerpt", "tags", "cover", "draft", "trash", "another", "no picture", "focal point"],
)
def test_whatever_changes_the_list_changes_its_etag(in_app, anonymous, happened):
    media = upload()
    post = publish("Words", body="Beginning", tags=["sea"], cover_id=media.id)
    before = anonymous.get("/posts")
    known = {"If-None-Match": before.headers["ETag"]}
    assert anonymous.get("/posts", headers=known).status_code == 304
    happened(post, media)
    after = anonymous.get("/posts", headers=known)
    assert after.status_code == 200
    assert after.text != before.text


def posts_links(seen) -> int:
    return len([link for link in seen.all("a") if link["href"] == "/posts"])


@both_databases
def test_every_public_page_leads_to_the_posts_once_there_is_one(in_app, visit, anonymous):
    page_with()
    addresses = ("/", "/summer-fair", "/search")
    create_post("Draft")
    trash_post(publish("Gone").id)
    assert [posts_links(visit(address)) for address in addresses] == [0, 0, 0]
    kept = addresses[:2]
    known = [{"If-None-Match": anonymous.get(address).headers["ETag"]} for address in kept]
    publish("First")
    assert [posts_links(visit(address)) for address in addresses] == [1, 1, 1]
    for address, headers in zip(kept, known, strict=True):
        assert anonymous.get(address, headers=headers).status_code == 200


def test_only_reads(anonymous, editor_api):
    for address in ("/posts", "/posts/words", "/posts.atom"):
        assert editor_api.post(address).status_code == 405
        assert anonymous.post(address).status_code in (400, 405)

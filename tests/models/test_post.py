"""Posts: their rows, their versions, the trash, and what is noted of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import both_databases
from tests.site.pictures import upload
from tests.site.posts import published_at
from webapp.database import db, transaction, utcnow
from webapp.models.deleting import delete_media, delete_post
from webapp.models.finding_posts import WantedPosts, known_post_tags
from webapp.models.media import trash_media
from webapp.models.post import (
    Post,
    PostConflict,
    PostTag,
    UnfitPost,
    create_post,
    live_post,
    restore_post,
    save_post,
    trash_post,
)
from webapp.models.searchable import SEARCHABLE, documents, visible_ids

pytestmark = [both_databases, pytest.mark.usefixtures("in_app")]


def fresh(post: Post) -> Post:
    db.session.rollback()
    return db.session.get_one(Post, post.id, populate_existing=True)


def test_an_address_is_made_of_the_title_and_is_free_among_posts() -> None:
    slugs = [create_post(title).slug for title in ("Summer fair", "Summer fair", "2026", "猫", "!!!")]
    assert slugs == ["summer-fair", "summer-fair-2", "post-2026", "mao", "post"]


def test_an_address_that_the_site_has_for_itself_is_free_for_a_post() -> None:
    assert create_post("Media", slug="media").slug == "media"


@pytest.mark.parametrize("slug", ["Not a slug", "a--b", "-a", "1234", "x" * 101, "a/b", "taken"])
def test_an_unfit_address_is_refused_with_words(slug: str) -> None:
    create_post("Taken")
    with pytest.raises(UnfitPost) as unfit:
        create_post("One", slug=slug)
    assert unfit.value.fields.keys() == {"slug"}


def test_a_save_from_an_old_version_changes_nothing() -> None:
    post = create_post("One")
    save_post(post.id, 1, {"title": "Two"})
    with pytest.raises(PostConflict) as conflict:
        save_post(post.id, 1, {"title": "Three"})
    assert (conflict.value.post.title, conflict.value.post.version) == ("Two", 2)
    assert fresh(post).title == "Two"


def test_all_fields_are_changed_at_once() -> None:
    post = create_post("One", tags=["sea"])
    fields = {"title": "Two", "slug": "two", "body": "b", "excerpt": "e", "tags": ["sky"], "status": "published"}
    saved = fresh(save_post(post.id, 1, fields))
    assert {name: getattr(saved, name) for name in fields} == fields


def test_tags_are_rows_of_their_own_each_once() -> None:
    post = create_post("One", tags=[" Sea ", "sea", "Night", ""])
    assert fresh(post).tags == ["night", "sea"]
    assert fresh(save_post(post.id, 1, {"tags": ["sea", "harbour"]})).tags == ["harbour", "sea"]
    assert fresh(save_post(post.id, 2, {"title": "Two"})).tags == ["harbour", "sea"]
    assert known_post_tags() == ["harbour", "sea"]
    save_post(post.id, 3, {"tags": []})
    assert db.session.scalar(select(func.count()).select_from(PostTag)) == 0


def test_the_summary_is_the_editors_or_the_beginning_of_the_body() -> None:
    post = create_post("One", body="# A *heading*\n\nAnd [words](https://example.org).")
    assert post.summary == "And words."
    assert save_post(post.id, 1, {"excerpt": "My own."}).summary == "My own."
    long = create_post("Two", body="word " * 500).summary
    assert long.endswith("word…") and len(long) <= 241


def test_the_moment_of_the_first_publication_stays() -> None:
    post = create_post("One", status="published")
    first = fresh(post).published_at
    assert first is not None and abs((utcnow() - first).total_seconds()) < 60
    save_post(post.id, 1, {"status": "draft"})
    assert not fresh(post).is_public
    save_post(post.id, 2, {"status": "published"})
    assert (fresh(post).published_at, fresh(post).is_public) == (first, True)


def test_after_another_schedule_the_moment_of_publishing_counts() -> None:
    post = create_post("One", status="published")
    published_at(post, datetime(2020, 1, 1, tzinfo=UTC))
    save_post(post.id, 1, {"status": "scheduled", "publish_at": utcnow() + timedelta(days=1)})
    assert fresh(post).published_at is None
    save_post(post.id, 2, {"status": "published"})
    assert fresh(post).published_at > utcnow() - timedelta(minutes=1)


def test_a_cover_must_be_in_the_library_and_its_deletion_leaves_the_post() -> None:
    with pytest.raises(UnfitPost) as unfit:
        create_post("One", cover_id=999)
    assert unfit.value.fields.keys() == {"coverId"}
    media = upload(ready=False)
    post = create_post("One", cover_id=media.id)
    trash_media(media.id)
    assert fresh(post).cover_id == media.id
    delete_media(media.id)
    assert fresh(post).cover_id is None


def test_the_trash_takes_a_post_from_the_public_and_gives_it_back_as_a_draft() -> None:
    post = create_post("One", status="published", tags=["sea"])
    trash_post(post.id)
    assert not fresh(post).is_public
    with pytest.raises(LookupError):
        live_post(post.id)
    with pytest.raises(LookupError):
        save_post(post.id, 1, {"title": "Two"})
    restored = restore_post(post.id)
    assert (restored.status, restored.deleted_at, restored.tags) == ("draft", None, ["sea"])


def test_only_what_lies_in_the_trash_is_deleted_for_good_with_its_tags() -> None:
    post = create_post("One", tags=["sea"])
    with pytest.raises(LookupError):
        delete_post(post.id)
    trash_post(post.id)
    assert delete_post(post.id) == "One"
    db.session.rollback()
    assert [db.session.scalar(select(func.count()).select_from(rows)) for rows in (Post, PostTag)] == [0, 0]


def test_posts_are_found_by_words_tag_and_status() -> None:
    harbour = create_post("Harbour", body="Fog over *boats*", tags=["sea"], status="published")
    fair = create_post("Fair 100%", excerpt="Fireworks")
    gone = create_post("Gone boats")
    trash_post(gone.id)

    def found(**wanted: object) -> list[int]:
        return sorted(post.id for post in db.session.scalars(WantedPosts(**wanted).select()))  # type: ignore[arg-type]

    assert found() == [harbour.id, fair.id]
    assert found(words="boats fog") == [harbour.id]
    assert found(words="SEA") == found(tag=" Sea ") == found(status="published") == [harbour.id]
    assert found(words="fireworks") == found(words="0%") == found(status="draft") == [fair.id]
    assert found(words="boats", trash=True) == [gone.id]
    assert found(words="unicorn") == []


def test_what_is_searched_of_a_post_and_who_may_find_it() -> None:
    draft = create_post("Draft", body="Secret", tags=["a", "b"])
    public = create_post("Public", status="published", excerpt="Words")
    posts = SEARCHABLE["posts"]
    (document,) = documents(posts, [draft.id])
    assert (document.title, document.text.split()) == ("Draft", ["Secret", "a", "b"])
    assert list(db.session.scalars(visible_ids(posts, to_everybody=True))) == [public.id]
    trash_post(public.id)
    assert list(db.session.scalars(visible_ids(posts, to_everybody=False))) == [draft.id]


def test_the_database_itself_refuses_a_scheduled_post_without_a_moment() -> None:
    post = create_post("One")
    with pytest.raises(Exception, match="scheduled_with_a_moment"), transaction() as session:
        session.get_one(Post, post.id).status = "scheduled"

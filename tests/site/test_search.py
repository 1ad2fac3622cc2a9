"""/search: what everybody may see, by words."""

from __future__ import annotations

import pytest

from tests.admin.conftest import count_queries
from tests.conftest import both_databases
from tests.site.pictures import hang, many_like, page_with, upload
from tests.site.posts import change, publish
from webapp.database import transaction
from webapp.models import search_text
from webapp.models.gallery import set_hidden
from webapp.models.media import trash_media
from webapp.models.media_words import change_media
from webapp.models.page import DRAFT, PUBLISHED, create_page, save_page
from webapp.models.post import create_post, trash_post
from webapp.models.searchable import SEARCHABLE


def links(seen):
    """Besides those of the frame."""
    all_links = [link["href"] for link in seen.all("a") if not link["href"].startswith(("#", "/admin", "/search"))]
    return [link for link in all_links if link not in ("/", "/posts")]


@both_databases
def test_finds_published_pages_and_the_pictures_on_them_where_they_hang(visit):
    media = upload(alt="The old harbour")
    page_with(media, title="Harbour days")
    assert set(links(visit("/search?q=harbour"))) == {"/harbour-days", f"/harbour-days#picture-{media.id}"}
    assert links(visit("/search?q=harbour&collection=media")) == [f"/harbour-days#picture-{media.id}"]
    assert links(visit("/search?q=harbour&collection=pages")) == ["/harbour-days"]


@both_databases
def test_nothing_of_a_draft_is_found_not_for_a_moment(visit):
    media = upload(alt="Secret castle")
    page = page_with(media, title="Secret page", status=DRAFT)
    assert links(visit("/search?q=secret")) == []
    save_page(page.id, 1, {"status": PUBLISHED})
    assert len(links(visit("/search?q=secret"))) == 2
    set_hidden(page.blocks[0].id, media.id, True)
    assert links(visit("/search?q=secret")) == ["/secret-page"]
    save_page(page.id, 2, {"status": DRAFT})
    assert links(visit("/search?q=secret")) == []


@both_databases
def test_finds_published_posts_each_with_its_cover(visit):
    media = upload(alt="Boats")
    publish("Harbour days", body="Early in the morning.", cover_id=media.id)
    create_post("Harbour drafts", cover_id=upload(alt="Boats").id)
    seen = visit("/search?q=harbour")
    assert links(seen) == ["/posts/harbour-days"]
    assert [image["src"].split("-")[0] for image in seen.all("img")] == [f"/media/{media.id}"]
    assert links(visit("/search?q=morning&collection=posts")) == ["/posts/harbour-days"]
    assert links(visit("/search?q=morning&collection=pages")) == []


@both_databases
def test_a_post_is_found_no_longer_once_it_is_a_draft_or_in_the_trash(visit):
    draft, gone = publish("Harbour days"), publish("Harbour nights")
    change(draft, status=DRAFT)
    trash_post(gone.id)
    assert links(visit("/search?q=harbour")) == []


@both_databases
def test_a_picture_that_is_only_a_cover_is_found_at_its_newest_post(visit):
    media, elsewhere = upload(alt="Lighthouse"), upload(alt="Lighthouse too")
    publish("Before", cover_id=media.id)
    post = publish("By the sea", cover_id=media.id)
    publish("Another", cover_id=elsewhere.id)
    page_with(elsewhere)
    found = links(visit("/search?q=lighthouse&collection=media"))
    assert sorted(found) == ["/posts/by-the-sea", f"/summer-fair#picture-{elsewhere.id}"]
    change(post, status=DRAFT)
    assert "/posts/before" in links(visit("/search?q=lighthouse&collection=media"))


def test_those_who_are_signed_in_find_no_drafts_here_either(in_app, editor):
    create_page("Secret page")
    assert "Nothing has “secret”" in editor.get("/search?q=secret").text


@both_databases
def test_a_picture_that_stands_alone_is_found_on_its_page(visit):
    media = upload(alt="Lighthouse")
    create_page("Coast", status=PUBLISHED, layout=[{"blockType": "picture", "mediaId": media.id}])
    assert links(visit("/search?q=lighthouse")) == [f"/coast#picture-{media.id}"]
    trash_media(media.id)
    assert links(visit("/search?q=lighthouse")) == []


@both_databases
def test_a_picture_far_back_in_a_gallery_is_found_on_its_part_of_the_page(visit, anonymous):
    media = upload(alt="Boats")
    page = page_with(media)
    many_like(media, 130, page.blocks[0].id)
    with transaction():
        search_text.fill(SEARCHABLE["media"])
    last = upload(alt="Lighthouse")
    hang(page, last)
    trash_media(media.id)
    (link,) = links(visit("/search?q=lighthouse"))
    assert link == f"/summer-fair?page=3#picture-{last.id}"
    assert f'id="picture-{last.id}"' in anonymous.get(link.partition("#")[0]).text


def test_the_words_are_marked_and_nothing_of_an_editor_is_markup(anonymous, in_app):
    media = upload(alt="<i>Harbour</i>", caption="By the <u>harbour</u> wall")
    page_with(media)
    html = anonymous.get("/search?q=harb").text
    assert "&lt;i&gt;<mark>Harb</mark>our&lt;/i&gt;" in html
    assert "By the &lt;u&gt;<mark>harb</mark>our&lt;/u&gt; wall" in html
    assert "<i>" not in html and "<u>" not in html


def test_of_a_post_plain_words_are_shown_and_not_how_they_were_written(visit):
    publish("Days", body="First.\n\n> **Boats** in the [old harbour](https://example.org/quay) at ~~noon~~ dawn.")
    seen = visit("/search?q=harbour")
    assert "Boats in the old harbour at noon dawn." in seen.words
    assert "Boats in the old harbour" in visit("/search?q=quay").words  # which only the address has


def test_nobody_sees_the_names_of_files(visit):
    page_with(upload(), upload(caption="By the quay"), title="Pier")  # DSC_….jpg
    seen = visit("/search?q=dsc")
    assert len(links(seen)) == 2
    assert "A picture" in seen.words and "By the quay" in seen.words
    assert "DSC" not in seen.words


def test_a_mistyped_word_finds_what_comes_close_and_says_so(visit):
    page_with(title="Harbour")
    seen = visit("/search?q=harbuor")
    assert "This comes close" in seen.words
    assert links(seen) == ["/harbour"]


def test_says_in_words_what_to_do_when_nothing_was_asked_or_found(visit):
    assert "Write one or more words" in visit("/search").words
    assert "Nothing has “castle”" in visit("/search?q=castle").words


def test_turns_over_after_twenty(visit, anonymous):
    for number in range(23):
        create_page(f"Fair {number}", status=PUBLISHED)
    assert [len(links(visit(f"/search?q=fair&page={number}"))) for number in (1, 2, 3)] == [20, 3, 0]
    assert anonymous.get("/search?q=fair&page=26").status_code == 404
    assert anonymous.get("/search?q=fair&page=x").status_code == 404


@both_databases
def test_the_number_of_queries_does_not_grow(anonymous, in_app):
    page = page_with(upload(alt="Harbour"), title="Harbour")
    few = count_queries(anonymous, "/search?q=harbour")
    hang(page, upload(alt="Harbour 2"), upload(alt="Harbour 3"))
    assert count_queries(anonymous, "/search?q=harbour") == few


def test_search_engines_keep_it_out_and_nobody_keeps_it(anonymous):
    answer = anonymous.get("/search?q=harbour")
    assert '<meta name="robots" content="noindex">' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@both_databases
@pytest.mark.parametrize("q", ["", "\0", '"', "a AND NOT b", "NEAR(", "*", ":", "^-", "😀", "東京", "ميناء", "\u202e",
    "<script>", "x" * 10_000, "a " * 5_000, "%", "\\", "'); --"])  # fmt: skip
def test_no_question_is_too_odd(anonymous, in_app, q):
    page_with(title="Harbour")
    assert anonymous.get("/search", query_string={"q": q, "collection": q}).status_code == 200


def test_no_page_can_take_its_address_and_each_leads_to_it(in_app, visit):
    assert create_page("Search").slug == "page-search"
    assert "/search" in [link["href"] for link in visit("/").all("a")]


def test_a_changed_picture_is_found_by_its_new_words_at_once(visit):
    media = upload(alt="Boats")
    page_with(media)
    change_media(media.id, alt="Ships")
    assert links(visit("/search?q=boats")) == []
    assert len(links(visit("/search?q=ships"))) == 1

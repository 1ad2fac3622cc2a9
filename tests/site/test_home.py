"""The home page: every published page, with a cover."""

from __future__ import annotations

from tests.conftest import both_databases
from tests.site.pictures import hang, page_with, upload
from webapp.models.gallery import set_hidden
from webapp.models.page import DRAFT, PUBLISHED, create_page, trash_page


@both_databases
def test_lists_the_published_pages_each_with_its_first_shown_picture(visit):
    hidden, cover, other = upload(), upload(), upload()
    page = page_with(hidden, cover, other, title="Harbour")
    set_hidden(page.blocks[0].id, hidden.id, True)
    page_with(other, title="City")
    page_with(cover, title="Draft page", status=DRAFT)
    trash_page(page_with(cover, title="Gone").id)
    seen = visit("/")
    assert [link["href"] for link in seen.all("a") if link["href"].strip("/") in ("harbour", "city")] == [
        "/city",
        "/harbour",
    ]
    assert [image["src"].split("-")[0] for image in seen.all("img")] == [f"/media/{other.id}", f"/media/{cover.id}"]
    assert "Draft page" not in seen.words
    assert "Gone" not in seen.words


@both_databases
def test_the_cover_is_of_the_first_gallery_that_has_a_picture_ready(visit):
    page = create_page("Two", status=PUBLISHED, layout=[{"blockType": "gallery"}] * 3)
    ready, later = upload(), upload()
    hang(page, upload(ready=False), block=0)
    hang(page, ready, block=1)
    hang(page, later, block=2)
    assert [image["src"].split("-")[0] for image in visit("/").all("img")] == [f"/media/{ready.id}"]


def test_a_page_without_pictures_is_listed_too(visit):
    page_with(title="Soon")
    seen = visit("/")
    assert "Soon" in seen.words
    assert not seen.all("img")


def test_an_empty_site_says_so_in_words_for_visitors(visit):
    assert "nothing to see here yet" in visit("/").words


def test_turns_over_after_sixty_pages(visit, anonymous):
    for number in range(61):
        create_page(f"Page {number}", status=PUBLISHED)
    seen = visit("/?page=2")
    assert "Page 2 of 2" in seen.words
    assert "/page-0" in [link["href"] for link in seen.all("a")]
    assert len([link for link in visit("/").all("a") if link["href"].startswith("/page-")]) == 60
    assert anonymous.get("/?page=3").status_code == 404


def test_only_reads(anonymous, editor_api):
    assert editor_api.post("/").status_code == 405
    assert anonymous.post("/").status_code in (400, 405)

"""The pictures of a gallery: which files the browser may choose from, and how many at once."""

from __future__ import annotations

import pytest

from tests.conftest import both_databases
from tests.site.html import Parsed, srcset
from tests.site.pictures import hang, many_like, page_with, upload
from webapp.models.page import PUBLISHED, create_page


def test_offers_every_rendition_webp_before_jpeg(visit):
    media = upload(1200, 800)
    page_with(media)
    seen = visit("/summer-fair")
    source, image = seen.all("source")[0], seen.all("img")[0]
    assert source["type"] == "image/webp"
    for value, mime_type in ((source["srcset"], "image/webp"), (image["srcset"], "image/jpeg")):
        renditions = [(f"/media/{r.name}", r.width) for r in media.renditions_in(mime_type)]
        assert srcset(value) == renditions
        assert len(renditions) == 4
    assert source["sizes"] == image["sizes"] == "(max-width: 40rem) 46vw, 22rem"  # 1.5 of a third, 1.5 × 15


def test_a_picture_of_which_much_is_cut_off_gets_a_file_as_high_as_its_square(visit):
    page_with(upload(300, 300), upload(900, 600), upload(2000, 500))
    sizes = [image["sizes"] for image in visit("/summer-fair").all("img")][1:]  # the first is not lazy
    assert sizes == ["auto, (max-width: 40rem) 46vw, 22rem", "(max-width: 40rem) 124vw, 60rem"]


def test_says_the_true_size_and_shape_so_that_nothing_shifts(visit):
    page_with(upload(300, 500), upload(2000, 400))
    seen = visit("/summer-fair")
    assert [(image["width"], image["height"]) for image in seen.all("img")] == [("300", "500"), ("1920", "384")]
    assert [li["class"] for li in seen.all("li")] == ["ratio-60", "ratio-300"]


def test_each_picture_links_to_its_largest_rendition(visit, anonymous):
    media = upload(1200, 800)
    page_with(media)
    largest = f"/media/{media.renditions_in('image/jpeg')[-1].name}"
    assert largest in [link["href"] for link in visit("/summer-fair").all("a")]
    assert anonymous.get(largest).mimetype == "image/jpeg"


def test_the_first_loads_at_once_and_the_rest_when_they_are_near(visit):
    layout = [{"blockType": "gallery"}, {"blockType": "gallery"}]
    page = create_page("Two", status=PUBLISHED, layout=layout)
    first, *rest = (upload() for _ in range(3))
    hang(page, *rest, block=1)
    hang(page, first, block=0)
    images = visit("/two").all("img")
    assert [image.get("fetchpriority") for image in images] == ["high", None, None]
    assert [image.get("loading") for image in images] == [None, "lazy", "lazy"]
    assert [image.get("decoding") for image in images] == [None, "async", "async"]


def test_a_picture_without_words_has_an_empty_alt_and_its_link_a_name(visit):
    page_with(upload(), upload(alt="A harbour", caption="At dawn"))
    seen = visit("/summer-fair")
    assert [image["alt"] for image in seen.all("img")] == ["", "A harbour"]
    assert [link.get("aria-label") for link in seen.all("a") if "/media/" in link["href"]] == ["Open picture 1", None]
    assert "DSC" not in seen.text + str(seen.tags)
    assert "At dawn" in seen.words
    assert len(seen.all("figcaption")) == 1


def test_holds_the_place_of_a_picture_in_its_colour(visit):
    media = upload()
    page_with(media)
    seen = visit("/summer-fair")
    assert seen.all("rect")[0]["fill"] == media.colour
    assert not [attributes for _, attributes in seen.tags if "style" in attributes]


@pytest.fixture
def long_and_short(in_app) -> None:
    """A page with a gallery of 130 pictures and one of 61."""
    layout = [
        {"blockType": "text", "body": "Welcome."},
        {"blockType": "gallery", "title": "Long"},
        {"blockType": "gallery", "title": "Short"},
    ]
    page = create_page("Two", status=PUBLISHED, layout=layout)
    media = upload()
    many_like(media, 130, page.blocks[1].id)
    many_like(media, 61, page.blocks[2].id)


def turning(seen: Parsed) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in seen.all("a") if link.get("rel") in ("prev", "next")}


@both_databases
def test_shows_sixty_of_each_gallery_at_once(visit, long_and_short):
    first, second, third = visit("/two"), visit("/two?page=2"), visit("/two?page=3")
    assert [len(seen.all("img")) for seen in (first, second, third)] == [120, 61, 10]
    for words in ("Pictures 1–60 of 130", "Pictures 1–60 of 61", "Page 1 of 3", "Welcome."):
        assert words in first.words
    for words in ("Pictures 61–120 of 130", "Pictures 61–61 of 61", "Page 2 of 3"):
        assert words in second.words
    assert "Pictures 121–130 of 130" in third.words
    assert "Short" not in third.words
    assert [image["alt"] for image in third.all("img")] == [f"Copy {n}" for n in range(120, 130)]


def test_leads_to_the_page_before_and_after(visit, long_and_short):
    assert turning(visit("/two")) == {"next": "/two?page=2"}
    assert turning(visit("/two?page=2")) == {"prev": "/two", "next": "/two?page=3"}
    assert turning(visit("/two?page=3")) == {"prev": "/two?page=2"}


@pytest.mark.parametrize("number", ["4", "0", "-1", "x", "", "1.5", "٢", "9" * 30, "9" * 5000, "1000000"])
def test_a_page_number_that_is_none_leads_nowhere(in_app, anonymous, long_and_short, number):
    assert anonymous.get("/two", query_string={"page": number}).status_code == 404


def test_the_first_page_is_there_even_without_pictures(in_app, anonymous):
    page_with()
    assert anonymous.get("/summer-fair?page=1").status_code == 200
    assert anonymous.get("/summer-fair?page=2").status_code == 404

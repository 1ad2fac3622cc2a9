"""A picture that stands alone on a page."""

from __future__ import annotations

from tests.conftest import both_databases
from tests.site.html import srcset
from tests.site.pictures import page_with, upload
from webapp.models.media import Media, restore_media, trash_media
from webapp.models.page import DRAFT, PUBLISHED, Page, create_page, save_page


def page_of(*media: Media, status: str = PUBLISHED, **block: str) -> Page:
    layout = [{"blockType": "picture", "mediaId": each.id, **block} for each in media]
    return create_page("One", status=status, layout=layout)


@both_databases
def test_is_shown_with_its_renditions_and_its_own_caption(visit):
    media = upload(1200, 800, alt="Harbour", caption="Of the media")
    page_of(media, caption="Of the block", title="Morning")
    seen = visit("/one")
    image = seen.all("img")[0]
    assert (image["alt"], image["width"], image["height"]) == ("Harbour", "1200", "800")
    assert srcset(image["srcset"]) == [(f"/media/{r.name}", r.width) for r in media.renditions_in("image/jpeg")]
    assert seen.all("source")[0]["type"] == "image/webp"
    assert "Of the block" in seen.words
    assert "Of the media" not in seen.words
    assert "Morning" in seen.words


def test_without_one_has_the_caption_of_the_media(visit):
    page_of(upload(caption="Of the media"), caption=" ")
    assert "Of the media" in visit("/one").words


@both_databases
def test_is_not_there_while_its_media_is_in_the_trash_or_has_no_renditions(visit, anonymous):
    media, waiting = upload(), upload(ready=False)
    page_of(media, waiting, caption="Words of the block")
    address = f"/media/{media.renditions[0].name}"
    assert anonymous.get(address).status_code == 200
    trash_media(media.id)
    seen = visit("/one")
    assert not seen.all("img")
    assert "Words of the block" not in seen.words
    assert anonymous.get(address).status_code == 404
    restore_media(media.id)
    assert len(visit("/one").all("img")) == 1


def test_its_renditions_are_public_as_long_as_its_page_is(in_app, anonymous):
    media = upload()
    page = page_of(media, status=DRAFT)
    address = f"/media/{media.renditions[0].name}"
    assert anonymous.get(address).status_code == 404
    save_page(page.id, page.version, {"status": PUBLISHED})
    assert anonymous.get(address).status_code == 200


@both_databases
def test_is_the_cover_of_a_page_that_begins_with_it(visit):
    first, gone, hung = upload(), upload(), upload()
    page_of(gone, first)
    page_with(hung, title="Gallery")
    trash_media(gone.id)
    covers = [image["src"].split("-")[0] for image in visit("/").all("img")]
    assert covers == [f"/media/{hung.id}", f"/media/{first.id}"]


def test_an_anchor_is_given_once_even_when_a_picture_stands_twice(visit):
    media = upload()
    page_of(media, media)
    seen = visit("/one")
    assert [link.get("id") for link in seen.all("a") if "data-picture" in link] == [f"picture-{media.id}", None]

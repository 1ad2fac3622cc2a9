"""The Atom feed of a page: the pictures that came last."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from sqlalchemy import update

from config import Settings
from tests.conftest import both_databases
from tests.security.rows import threat
from tests.site.pictures import hang, page_with, upload
from webapp.database import db, transaction, utcnow
from webapp.models.gallery import Item, set_hidden
from webapp.models.media import trash_media
from webapp.models.page import DRAFT, PUBLISHED, Page, create_page, save_page, trash_page

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client, address: str = "/summer-fair.atom") -> list[ET.Element]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/atom+xml"
    return ET.fromstring(answer.data).findall(f"{ATOM}entry")


def titles(client) -> list[str | None]:
    return [entry.findtext(f"{ATOM}title") for entry in entries(client)]


def came_at(media_id: int, minute: int) -> None:
    with transaction() as session:
        moment = utcnow().replace(minute=minute)
        session.execute(update(Item).where(Item.media_id == media_id).values(added_at=moment))


@both_databases
def test_lists_what_is_shown_newest_first_and_each_picture_once(in_app, anonymous):
    layout = [{"blockType": "gallery"}] * 2
    page = create_page("Summer fair", status=PUBLISHED, layout=layout)
    old, new, hidden, gone = (upload(alt=alt) for alt in ("Old", "New", "Hidden", "Gone"))
    hang(page, new, old, hidden, gone, upload(ready=False))
    hang(page, old, block=1)
    came_at(old.id, 1)
    came_at(new.id, 2)
    set_hidden(page.blocks[0].id, hidden.id, True)
    trash_media(gone.id)
    assert titles(anonymous) == ["New", "Old"]


@threat(4)
def test_any_words_fit_into_it(in_app, anonymous):
    words = "<b>&amp; ]]> \x0b\x01 猫 \"'"
    create_page(words, "naughty", PUBLISHED, [{"blockType": "gallery"}])
    hang(db.session.query(Page).one(), upload(alt=words, caption=words))
    feed = ET.fromstring(anonymous.get("/naughty.atom").data)
    assert feed.findtext(f"{ATOM}title") == feed.findtext(f"{ATOM}entry/{ATOM}title") == words.replace("\x0b\x01", "")


def test_an_id_stays_when_the_page_is_renamed(in_app, anonymous):
    page = page_with(upload())
    before = entries(anonymous)[0].findtext(f"{ATOM}id")
    assert before and before.startswith("urn:uuid:")
    save_page(page.id, page.version, {"title": "Fair", "slug": "fair"})
    assert entries(anonymous, "/fair.atom")[0].findtext(f"{ATOM}id") == before


def test_a_picture_without_words_has_a_title_and_leads_to_its_place(in_app, anonymous):
    media = upload()
    page_with(media)
    entry = entries(anonymous)[0]
    assert entry.findtext(f"{ATOM}title") == "Picture"
    assert entry.find(f"{ATOM}link").get("href") == f"/summer-fair#picture-{media.id}"  # type: ignore[union-attr]


def test_says_at_once_that_it_is_still_the_same(in_app, anonymous):
    page_with()
    tag = anonymous.get("/summer-fair.atom").headers["ETag"]
    assert anonymous.get("/summer-fair.atom", headers={"If-None-Match": tag}).status_code == 304


def test_is_only_there_for_published_pages(in_app, anonymous, viewer):
    page_with(status=DRAFT)
    trash_page(page_with(title="Gone").id)
    for address in ("/summer-fair.atom", "/gone.atom", "/nothing.atom", "/.atom", "/admin.atom"):
        assert viewer.get(address).status_code == 404
        assert anonymous.get(address).status_code == 404


def test_the_page_names_its_feed(visit):
    page_with()
    links = [link["href"] for link in visit("/summer-fair").all("link") if link["rel"] == "alternate"]
    assert links == ["/summer-fair.atom"]


class TestWithServerUrl:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"server_url": "https://pictures.example/"})

    def test_every_address_is_whole(self, in_app, anonymous):
        page_with(upload())
        text = anonymous.get("/summer-fair.atom").text
        assert 'href="/' not in text
        assert 'src="/' not in text
        assert 'href="https://pictures.example/summer-fair.atom"' in text

"""The Atom feed of all posts."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest

from config import Settings
from tests.conftest import both_databases
from tests.security.rows import threat
from tests.site.pictures import upload
from tests.site.posts import change, publish, published_at
from tests.site.test_answers import counted_queries
from webapp.models.post import DRAFT, SCHEDULED, create_post, trash_post
from webapp.site.post_feed import MOST

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "{http://www.w3.org/XML/1998/namespace}base"


def feed(client) -> ET.Element:
    answer = client.get("/posts.atom")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/atom+xml"
    return ET.fromstring(answer.data)


def entries(client) -> list[ET.Element]:
    return feed(client).findall(f"{ATOM}entry")


def links(element: ET.Element) -> dict[str, str]:
    return {link.attrib["rel"]: link.attrib["href"] for link in element.findall(f"{ATOM}link")}


@both_databases
def test_lists_those_that_are_published_newest_first(in_app, anonymous):
    old, new = publish("Old"), publish("New")
    published_at(old, datetime(2026, 1, 5, tzinfo=UTC))
    published_at(new, datetime(2026, 3, 9, tzinfo=UTC))
    create_post("Draft")
    create_post("Later", status=SCHEDULED, publish_at=datetime(2999, 1, 1, tzinfo=UTC))
    trash_post(publish("Gone").id)
    change(publish("Taken back"), status=DRAFT)
    assert [entry.findtext(f"{ATOM}title") for entry in entries(anonymous)] == ["New", "Old"]


@both_databases
def test_an_entry_has_all_words_the_tags_and_the_cover(in_app, anonymous):
    media = upload()
    body = "They *come*.\n\n" + "word " * 2000 + "end"
    publish("Waves", body=body, excerpt="About waves", tags=["sea", "night"], cover_id=media.id)
    (entry,) = entries(anonymous)
    assert entry.findtext(f"{ATOM}summary") == "About waves"
    assert [tag.attrib["term"] for tag in entry.findall(f"{ATOM}category")] == ["night", "sea"]
    assert links(entry)["alternate"] == "/posts/waves"
    assert links(entry)["enclosure"].startswith(f"/media/{media.id}-")
    html = entry.findtext(f"{ATOM}content") or ""
    assert html.startswith("<p>They <em>come</em>.</p>")
    assert html.strip().endswith("end</p>")


def test_holds_what_every_feed_must(in_app, anonymous):
    publish("Words")
    found = feed(anonymous)
    for element in (found, *found.findall(f"{ATOM}entry")):
        assert (element.findtext(f"{ATOM}id") or "").startswith("urn:uuid:")
        assert element.findtext(f"{ATOM}title")
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "").tzinfo
    assert found.findtext(f"{ATOM}author/{ATOM}name")
    assert links(found) == {"self": "/posts.atom", "alternate": "/posts"}


def test_without_a_post_it_is_empty_and_stays_the_same(in_app, anonymous):
    assert entries(anonymous) == []
    known = {"If-None-Match": anonymous.get("/posts.atom").headers["ETag"]}
    assert anonymous.get("/posts.atom", headers=known).status_code == 304


def test_it_ends_somewhere_and_takes_few_queries(in_app, anonymous):
    for number in range(MOST + 1):
        publish(f"Number {number}", tags=["a", "b"])
    with counted_queries() as queries:
        assert len(entries(anonymous)) == MOST
    assert len(queries) <= 2


@threat(4)
def test_any_words_fit_into_it(in_app, anonymous):
    words = "<b>&amp; ]]> \x0b\x01 猫 \"'"
    publish(words, slug="naughty", body=words, excerpt=words, tags=[words])
    (entry,) = entries(anonymous)
    fit = words.replace("\x0b\x01", "")
    assert entry.findtext(f"{ATOM}title") == entry.findtext(f"{ATOM}summary") == fit
    assert "<b>" not in (entry.findtext(f"{ATOM}content") or "")


def test_an_id_stays_when_the_post_is_renamed(in_app, anonymous):
    post = publish("Words")
    before = entries(anonymous)[0].findtext(f"{ATOM}id")
    change(post, title="Other", slug="other")
    assert entries(anonymous)[0].findtext(f"{ATOM}id") == before


@both_databases
def test_says_at_once_that_it_is_still_the_same(in_app, anonymous):
    post = publish("Words", body="x" * 9000 + "y")
    known = {"If-None-Match": anonymous.get("/posts.atom").headers["ETag"]}
    assert anonymous.get("/posts.atom", headers=known).status_code == 304
    change(post, body="x" * 9000 + "z")
    assert anonymous.get("/posts.atom", headers=known).status_code == 200


def test_the_list_and_each_post_name_it(visit):
    publish("Words")
    for address in ("/posts", "/posts/words"):
        named = [link["href"] for link in visit(address).all("link") if link["rel"] == "alternate"]
        assert named == ["/posts.atom"]


class TestWithServerUrl:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"server_url": "https://pictures.example/"})

    def test_every_address_is_whole(self, in_app, anonymous):
        publish("Words", body="[here](/posts)", cover_id=upload().id)
        found = feed(anonymous)
        (entry,) = found.findall(f"{ATOM}entry")
        for address in (*links(found).values(), *links(entry).values()):
            assert address.startswith("https://pictures.example/")
        base = entry.find(f"{ATOM}content").attrib[BASE]  # type: ignore[union-attr]
        assert base == "https://pictures.example/posts/words"

"""The index of words: what was changed is found, or no longer found, right after the commit."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text

from tests.conftest import both_databases
from tests.support.batches import add_picture
from webapp.database import db, is_postgresql, transaction
from webapp.models import Media, SearchText, search_text
from webapp.models.deleting import delete_many, delete_media, delete_page, empty_trash
from webapp.models.finding import EVERYBODY, find
from webapp.models.gallery import add_item, change_gallery, set_hidden
from webapp.models.library import Wanted, count, library
from webapp.models.many_media import restore_many, tag_many, trash_many, untag_many
from webapp.models.media import restore_media, trash_media
from webapp.models.media_words import change_media
from webapp.models.page import create_page, restore_page, save_page, trash_page
from webapp.models.searchable import SEARCHABLE, changed

pytestmark = both_databases
TEXT = {"blockType": "text"}


@pytest.fixture(autouse=True)
def _in_app(in_app: Flask) -> None:
    """Models are called directly."""


@pytest.fixture
def picture() -> int:
    return add_picture(None, 1, alt="The harbour", caption="Boats at night", tags=["sea"]).id


def found(q: str, **more) -> list[tuple[str, int]]:
    return [(one.collection, one.id) for one in find(q, **more)]


def in_library(words: str, **more) -> list[int]:
    wanted = Wanted(words=words, **more)
    ids = [media.id for media in db.session.scalars(library(wanted))]
    assert count(wanted) == len(ids)
    return ids


def assert_true() -> None:
    """What is kept is what the documents say, in the table and in the indexes of the database."""
    for name, collection in SEARCHABLE.items():
        kept = select(SearchText.doc_id, SearchText.title, SearchText.text).where(SearchText.collection == name)
        said = db.session.execute(collection.texts().order_by(collection.model.id)).all()
        assert db.session.execute(kept.order_by(SearchText.doc_id)).all() == said
    if not is_postgresql():
        with transaction() as session:
            for name in ("search_words", "search_parts"):  # raises when the index is not that of the texts
                session.execute(text(f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 1)"))


def test_an_upload_is_found_by_alt_caption_tag_and_file_name(picture):
    for q in ("harbour", "night", "sea", "harbour boats sea", "harb", "HARBOUR", "boats ni"):
        assert found(q) == [("media", picture)], q
    assert found("harb boats") == found("castle") == []  # only the last word may go on
    assert_true()


def test_a_changed_word_is_found_and_the_former_is_not(picture):
    change_media(picture, alt="A castle", tags=["hill"])
    assert found("castle") == found("hill") == found("night") == [("media", picture)]
    assert found("harbour") == found("sea") == []
    assert_true()


def test_tags_of_many_are_found_at_once(picture):
    other = add_picture(None, 2).id
    tag_many([picture, other], ["autumn"])
    assert set(found("autumn")) == {("media", picture), ("media", other)}
    untag_many([picture], "autumn")
    assert found("autumn") == [("media", other)]
    assert_true()


@pytest.mark.parametrize(
    ("trash", "restore"),
    [(trash_media, restore_media), (lambda one: trash_many([one]), lambda one: restore_many([one]))],
)
def test_what_lies_in_the_trash_is_found_there_alone(picture, trash, restore):
    trash(picture)
    assert found("harbour") == in_library("harbour") == []
    assert in_library("harbour", trash=True) == [picture]
    restore(picture)
    assert found("harbour") == [("media", picture)]
    assert in_library("harbour") == [picture]


@pytest.mark.parametrize("way", ["one", "many", "all"])
def test_what_is_deleted_for_good_is_forgotten(picture, way):
    trash_media(picture)
    moment = db.session.get_one(Media, picture).deleted_at
    ways = {"one": lambda: delete_media(picture), "many": lambda: delete_many([picture])}
    (ways | {"all": lambda: empty_trash(moment)})[way]()
    assert db.session.scalar(select(func.count(SearchText.id))) == 0
    assert_true()


def test_a_page_is_found_by_its_blocks_as_they_are_now():
    page = create_page(
        "Summer fair", layout=[{**TEXT, "title": "Programme", "body": "Carousel"}, {"blockType": "gallery"}]
    )
    for q in ("summer", "programme", "carousel"):
        assert found(q) == [("pages", page.id)]
    change_gallery(page.blocks[1].id, title="Fireworks")
    assert found("fireworks") == [("pages", page.id)]
    save_page(page.id, 2, {"title": "Winter market"}, [{**TEXT, "body": "Sledges"}])
    assert found("sledges") == found("winter") == [("pages", page.id)]
    assert found("summer") == found("carousel") == found("fireworks") == []
    trash_page(page.id)
    assert found("winter") == []
    restore_page(page.id)
    assert found("winter") == [("pages", page.id)]
    trash_page(page.id)
    delete_page(page.id)
    assert found("winter") == []
    assert_true()


def test_what_was_rolled_back_was_never_there(picture):
    with pytest.raises(ZeroDivisionError), transaction():
        change_media(picture, alt="A castle")
        create_page("Castles")
        assert {name for name, _ in found("castle")} == {"media", "pages"}
        raise ZeroDivisionError
    assert found("castle") == []
    assert found("harbour") == [("media", picture)]
    assert_true()


def test_everybody_finds_only_what_is_public_at_that_moment(picture):
    page = create_page("Harbour days", layout=[{"blockType": "gallery"}])
    with transaction():
        db.session.get_one(Media, picture).is_ready = True
    everybody = lambda: set(found("harbour", who=EVERYBODY))  # noqa: E731
    add_item(page.blocks[0].id, picture)
    assert everybody() == set()
    save_page(page.id, 1, {"status": "published"})
    assert everybody() == {("media", picture), ("pages", page.id)}
    set_hidden(page.blocks[0].id, picture, True)
    assert everybody() == {("pages", page.id)}
    save_page(page.id, 2, {}, [{"id": page.blocks[0].id}, {"blockType": "picture", "mediaId": picture}])
    assert everybody() == {("media", picture), ("pages", page.id)}
    trash_media(picture)
    assert everybody() == {("pages", page.id)}
    save_page(page.id, 3, {"status": "draft"})
    assert everybody() == set()


def test_the_library_finds_parts_of_words_and_words_of_one_letter(picture):
    other = add_picture(None, 2, alt="100% Äpfel", caption="x").id
    assert in_library("arbo") == in_library("ARBOUR boat") == in_library("oa") == [picture]
    assert in_library("oa arbo") == in_library("h ea") == [picture]
    assert in_library("%") == in_library("ÄPF") == in_library("äpfel x") == [other]
    assert in_library("_r") == in_library("arbo %") == []


def test_accents_are_not_needed():
    media = add_picture(None, 1, alt="Café près du château").id
    assert found("cafe chateau") == found("CAFÉ") == [("media", media)]


@pytest.mark.parametrize(("alt", "q"), [("東京の夜", "東京"), ("ночь в гавани", "ГАВАНИ"), ("ميناء في الليل", "ميناء"),
    ("नमस्ते दुनिया", "नमस्ते"), ("한국어 사진", "한국"), ("Ελλάδα", "ελλ")])  # fmt: skip
def test_every_script_is_found(alt, q):
    media = add_picture(None, 1, alt=alt).id
    assert found(q) == [("media", media)]
    assert in_library(q) == [media]


@pytest.mark.parametrize("q", ['"', "AND", "NOT", "a AND NOT b", "NEAR(a b, 2)", "*", "har*", "(", ")", ":", "title:x",
    "^", "-", "'", "\\", "a & b | !c", "<->", "''", "{title}", "😀", "🏳️‍🌈 harbour", "x" * 10_000, "\u0301", "½ ﷺ ①",
    "%_/", "a\tb\nc", "\u202eabc", "İstanbul", "ŉ", "\u00ad", "a'b", "ﬁ", ";--"])  # fmt: skip
def test_no_question_is_too_odd(picture, q):
    for forgiving in (False, True):
        found(q, forgiving=forgiving)
    in_library(q)


def test_operators_are_words_like_others(picture):
    assert found("harbour NOT boats") == found("harbour OR castle") == found("harbour -castle") == []
    assert found("(harbour) & 'boats'") == found('"the harbour"') == found("har*") == [("media", picture)]


def test_a_mistyped_word_is_found_when_asked_kindly(picture):
    add_picture(None, 2, alt="A labourer")
    for q in ("harbuor", "harbor", "hrabour", "hatbiur", "boasts", "nihgt", "ahrbour night", "harbuo"):
        assert found(q) == []
        assert found(q, forgiving=True) == [("media", picture)], q
    assert found("xyzzy", forgiving=True) == found("castle", forgiving=True) == []


def test_a_word_that_lacks_or_has_more_letters_than_one_mistypes_is_another(picture):
    add_picture(None, 2, alt="Cats")
    assert found("castles", forgiving=True) == []
    assert found("catss", forgiving=True) != []


def test_a_call_outside_of_a_transaction_is_an_error(picture):
    with pytest.raises(RuntimeError):
        changed("media", [picture])


def test_what_was_put_in_by_others_is_written_down_by_filling(picture):
    with transaction() as session:
        session.execute(delete(SearchText))
    assert found("harbour") == []
    with transaction():
        search_text.fill(SEARCHABLE["media"])
    assert found("harbour") == [("media", picture)]
    assert_true()

"""Doing something to many pictures at once: those that are ticked, or all that are found."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import event

from tests.admin.conftest import HUGE, NAUGHTY, fresh, item, shown, upload
from tests.admin.many import VERBS, after, in_trash, url
from tests.conftest import both_databases
from webapp.database import db, transaction, utcnow
from webapp.models import many_media
from webapp.models.gallery import set_hidden
from webapp.models.media import Media, trash_media
from webapp.models.media_words import change_media
from webapp.models.page import create_page, trash_page


def tags(media_id: int) -> list[str]:
    media = fresh(Media, media_id)
    db.session.refresh(media, ["tag_rows"])
    return media.tags


@pytest.fixture
def three(in_app, editor, post) -> list[int]:
    return [upload(editor, post, f"{name}.jpg", number).id for number, name in enumerate("abc", 1)]


@both_databases
def test_tags_are_added_to_those_that_are_ticked(editor, post, three):
    change_media(three[0], tags=["sea", "old"])
    html = after(editor, post(editor, url("tag", "?q=jpg"), media=three[:2], tags=" Sea, summer ,,"))
    assert "2 pictures now have the tags “sea”, “summer”." in html
    assert [tags(media_id) for media_id in three] == [["old", "sea", "summer"], ["sea", "summer"], []]


@both_databases
def test_a_tag_is_removed_from_those_that_have_it(editor, post, three):
    change_media(three[0], tags=["sea", "old"])
    change_media(three[2], tags=["sea"])
    assert "1 picture no longer has the tag “sea”." in after(
        editor, post(editor, url("untag"), media=three[:2], tag="sea")
    )
    assert [tags(media_id) for media_id in three] == [["old"], [], ["sea"]]
    assert "None of them has the tag “sea”." in after(editor, post(editor, url("untag"), media=three[:2], tag="sea"))


def test_a_tag_that_is_cut_behind_a_space_can_be_taken_off_again(editor, post, three):
    cut = "a" * 79
    change_media(three[0], tags=[f"{cut} harbour"])
    assert tags(three[0]) == [cut]
    assert "1 picture no longer has" in after(editor, post(editor, url("untag"), media=three[:1], tag=cut))


@both_databases
@pytest.mark.parametrize("end", ["last", "first"])
def test_they_are_added_to_a_gallery_in_the_order_of_their_uploads(editor, post, pictures, gallery_id, end):
    more = [upload(editor, post, f"{name}.jpg", number).id for number, name in enumerate("xyz", 50)]
    post(editor, f"/admin/galleries/{gallery_id}/new-items", new_items=end)
    set_hidden(gallery_id, pictures[1], True)
    answer = post(editor, url("hang"), media=[*reversed(more), *pictures[:2]], gallery=gallery_id)
    html = after(editor, answer)
    assert "4 pictures added to the gallery of Summer fair. 1 was there already." in html
    assert shown(gallery_id) == ([*pictures, *more] if end == "last" else [*reversed(more), *pictures])
    assert item(gallery_id, more[0]).source == "manual"
    assert item(gallery_id, more[0]).added_by
    assert item(gallery_id, pictures[1]).touched
    assert "0 pictures added" in after(editor, post(editor, url("hang"), media=more, gallery=gallery_id))


def test_galleries_are_named_by_their_page_and_title(editor, media, fair):
    create_page("Autumn", layout=[{"blockType": "gallery", "title": "Leaves"}, {"blockType": "gallery"}])
    trash_page(create_page("Gone", layout=[{"blockType": "gallery", "title": "Lost"}]).id)
    html = " ".join(editor.get("/admin/media").text.split())
    assert re.search(
        r'<optgroup label="Autumn"> <option value="\d+">Leaves</option><option value="\d+">Gallery 2</option> '
        r'</optgroup> <optgroup label="Summer fair">',
        html,
    )
    assert "Lost" not in html


def test_all_that_are_found_are_changed_and_no_others(editor, post, three):
    change_media(three[0], alt="A boat")
    assert "2 pictures now have the tag “todo”." in after(
        editor, post(editor, url("tag", "?no_alt=1"), all="yes", tags="todo")
    )
    assert [tags(media_id) for media_id in three] == [[], ["todo"], ["todo"]]


def test_it_says_how_many_were_gone(editor, post, three):
    trash_media(three[2])
    html = after(editor, post(editor, url("tag"), media=[*three, 4711], tags="sea"))
    assert "2 pictures now have the tag “sea”. 2 were not in the library any more." in html
    assert tags(three[2]) == []
    assert "They are not in the library any more." in after(editor, post(editor, url("trash"), media=three[2]))
    asked = post(editor, url("trash"), media=[*three, 4711])
    assert "2 pictures are in the trash." in after(editor, asked)


@pytest.mark.parametrize("verb", VERBS)
def test_with_nothing_ticked_it_asks_for_a_tick(editor, post, three, verb):
    answer = post(editor, url(verb, "?q=jpg&page=2"), tags="sea", tag="sea", gallery=1)
    assert answer.location == "/admin/media?q=jpg&page=2"
    assert "Tick one or more pictures first." in after(editor, answer)


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("tag", "Type one or more tags first."),
        ("untag", "Choose the tag to remove first."),
        ("hang", "Choose a gallery first."),
    ],
)
def test_a_field_that_is_empty_is_asked_for(editor, post, three, verb, words):
    assert words in after(editor, post(editor, url(verb), media=three, tags=" , ", tag=" ", gallery=""))


@pytest.mark.parametrize("verb", ["tag", "untag", "hang"])
def test_what_is_ticked_stays_so_while_something_is_still_asked_for(editor, post, three, fair, verb):
    change_media(three[0], tags=["sea"])
    html = after(editor, post(editor, url(verb, "?q=jpg"), media=three[:2]))
    assert [is_ticked(html, media_id) for media_id in three] == [True, True, False]
    assert html.count('<details name="chosen-tool" open>') == 1


def is_ticked(html: str, media_id: int) -> bool:
    return bool(re.search(rf'<input [^>]*value="{media_id}" form="chosen" [^>]*checked>', html))


@pytest.mark.parametrize("query", ["ticked=x&ticked=&all=yes&tool=%00", f"ticked={HUGE}"])
def test_ticks_that_are_none_are_left_out(editor, three, query):
    html = editor.get(f"/admin/media?{query}").text
    assert not any(is_ticked(html, media_id) for media_id in three)


@pytest.mark.parametrize(
    ("verb", "fields", "status"),
    [
        ("hang", {"gallery": "4711"}, 404),
        ("hang", {"gallery": str(HUGE)}, 400),
        ("hang", {"gallery": "x"}, 400),
        ("tag", {"tags": ",".join(map(str, range(21)))}, 400),
        ("restore", {"trashed": "x"}, 400),
        ("restore", {"trashed": str(HUGE)}, 400),
        ("restore", {"trashed": "-5"}, 303),
        ("restore", {"trashed": str(2**62)}, 303),
        ("explode", {}, 404),
    ],
)
def test_odd_wishes_are_refused_and_change_nothing(editor, post, three, verb, fields, status):
    assert post(editor, url(verb), media=three, **fields).status_code == status
    assert in_trash() == set()


@both_databases
@pytest.mark.parametrize("verb", VERBS)
def test_naughty_words_break_nothing(editor, post, three, gallery_id, verb):
    answer = post(editor, url(verb), media=three, tags=NAUGHTY, tag=NAUGHTY, gallery=gallery_id)
    assert answer.status_code == 303
    assert "<script>alert" not in editor.get(answer.location).text


@pytest.mark.parametrize("typed", ["", "x", str(HUGE), "1.5"])
def test_odd_numbers_are_no_pictures(editor, post, three, typed):
    assert post(editor, url("trash"), media=typed).status_code == 400


def test_more_than_a_thousand_are_refused_in_words(editor, post, in_app):
    answer = post(editor, url("trash"), media=list(range(1, 1002)))
    assert answer.status_code == 400
    assert "1,000 pictures at most" in answer.text
    assert post(editor, url("tag"), media=list(range(1, 1001)), tags="sea").status_code == 303


def test_all_of_more_than_a_thousand_are_refused_too(editor, post, three, monkeypatch):
    monkeypatch.setattr("webapp.admin.many_media.MOST", 2)
    assert post(editor, url("trash"), all="yes").status_code == 400
    assert in_trash() == set()


@pytest.mark.parametrize("verb", VERBS)
def test_only_editors_and_only_by_a_form(editor, viewer, anonymous, post, media, gallery_id, verb):
    fields = {"media": media.id, "tags": "sea", "tag": "sea", "gallery": gallery_id}
    assert post(viewer, url(verb), **fields).status_code == 403
    assert anonymous.post(url(verb), data=fields).status_code == 302
    assert editor.get(url(verb)).status_code == 405
    assert editor.post(url(verb), data=fields).status_code == 400
    assert (in_trash(), tags(media.id), shown(gallery_id)) == (set(), [], [])
    for path in ("/admin/media", "/admin/media?view=list"):
        assert 'id="chosen"' not in viewer.get(path).text
        assert 'name="media"' not in viewer.get(path).text


@both_databases
def test_the_number_of_statements_does_not_grow_with_the_pictures(in_app, gallery_id, three):
    def counts(ids: list[int]) -> list[int]:
        for media_id in ids:
            set_synced(media_id)
        return [
            statements(lambda: many_media.tag_many(ids, ["sea"])),
            statements(lambda: many_media.untag_many(ids, "sea")),
            statements(lambda: many_media.hang_many(gallery_id, ids)),
            statements(lambda: many_media.trash_many(ids)),
            statements(lambda: many_media.restore_many(ids)),
        ]

    assert counts(three[:1]) == counts(three)


def set_synced(media_id: int) -> None:
    with transaction() as session:
        session.get_one(Media, media_id).synced_at = utcnow()


def statements(call: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)

"""Which pictures are exported: what the library showed, what was ticked, or a gallery."""

from __future__ import annotations

import re

import pytest

from tests.admin.conftest import HUGE, NAUGHTY, upload, work_off
from tests.support.exports import URL, archive, ask, exports, jobs
from webapp.models.gallery import add_item
from webapp.models.media import trash_media
from webapp.models.media_words import change_media


def test_the_library_leads_to_it_and_hands_over_what_was_searched(editor, viewer, media):
    change_media(media.id, tags=["sea"])
    html = editor.get("/admin/media?q=har&tag=sea&type=jpeg").text
    assert 'href="/admin/exports?q=har&amp;tag=sea&amp;type=jpeg"' in html
    assert "/admin/exports" not in viewer.get("/admin/media").text
    page = editor.get(f"{URL}?q=har&tag=sea").text
    assert "Pictures: “har”, Tag: sea" in page
    assert re.search(r'id="what-found" value="found" checked', page)


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"what": "all"}, ["a.jpg", "b.jpg", "c.jpg"]),
        ({"what": "found", "q": "a.jpg"}, ["a.jpg"]),
        ({"what": "found", "tag": "Sea"}, ["b.jpg"]),
        ({"what": "found", "q": "a.jpg", "tag": "sea"}, None),
        ({"what": "found"}, ["a.jpg", "b.jpg", "c.jpg"]),
        ({"what": "all", "q": "a", "tag": "sea"}, ["a.jpg", "b.jpg", "c.jpg"]),
        ({"what": "chosen", "ids": ["1", "3"]}, ["a.jpg", "c.jpg"]),
        ({"what": "chosen", "ids": "3, 2,x,99"}, ["b.jpg", "c.jpg"]),
        ({"what": "", "ids": "3"}, ["c.jpg"]),
        ({"what": "gallery", "gallery": "{gallery}"}, ["b.jpg"]),
    ],
)
def test_what_was_chosen_is_what_is_in_it(editor, post, in_app, gallery_id, fields, names):
    ids = [upload(editor, post, f"{name}.jpg", number).id for number, name in enumerate("abc")]
    change_media(ids[1], tags=["sea"])
    add_item(gallery_id, ids[1])
    fields = {
        key: value.format(gallery=gallery_id) if isinstance(value, str) else value for key, value in fields.items()
    }
    answer = ask(post, editor, **fields)
    if names is None:
        assert answer.status_code == 422
        return
    assert answer.status_code == 303
    work_off()
    assert archive(editor.get(f"{URL}/1/file")).namelist() == [*names, "facts.csv"]


def test_what_lies_in_the_trash_is_left_out(editor, post, media):
    other = upload(editor, post, "b.jpg", 2)
    trash_media(other.id)
    ask(post, editor, what="chosen", ids=[str(media.id), str(other.id)])
    assert exports()[0].planned == 1


@pytest.mark.parametrize(
    ("fields", "words", "field"),
    [
        ({"what": "chosen"}, "No picture is selected", "what"),
        ({"what": "chosen", "ids": "x"}, "No picture is selected", "what"),
        ({"what": "chosen", "ids": "987654"}, "No picture fits this choice", "what"),
        ({"what": "gallery"}, "Choose a gallery", "gallery"),
        ({"what": "gallery", "gallery": str(HUGE)}, "Choose a gallery", "gallery"),
        ({"what": "found", "q": NAUGHTY}, "No picture fits this choice", "what"),
        ({"what": "chosen", "ids": ",".join(map(str, range(1, 5100)))}, "too many to select", "what"),
    ],
)
def test_a_choice_that_can_not_be_exported_is_said_in_words(editor, post, media, gallery_id, fields, words, field):
    answer = ask(post, editor, **fields)
    assert answer.status_code == 422
    assert re.search(rf'<a href="#{field}">[^<]*{words}', answer.text)
    assert f'id="{field}-error"' in answer.text
    assert "<script>alert" not in answer.text
    assert (exports(), jobs()) == ([], [])


def test_an_empty_library_has_nothing_to_export(editor, post, in_app):
    assert ask(post, editor).status_code == 422


def test_other_forms_and_galleries_that_are_gone_are_refused(editor, post, media):
    assert ask(post, editor, form="exe").status_code == 400
    assert ask(post, editor, what="gallery", gallery="99").status_code == 404
    assert exports() == []


@pytest.mark.parametrize("name", ["q", "tag", "ids", "gallery", "what", "page"])
def test_naughty_words_in_the_address_break_nothing(editor, media, name):
    answer = editor.get(URL, query_string={name: NAUGHTY * 20})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_pressing_twice_makes_one_export_and_another_choice_another(editor, post, media):
    ask(post, editor)
    ask(post, editor)
    assert (len(exports()), len(jobs())) == (1, 1)
    ask(post, editor, form="csv")
    ask(post, editor, what="chosen", ids=str(media.id))
    assert len(exports()) == 3

"""One gallery in the admin: the switch, adding, hiding and ordering by hand."""

from __future__ import annotations

import re

import pytest

from tests.admin.conftest import HUGE, NAUGHTY, count_queries, fresh, shown, upload, work_off
from webapp.models.gallery import Gallery, add_item, change_gallery, set_hidden
from webapp.models.media import trash_media
from webapp.models.media_words import change_media
from webapp.models.page import Page, trash_page
from webapp.storage import storage

POSTS = ["switch", "new-items", "add", "hide", "unhide", "move"]


@pytest.fixture
def url(gallery_id: int) -> str:
    return f"/admin/galleries/{gallery_id}"


def places(html: str) -> list[int]:
    """The media ids of the cards, in the order of the page."""
    return [int(found) for found in re.findall(r'id="item-(\d+)"', html)]


def test_the_pictures_come_in_order_and_say_why_they_are_here(editor, post, pictures, gallery_id, url):
    change_gallery(gallery_id, auto_sync=True)
    late = upload(editor, post, "late.jpg", 99).id
    work_off()
    html = editor.get(url).text
    assert [place for place in places(html) if place != late] == pictures
    assert late in places(html)
    assert "by auto-sync" in html
    assert "added by hand" in html


def test_a_picture_that_can_not_be_shown_says_why_and_leads_to_trying_again(editor, media, gallery_id, url):
    add_item(gallery_id, media.id)
    assert "Failed:" not in editor.get(url).text
    storage().delete(media.storage_key)
    work_off()
    words = "Failed: The file of harbour.jpg is missing. Upload it again."
    assert f'<a href="/admin/media/{media.id}" draggable="false">{words}' in editor.get(url).text


def test_a_picture_that_needs_alt_text_says_so_and_leads_there(editor, pictures, url):
    change_media(pictures[0], alt="A boat")
    html = editor.get(url).text
    assert [f'href="/admin/media/{media_id}#alt"' in html for media_id in pictures] == [False] + [True] * 4


def test_an_empty_gallery_says_what_to_do(editor, viewer, url):
    assert "Switch on auto-sync, upload pictures above, or add some from the library." in editor.get(url).text
    assert "Nobody has added a picture so far." in viewer.get(url).text


def test_a_viewer_sees_the_pictures_without_buttons(viewer, url, pictures):
    for view in ("shown", "hidden", "add"):
        html = viewer.get(f"{url}?view={view}").text
        assert url + "/" not in html.replace(f"{url}/status", "")
        assert "data-upload" not in html
    assert places(viewer.get(url).text) == pictures


@pytest.mark.parametrize("query", ["page=0", "page=x", f"page={HUGE}", "page=7", f"undo={HUGE}", "undo=x", "undo=0"])
def test_odd_addresses_show_the_gallery(editor, url, pictures, query):
    answer = editor.get(f"{url}?{query}")
    assert answer.status_code == 200
    assert places(answer.text) == pictures


def test_an_unknown_view_is_a_404(editor, url):
    assert editor.get(f"{url}?view=../base").status_code == 404


@pytest.mark.parametrize("gallery_id", [0, 987654, HUGE])
def test_a_gallery_that_is_not_there_is_a_404(editor, post, gallery_id):
    assert editor.get(f"/admin/galleries/{gallery_id}").status_code == 404
    assert editor.get(f"/admin/galleries/{gallery_id}/status").status_code == 404
    fields = {"media_id": 1, "place": 1, "auto_sync": "on", "new_items": "first"}
    for path in POSTS:
        assert post(editor, f"/admin/galleries/{gallery_id}/{path}", **fields).status_code == 404


def test_a_text_block_is_no_gallery(editor, fair):
    assert editor.get(f"/admin/galleries/{fair.blocks[0].id}").status_code == 404


def test_a_gallery_of_a_page_in_the_trash_is_gone(editor, post, fair, url):
    trash_page(fair.id)
    assert editor.get(url).status_code == 404
    assert post(editor, f"{url}/switch", auto_sync="on").status_code == 404


@pytest.mark.parametrize("path", POSTS)
def test_nobody_else_changes_a_gallery(viewer, anonymous, editor, post, url, path):
    assert post(viewer, f"{url}/{path}").status_code == 403
    assert anonymous.post(f"{url}/{path}").status_code == 302
    assert editor.post(f"{url}/{path}").status_code == 400  # no token
    assert editor.get(f"{url}/{path}").status_code == (302 if path == "add" else 405)  # the chooser, to add from


def test_only_get_reads(editor, post, url):
    assert post(editor, url).status_code == 405
    assert post(editor, f"{url}/status").status_code == 405


@pytest.mark.parametrize(("sent", "on"), [("on", True), ("off", False), (["off", "on"], True)])
def test_the_switch_is_saved_at_once_and_says_so_also_twice(editor, post, gallery_id, url, sent, on):
    for _ in range(2):
        answer = post(editor, f"{url}/switch", as_json=True, auto_sync=sent)
        assert answer.json["autoSync"] is on
        assert fresh(Gallery, gallery_id).auto_sync is on
    assert ("New uploads will be added here." in answer.json["words"]) is on


def test_switching_on_twice_keeps_since_when(editor, post, gallery_id, url):
    post(editor, f"{url}/switch", auto_sync="on")
    since = fresh(Gallery, gallery_id).auto_sync_since
    post(editor, f"{url}/switch", auto_sync="on")
    assert fresh(Gallery, gallery_id).auto_sync_since == since


def test_the_switch_without_script_goes_back_to_its_page(editor, post, fair, url):
    answer = post(editor, f"{url}/switch", auto_sync="on", next=f"/admin/pages/{fair.id}")
    assert (answer.status_code, answer.location) == (303, f"/admin/pages/{fair.id}")
    assert post(editor, f"{url}/switch", auto_sync="on", next="//evil.example").location == url


@pytest.mark.parametrize("fields", [{}, {"auto_sync": ""}, {"auto_sync": "yes"}, {"auto_sync": NAUGHTY}])
def test_a_switch_that_is_neither_on_nor_off_is_refused(editor, post, gallery_id, url, fields):
    assert post(editor, f"{url}/switch", **fields).status_code == 400
    assert not fresh(Gallery, gallery_id).auto_sync


def test_the_end_for_new_pictures_is_saved(editor, post, gallery_id, url):
    assert post(editor, f"{url}/new-items", as_json=True, new_items="first").json["newItems"] == "first"
    assert fresh(Gallery, gallery_id).new_items == "first"
    assert post(editor, f"{url}/new-items", new_items="middle").status_code == 400


def test_changing_a_gallery_makes_no_new_version_of_its_page(editor, post, fair, url):
    post(editor, f"{url}/switch", auto_sync="on")
    post(editor, f"{url}/new-items", new_items="first")
    assert fresh(Page, fair.id).version == 1


def test_pictures_are_added_in_the_order_of_the_form_also_twice(editor, post, pictures, gallery_id, url):
    first, second = (upload(editor, post, f"{n}.jpg", n).id for n in (50, 51))
    for _ in range(2):
        answer = post(editor, f"{url}/add", media_id=[second, first])
        assert answer.status_code == 303
    assert shown(gallery_id) == [*pictures, second, first]
    assert "2 pictures added." in editor.get(answer.location).text
    assert "added by hand by editor" in editor.get(url).text


def test_what_was_trashed_meanwhile_does_not_keep_the_others_out(editor, post, pictures, gallery_id, url):
    first, second = (upload(editor, post, f"{n}.jpg", n).id for n in (50, 51))
    trash_media(first)
    answer = post(editor, f"{url}/add", as_json=True, media_id=[first, second])
    assert answer.json["words"] == "1 picture added. 1 picture is no longer in the library."
    assert shown(gallery_id) == [*pictures, second]


@pytest.mark.parametrize(("media_id", "status"), [([], 400), ("x", 400), (HUGE, 400), ("1\0", 400), (987654, 404)])
@pytest.mark.parametrize("path", ["add", "hide", "unhide", "move"])
def test_pictures_that_can_not_be_are_refused(editor, post, url, path, media_id, status):
    assert post(editor, f"{url}/{path}", media_id=media_id, place=1).status_code == status


def test_the_picker_offers_what_is_not_shown_here(editor, post, pictures, gallery_id, url):
    other = upload(editor, post, "other.jpg", 50).id
    set_hidden(gallery_id, pictures[0], True)
    html = editor.get(f"{url}?view=add").text
    assert set(re.findall(r'name="media_id" value="(\d+)"', html)) == {str(other), str(pictures[0])}
    assert "hidden here; adding shows it again" in html
    assert "other.jpg" not in editor.get(f"{url}?view=add&q=nothing").text


def test_adding_with_nothing_ticked_shows_the_chooser_again_with_words(editor, post, media, url):
    answer = post(editor, f"{url}/add?q=harbour")
    assert answer.status_code == 400
    assert "Tick one or more pictures first." in answer.text
    assert 'value="harbour"' in answer.text and f'name="media_id" value="{media.id}"' in answer.text
    assert editor.get(f"{url}/add?q=harbour&page=2&_external=1").location == f"{url}?page=2&view=add&q=harbour"


def test_an_empty_library_is_said_to_be_empty(editor, post, gallery_id, url):
    assert "The library is empty." in editor.get(f"{url}?view=add").text
    add_item(gallery_id, upload(editor, post, "boat.jpg", 50).id)
    assert "Every picture of the library is in this gallery." in editor.get(f"{url}?view=add").text


def test_what_is_ticked_in_the_chooser_outlasts_a_search_without_a_script(editor, post, gallery_id, url):
    boat, cat, dog = (upload(editor, post, f"{name}.jpg", n).id for n, name in enumerate(["boat", "cat", "dog"], 50))
    html = editor.get(f"{url}?view=add&q=cat&media_id={boat}&media_id={dog}").text
    assert f'name="ticked" value="{boat} {dog}"' in html and "2 ticked, 2 of them not in this list" in html
    assert "csrf_token" not in html.split('<form method="get"')[1].split("<button")[0]  # or it would be in the address
    html = editor.get(f"{url}?view=add&q=cat&all=yes&ticked={boat}+{dog}&media_id={cat}&media_id=x").text
    assert html.count("checked>") == 3 and "3 ticked" in html and 'name="ticked"' not in html
    post(editor, f"{url}/add", ticked=f"{boat} {dog}", media_id=[cat])
    assert shown(gallery_id) == [boat, dog, cat]


def test_hiding_offers_an_undo_and_lists_it(editor, post, pictures, gallery_id, url):
    answer = post(editor, f"{url}/hide", media_id=pictures[1])
    assert answer.status_code == 303
    assert shown(gallery_id) == [pictures[0], *pictures[2:]]
    html = editor.get(answer.location).text
    assert "“b.jpg” is hidden from this gallery." in html
    assert f'name="media_id" value="{pictures[1]}"' in html
    assert places(editor.get(f"{url}?view=hidden").text) == [pictures[1]]


def test_hiding_twice_is_harmless_and_the_script_hears_the_counts(editor, post, pictures, url):
    for _ in range(2):
        answer = post(editor, f"{url}/hide", as_json=True, media_id=pictures[1])
        assert (answer.json["shown"], answer.json["hidden"]) == (4, 1)


def test_undo_puts_it_back_at_its_place_also_twice(editor, post, pictures, gallery_id, url):
    post(editor, f"{url}/hide", media_id=pictures[1])
    for _ in range(2):
        assert post(editor, f"{url}/unhide", media_id=pictures[1]).status_code == 303
    assert shown(gallery_id) == pictures


def test_showing_again_stays_on_the_list_of_hidden_ones(editor, post, pictures, url):
    post(editor, f"{url}/hide", media_id=pictures[1])
    assert post(editor, f"{url}/unhide?view=hidden", media_id=pictures[1]).location == f"{url}?view=hidden"


@pytest.mark.parametrize(
    ("fields", "order"),
    [
        ({"place": 1}, "cabde"),
        ({"place": 5}, "abdec"),
        ({"place": 999}, "abdec"),
        ({"place": 0}, "cabde"),
        ({"place": -7}, "cabde"),
        ({"place": 3}, "abcde"),
        ({"place": 3, "to": 2}, "acbde"),
        ({"place": 3, "to": 4}, "abdce"),
        ({"place": 2**62}, "abdec"),
    ],
)
def test_a_picture_is_moved_to_its_place_also_twice(editor, post, pictures, gallery_id, url, fields, order):
    for _ in range(2):
        answer = post(editor, f"{url}/move", media_id=pictures[2], **fields)
        assert (answer.status_code, answer.location) == (303, f"{url}#item-{pictures[2]}")
        assert shown(gallery_id) == ["abcde".index(name) + pictures[0] for name in order]


@pytest.mark.parametrize("place", ["", "x", "1.5", HUGE, "1\0", "1" * 5000])
def test_a_place_that_is_none_is_refused(editor, post, pictures, gallery_id, url, place):
    assert post(editor, f"{url}/move", media_id=pictures[2], place=place).status_code == 400
    assert shown(gallery_id) == pictures


def test_the_script_hears_the_place_after_a_move(editor, post, pictures, url):
    answer = post(editor, f"{url}/move", as_json=True, media_id=pictures[0], place=99)
    assert (answer.json["place"], answer.json["words"]) == (5, "Now at position 5.")


def test_a_hidden_picture_can_not_be_moved(editor, post, pictures, gallery_id, url):
    set_hidden(gallery_id, pictures[0], True)
    answer = post(editor, f"{url}/move", media_id=pictures[0], place=2)
    assert answer.status_code == 404
    assert "“a.jpg” is hidden from this gallery. Show it again to move it." in answer.text


def test_names_with_script_are_escaped_everywhere(editor, post, pictures, gallery_id, url):
    change_gallery(gallery_id, title=NAUGHTY.replace("\0", ""))
    for media_id in pictures[:2]:
        change_media(media_id, alt=NAUGHTY.replace("\0", ""))
    post(editor, f"{url}/hide", media_id=pictures[0])
    for query in ("", f"?undo={pictures[0]}", "?view=hidden", "?view=add"):
        assert "<script>alert" not in editor.get(url + query).text


def test_the_gallery_takes_the_same_number_of_queries_however_full(editor, post, pictures, gallery_id, url):
    work_off()
    few = count_queries(editor, url)
    more = [upload(editor, post, f"{n}.jpg", n).id for n in range(60, 70)]
    work_off()
    post(editor, f"{url}/add", media_id=more)
    assert count_queries(editor, url) <= few + 1  # the names of those who added some by hand


def test_its_status_is_a_fragment(viewer, gallery_id, url):
    change_gallery(gallery_id, auto_sync=True)
    assert "Nothing was uploaded since auto-sync was switched on" in viewer.get(f"{url}/status").text

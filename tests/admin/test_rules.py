"""The rule of a gallery on its page, and the undo of its last sync."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from tests.admin.conftest import HUGE, NAUGHTY, count_queries, fresh, item, shown, upload, work_off
from tests.support.audit import lines
from webapp.database import transaction
from webapp.models.gallery import Gallery, add_item, change_gallery, set_hidden
from webapp.models.media_words import change_media

SEA = {"tagsAny": ["sea"]}


@pytest.fixture
def url(gallery_id: int) -> str:
    return f"/admin/galleries/{gallery_id}"


@pytest.fixture
def auto(editor, post, gallery_id) -> list[int]:
    """Three pictures that auto-sync brought, the first of the sea."""
    change_gallery(gallery_id, auto_sync=True)
    ids = [upload(editor, post, f"{number}.jpg", number).id for number in range(3)]
    change_media(ids[0], tags=["sea"])
    work_off()
    return ids


def test_the_page_says_the_rule_in_words_and_so_does_the_page_editor(editor, viewer, fair, gallery_id, url):
    assert "Every picture" in editor.get(url).text
    change_gallery(gallery_id, auto_sync=True, rule=SEA | {"orientation": "landscape"})
    for client in (editor, viewer):
        assert "Landscape pictures with the tag sea" in client.get(url).text
        assert "Landscape pictures with the tag sea" in client.get(f"/admin/pages/{fair.id}").text
    assert "New uploads that fit the rule will be added here." in editor.get(url).text
    assert "Save the rule" not in viewer.get(url).text


def test_how_many_match_is_told_without_saving(editor, post, auto, gallery_id, url):
    told = "1 picture of the library matches. 2 would be taken out."
    answer = editor.get(f"{url}/rule/matches?tags_any=sea")
    assert (answer.status_code, answer.json["count"], answer.json["words"]) == (200, 1, told)
    html = post(editor, f"{url}/rule", action="count", tags_any="Sea ", text="").text
    assert told in html
    assert 'value="Sea"' in html
    assert "<details open>" in html
    assert fresh(Gallery, gallery_id).rule is None
    assert editor.get(f"{url}/rule").status_code == 200  # where the other forms of that answer lead


def test_with_auto_sync_off_it_says_that_nothing_happens(editor, post, gallery_id, auto, url):
    change_gallery(gallery_id, auto_sync=False)
    words = editor.get(f"{url}/rule/matches?tags_any=sea").json["words"]
    assert words == "1 picture of the library matches. Auto-sync is off, so nothing is added until it is switched on."
    html = editor.get(post(editor, f"{url}/rule", tags_any="sea").location).text
    assert "Saved: Pictures with the tag sea." in html
    assert "being brought in line" not in html
    assert len(shown(gallery_id)) == 3
    change_gallery(gallery_id, auto_sync=True)
    assert "2 pictures that auto-sync brought do not fit the rule." in editor.get(url).text
    assert "Take 2 pictures out" in editor.get(url).text
    post(editor, f"{url}/reconcile")
    work_off()
    assert shown(gallery_id) == auto[:1]
    assert "Every picture here fits the rule already." in editor.get(post(editor, f"{url}/reconcile").location).text


def test_bringing_a_gallery_in_line_is_in_the_audit_log(editor, post, auto, gallery_id, url):
    with transaction() as session:
        session.execute(update(Gallery).values(rule=SEA))  # while its job was not yet carried out
    noted = lines()
    post(editor, f"{url}/reconcile")
    assert lines()[len(noted) :] == ["asked to bring “Summer fair” in line with its rule"]
    work_off()
    post(editor, f"{url}/reconcile")  # which changes nothing
    assert len(lines()) == len(noted) + 1


def test_a_rule_that_takes_many_away_asks_first_with_the_number(editor, post, auto, gallery_id, url):
    by_hand = upload(editor, post, "by hand.jpg", 50).id
    add_item(gallery_id, by_hand)
    work_off()
    asked = post(editor, f"{url}/rule", tags_any="sea", orientation="", text=NAUGHTY[:150])
    assert asked.status_code == 200
    assert "This takes 3 of 4 pictures out of the gallery; 1 added or moved by hand stays." in asked.text
    assert "<script>alert" not in asked.text
    asked = post(editor, f"{url}/rule", tags_any="sea")
    assert "This takes 2 of 4 pictures out of the gallery; 1 added or moved by hand stays." in asked.text
    assert "Save the rule and take 2 pictures out" in asked.text
    assert fresh(Gallery, gallery_id).rule is None
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    fields.pop("csrf_token")
    assert "take 2 pictures out" in post(editor, f"{url}/rule", **fields | {"sure": "1"}).text  # two are more than one
    answer = post(editor, f"{url}/rule", **fields)
    assert (answer.status_code, answer.location) == (303, url)
    html = editor.get(url).text
    assert "Saved: Pictures with the tag sea. The gallery is being brought in line." in html
    assert "Waiting to be brought in line with the rule" in html
    assert post(editor, f"{url}/rule", **fields).status_code in (200, 303)
    work_off()
    assert shown(gallery_id) == [auto[0], by_hand]
    assert "In line with the rule: 0 added, 2 taken out" in editor.get(f"{url}/status").text


def test_every_picture_again_is_one_button(editor, post, auto, gallery_id, url):
    change_gallery(gallery_id, rule=SEA)
    work_off()
    assert "Use every picture instead" in editor.get(url).text
    assert post(editor, f"{url}/rule", action="every", tags_any="kept in the form").status_code == 303
    work_off()
    assert fresh(Gallery, gallery_id).rule is None
    assert shown(gallery_id) == auto


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"since": "yesterday"}, "Choose a day of the calendar"),
        ({"until": "9999-12-31"}, "Choose a day of the calendar"),
        ({"since": "2026-05-02", "until": "2026-05-01"}, "The last day comes before the first one."),
        ({"orientation": "round"}, "Choose one of the orientations."),
        ({"uploader": "987654"}, "Choose one of the people."),
        ({"uploader": "x"}, "Choose one of the people."),
        ({"uploader": str(HUGE)}, "Choose one of the people."),
        ({"text": "x" * 201}, "Use at most 200 characters."),
        ({"tags_any": "x" * 81}, "Use at most 50 tags"),
        ({"tags_all": ",".join(map(str, range(60)))}, "Use at most 50 tags"),
    ],
)
@pytest.mark.parametrize("action", ["save", "count"])
def test_errors_are_words_that_lead_to_the_field_and_keep_what_was_typed(
    editor, post, gallery_id, url, action, fields, words
):
    answer = post(editor, f"{url}/rule", action=action, tags_any=fields.get("tags_any", "harbour"), **{
        name: value for name, value in fields.items() if name != "tags_any"
    })  # fmt: skip
    assert answer.status_code == 422
    assert words in answer.text
    (name,) = re.findall(r'<li><a href="#rule-(\w+)">', answer.text)
    assert f'id="rule-{name}"' in answer.text
    assert name in fields
    assert 'value="harbour"' in answer.text or "tags_any" in fields
    assert fresh(Gallery, gallery_id).rule is None
    assert editor.get(f"{url}/rule/matches", query_string=fields).status_code == 422


def test_a_form_that_is_not_ours_is_refused(editor, post, url):
    assert post(editor, f"{url}/rule", action="explode").status_code == 400
    assert post(editor, f"{url}/rule", tags_any="a\0b", sure="x").status_code == 303


def test_a_picture_says_whose_upload_brought_it(editor, post, auto, pictures, url):
    html = " ".join(editor.get(url).text.split())
    assert "by auto-sync from the upload by editor, <time" in html
    assert "added by hand" in html


def test_the_last_sync_is_told_undone_and_shown_again(editor, viewer, post, auto, gallery_id, url):
    set_hidden(gallery_id, auto[0], True)
    assert re.search("Last sync <time[^>]*>just now</time>: 1 added, 0 failed", editor.get(url).text)
    (undo,) = set(re.findall(rf"{url}/syncs/\d+/undo", editor.get(url).text))
    assert "/syncs/" not in viewer.get(url).text
    assert "Last sync" in viewer.get(url).text
    for words in ("1 picture is", "0 pictures are"):
        html = editor.get(post(editor, undo).location).text
        assert f"Undone: {words} hidden from this gallery." in html
    assert shown(gallery_id) == auto[1:2]
    assert item(gallery_id, auto[2]).hidden
    (show,) = set(re.findall(rf"{url}/syncs/\d+/show", editor.get(f"{url}/status").text))
    assert "Undone: 1 picture is hidden from this gallery" in editor.get(f"{url}/status").text
    for _ in range(2):
        assert post(editor, show, next=f"{url}?view=hidden").location == f"{url}?view=hidden"
    assert shown(gallery_id) == auto[1:]


def test_nobody_else_changes_a_rule_nor_undoes_a_sync(viewer, anonymous, editor, post, auto, url):
    for path in ("rule", "reconcile", "syncs/1/undo", "syncs/1/show"):
        assert post(viewer, f"{url}/{path}").status_code == 403
        assert anonymous.post(f"{url}/{path}").status_code == 302
        assert editor.post(f"{url}/{path}").status_code == 400  # no token
    for path in ("reconcile", "syncs/1/undo", "syncs/1/show"):
        assert editor.get(f"{url}/{path}").status_code == 405
    assert anonymous.get(f"{url}/rule/matches").status_code == 302
    assert viewer.get(f"{url}/rule/matches").status_code == 200


def test_what_there_is_not_is_not_found(editor, post, auto, fair, url):
    for path in ("syncs/987654/undo", f"syncs/{HUGE}/show"):
        assert post(editor, f"{url}/{path}").status_code == 404
    for gallery_id in (987654, HUGE, fair.blocks[0].id):
        assert editor.get(f"/admin/galleries/{gallery_id}/rule/matches").status_code == 404
        for path in ("rule", "reconcile", "syncs/1/undo"):
            assert post(editor, f"/admin/galleries/{gallery_id}/{path}").status_code == 404


def test_odd_rules_in_the_address_are_told_and_never_an_error(editor, url):
    for query in ("", "?text=%00", "?tags_any=,,", "?uploader=²", "?since=&until=x", "?text=%25_%5C"):
        assert editor.get(f"{url}/rule/matches{query}").status_code in (200, 422)


def test_a_rule_costs_the_page_no_query_per_picture(editor, post, auto, gallery_id, url):
    change_gallery(gallery_id, rule={"text": "jpg"})
    work_off()
    few = count_queries(editor, url)
    for number in range(60, 66):
        upload(editor, post, f"{number}.jpg", number)
    work_off()
    assert count_queries(editor, url) <= few

"""Two editors and one page; a page in the trash; what it shows of its galleries."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.admin.conftest import fresh, shown
from tests.admin.test_pages import form, kinds
from tests.conftest import both_databases
from webapp.models.gallery import change_gallery
from webapp.models.page import Page, save_page, trash_page
from webapp.models.post import create_post


@pytest.fixture
def url(fair: Page) -> str:
    return f"/admin/pages/{fair.id}"


def test_what_somebody_else_saved_is_not_overwritten(editor, admin, post, fair, url):
    mine = form(fair, title="Mine", block_body=["My text", ""])
    post(admin, url, **form(fair, title="Theirs", action="add-gallery"))
    answer = post(editor, url, **mine)
    assert answer.status_code == 409
    assert fresh(Page, fair.id).title == "Theirs"
    assert "admin saved this page" in answer.text
    assert "Save mine over theirs" in answer.text
    assert 'value="Mine"' in answer.text
    assert "My text" in answer.text


def test_mine_over_theirs_keeps_what_they_added(editor, admin, post, fair, url, gallery_id, pictures):
    mine = form(fair, title="Mine", block_body=["My text", ""])
    post(admin, url, **form(fair, title="Theirs", action="add-gallery"))
    sent_again = typed_in(post(editor, url, **mine).text)
    assert post(editor, url, **sent_again).status_code == 303
    assert fresh(Page, fair.id).title == "Mine"
    assert kinds(fair) == [("text", "My text"), ("gallery", ""), ("gallery", "")]
    assert shown(gallery_id) == pictures


def test_mine_over_theirs_brings_back_a_text_that_they_removed(editor, admin, post, fair, url):
    text, gallery = (block.id for block in fair.blocks)
    mine = form(fair, block_body=["My text", "Mine too"])
    post(admin, url, **form(fair, action=f"remove:{text}"))
    post(admin, url, **form(fair, action=f"remove-now:{gallery}"))
    answer = post(editor, url, **mine)
    assert answer.status_code == 409
    post(editor, url, **typed_in(answer.text))
    assert kinds(fair) == [("text", "My text")]


def cells(html: str) -> list[str]:
    """The words of each cell of the comparison."""
    table = re.search(r'<table class="versions">(.*?)</table>', html, re.DOTALL)
    assert table, html
    found = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", table.group(1), re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in found]


def test_both_versions_stand_side_by_side(editor, admin, post, fair, url):
    mine = form(fair, title="Mine", slug="mine", block_body=["My text", ""])
    theirs = form(fair, title="Theirs", status="published", block_title=["", "Prizes"], block_body=["Their text", ""])
    post(admin, url, **theirs)
    found = cells(post(editor, url, **mine).text)
    assert found == [
        *("", "Saved by admin", "Yours, not saved"),
        *("Title", "Theirs", "Mine"),
        *("Address", "summer-fair", "mine"),
        *("Status", "Published", "Draft"),
        *("Text", "Their text", "My text"),
        *("Gallery", "Prizes", "A gallery without title and words"),
    ]


def test_what_they_added_removed_or_moved_is_said(editor, admin, post, fair, url):
    text, gallery = (block.id for block in fair.blocks)
    post(admin, url, **form(fair, action="add-text"))
    mine = form(fair)
    for action in (f"move-down:{text}", f"remove:{text}", f"remove-now:{gallery}", "add-gallery"):
        post(admin, url, **form(fair, action=action))
    html = post(editor, url, **mine).text
    assert "They removed it. Saving yours brings it back." in html
    assert "They removed it with its pictures." in html
    assert "They added it. It stays, at the end of the page." in html
    mine = form(fair)
    post(admin, url, **form(fair, action=f"move-up:{fresh(Page, fair.id).blocks[1].id}"))
    assert cells(post(editor, url, **mine).text)[3:] == ["Order of the blocks", "Gallery, Text", "Text, Gallery"]


def test_the_same_typed_twice_is_no_difference(editor, admin, post, fair, url):
    fields = form(fair, title="Same")
    post(admin, url, **fields)
    answer = post(editor, url, **fields)
    assert answer.status_code == 409
    assert "What you typed is the same as what is saved." in answer.text
    assert "Save mine" not in answer.text


def test_a_third_who_saves_before_mine_over_theirs_is_not_overwritten_either(editor, admin, post, fair, url):
    mine = form(fair, title="Mine")
    post(admin, url, **form(fair, title="Theirs"))
    sent_again = typed_in(post(editor, url, **mine).text)
    post(admin, url, **form(fair, title="Theirs again"))
    answer = post(editor, url, **sent_again)
    assert answer.status_code == 409
    assert cells(answer.text)[3:] == ["Title", "Theirs again", "Mine"]
    assert fresh(Page, fair.id).title == "Theirs again"


def typed_in(html: str) -> dict[str, Any]:
    """What the browser sends when "Save mine over theirs" is pressed."""
    single = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', html) for name in ("version", "title", "slug")}
    bodies = re.findall(r'<textarea[^>]*name="block_body"[^>]*>\n?([^<]*)</textarea>', html)
    return {name: found.group(1) for name, found in single.items() if found} | {
        "status": "draft",
        "action": "save",
        "block": re.findall(r'name="block"[^>]*value="([^"]*)"', html),
        "block_title": re.findall(r'name="block_title"[^>]*value="([^"]*)"', html),
        "block_body": bodies,
    }


def test_the_trash_takes_a_page_from_the_public_and_offers_an_undo(editor, post, fair, url):
    save_page(fair.id, fair.version, {"status": "published"})
    for _ in range(2):
        answer = post(editor, f"{url}/trash")
        assert answer.status_code == 303
    assert editor.get(url).status_code == 404
    html = editor.get(answer.location).text
    assert "“Summer fair” is in the trash and no longer public." in html
    assert f"{url}/restore" in html
    assert "Summer fair" in editor.get("/admin/pages?trash=1").text


def test_a_page_comes_back_as_a_draft_also_twice(editor, post, fair, url, gallery_id, pictures):
    trash_page(fair.id)
    for _ in range(2):
        assert post(editor, f"{url}/restore").status_code == 303
    assert fresh(Page, fair.id).status == "draft"
    assert shown(gallery_id) == pictures


def test_restoring_what_is_not_in_the_trash_does_not_unpublish_it(editor, post, fair, url):
    save_page(fair.id, fair.version, {"status": "published"})
    post(editor, f"{url}/restore")
    assert fresh(Page, fair.id).status == "published"


@both_databases
@pytest.mark.parametrize("kind", ["page", "post"])
def test_a_form_from_before_the_trash_does_not_publish_again(editor, editor_api, post, in_app, kind):
    read = editor_api.post(f"/api/{kind}s", json={"title": "Winter fair", "status": "published"}).json
    post(editor, f"/admin/{kind}s/{read['id']}/trash")
    post(editor, f"/admin/{kind}s/{read['id']}/restore")
    address, older = f"/api/{kind}s/{read['id']}", {"version": read["version"], "status": "published"}
    assert editor_api.patch(address, json=older).status_code == 409
    assert editor_api.get(address).json["status"] == "draft"


def test_what_was_typed_is_kept_when_the_page_was_trashed_meanwhile(editor, admin, post, fair, url):
    mine = form(fair, title="Mine", block_body=["My text", ""])
    post(admin, f"{url}/trash")
    answer = post(editor, url, **mine)
    assert answer.status_code == 409
    assert "admin moved this page to the trash" in answer.text
    assert "My text" in answer.text
    assert fresh(Page, fair.id).title == "Summer fair"
    again = typed_in(answer.text) | {"action": "restore"}
    assert post(editor, url, **again).location == url
    saved = fresh(Page, fair.id)
    assert (saved.title, saved.deleted_at, saved.status) == ("Mine", None, "draft")
    assert kinds(fair) == [("text", "My text"), ("gallery", "")]


def test_the_page_shows_each_gallery_with_its_switch_and_first_pictures(editor, url, gallery_id, pictures):
    html = editor.get(url).text
    assert f"/admin/galleries/{gallery_id}/switch" in html
    assert "New uploads will not be added here." in html
    assert "5 pictures" in html
    assert html.count("/admin/media/") == 5


def test_its_status_is_a_fragment(viewer, post, fair, url, gallery_id):
    change_gallery(gallery_id, auto_sync=True)
    assert viewer.get(f"{url}/status").text.lstrip().startswith('<div class="progress-lines"')
    assert post(viewer, f"{url}/status").status_code == 405


@pytest.mark.parametrize("kind", ["page", "post"])
def test_going_back_to_what_was_trashed_shows_that_it_is_in_the_trash_with_a_way_back(editor, viewer, post, fair, kind):
    thing = fair if kind == "page" else create_post("Winter fair")
    url = f"/admin/{kind}s/{thing.id}"
    post(editor, f"{url}/trash")
    answer = editor.get(url)
    assert answer.status_code == 404
    assert f"editor moved this {kind} to the trash" in answer.text and thing.title in answer.text
    assert f'action="{url}/restore"' in answer.text and f'href="{url}/delete"' in answer.text
    assert f'href="/admin/{kind}s?trash=1"' in answer.text
    html = viewer.get(url).text
    assert "to the trash" in html and "Restore" not in html
    assert post(editor, f"{url}/restore").location == url
    assert editor.get(url).status_code == 200

"""A gallery is filled with what the library held before auto-sync was switched on."""

from __future__ import annotations

import re

import pytest

from tests.admin.conftest import HUGE, shown, upload, work_off
from webapp.models.gallery import change_gallery, set_hidden


@pytest.fixture
def url(gallery_id: int) -> str:
    return f"/admin/galleries/{gallery_id}"


@pytest.fixture
def older(in_app, editor, post) -> list[int]:
    """Three pictures from before auto-sync."""
    ids = [upload(editor, post, f"{number}.jpg", number).id for number in range(3)]
    work_off()
    return ids


def test_switching_on_asks_for_what_the_library_holds_and_adds_it(editor, post, older, gallery_id, url):
    answer = post(editor, f"{url}/switch", as_json=True, auto_sync="on")
    assert answer.json["words"] == "On. New uploads will be added here."
    assert answer.json["question"] == "Also add the 3 already in the library?"
    assert "Add 3 pictures" in editor.get(f"{url}/status").text
    assert post(editor, f"{url}/backfill").location == url
    assert "Waiting to add the pictures of the library" in editor.get(f"{url}/status").text
    assert "data-poll-url" in editor.get(f"{url}/status").text
    work_off()
    html = editor.get(f"{url}/status").text
    assert "Added 3 pictures" in html
    assert "already in the library?" not in html
    assert "data-poll-url" not in html
    assert shown(gallery_id) == older


def test_without_script_the_question_comes_with_the_page(editor, post, older, fair, url):
    answer = post(editor, f"{url}/switch", auto_sync="on", next=f"/admin/pages/{fair.id}")
    html = editor.get(answer.location).text
    assert "New uploads will be added here. Also add the 3 already in the library?" in html
    assert f'action="{url}/backfill"' in html


def test_undo_takes_them_out_again_and_asks_anew(editor, viewer, post, older, gallery_id, url):
    post(editor, f"{url}/switch", auto_sync="on")
    post(editor, f"{url}/backfill")
    work_off()
    set_hidden(gallery_id, older[0], True)
    (undo,) = set(re.findall(rf"{url}/backfill/\d+/undo", editor.get(url).text))
    assert "/undo" not in viewer.get(url).text
    for removed in ("2 pictures were", "0 pictures were"):
        assert f"Undone. {removed} taken out again." in editor.get(post(editor, undo).location).text
    assert shown(gallery_id) == []
    html = editor.get(url).text
    assert "Undone: 2 pictures were taken out again. 1 stays" in html
    assert "Also add the 2 already in the library?" in html


def test_with_auto_sync_off_nothing_is_asked_nor_added(editor, post, older, url):
    assert "already in the library?" not in editor.get(url).text
    assert "Auto-sync is off in this gallery." in editor.get(post(editor, f"{url}/backfill").location).text


def test_nobody_else_backfills_nor_undoes(viewer, anonymous, editor, post, gallery_id, older, url):
    change_gallery(gallery_id, auto_sync=True)
    assert "already in the library?" not in viewer.get(url).text
    for path in ("backfill", "backfill/1/undo"):
        assert post(viewer, f"{url}/{path}").status_code == 403
        assert anonymous.post(f"{url}/{path}").status_code == 302
        assert editor.post(f"{url}/{path}").status_code == 400  # no token
        assert editor.get(f"{url}/{path}").status_code == 405
    assert post(editor, f"{url}/backfill/1/undo").status_code == 404
    assert post(editor, f"{url}/backfill/{HUGE}/undo").status_code == 404
    assert post(editor, "/admin/galleries/987654/backfill").status_code == 404

"""Pages in the admin: the list and the form of a page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.admin.conftest import HUGE, NAUGHTY, fresh, shown
from webapp.models.gallery import change_gallery, set_hidden
from webapp.models.page import Page, create_page


@pytest.fixture
def url(fair: Page) -> str:
    return f"/admin/pages/{fair.id}"


def form(fair: Page, **changes: Any) -> dict[str, Any]:
    """What the browser sends when nothing was changed, with the changes."""
    fair = fresh(Page, fair.id)
    return {
        "version": fair.version,
        "title": fair.title,
        "slug": fair.slug,
        "status": fair.status,
        "block": [f"{block.id}:{block.type}" for block in fair.blocks],
        "block_title": [block.title for block in fair.blocks],
        "block_body": [block.body for block in fair.blocks],
    } | changes


def kinds(fair: Page) -> list[tuple[str, str]]:
    return [(block.type, block.body) for block in fresh(Page, fair.id).blocks]


def test_the_list_tells_status_galleries_and_progress(editor, fair, gallery_id):
    create_page("Public", status="published")
    change_gallery(gallery_id, auto_sync=True)
    html = editor.get("/admin/pages").text
    assert "Draft" in html
    assert 'href="/public"' in html
    assert "1 gallery with 0 pictures, 1 with auto-sync" in html
    assert "Nothing was uploaded since auto-sync was switched on" in html


def test_an_empty_list_says_what_to_do(in_app, editor, viewer):
    assert "Make the first page" in editor.get("/admin/pages").text
    assert "/admin/pages/new" not in viewer.get("/admin/pages").text


@pytest.mark.parametrize("query", ["page=0", f"page={HUGE}", "page=x", f"undo={HUGE}", "undo=-1", "trash=%00"])
def test_odd_addresses_show_the_list(editor, fair, query):
    assert editor.get(f"/admin/pages?{query}").status_code == 200


def test_a_page_is_made_with_a_gallery_and_opened(in_app, editor, post):
    answer = post(editor, "/admin/pages", title=" Summer fair ", with_gallery="on")
    assert answer.status_code == 303
    made = fresh(Page, int(answer.location.rpartition("/")[2]))
    assert (made.title, made.slug, made.status) == ("Summer fair", "summer-fair", "draft")
    assert [block.type for block in made.blocks] == ["gallery"]
    assert made.created_by == made.updated_by is not None
    assert "It is a draft until you publish it." in editor.get(answer.location).text


def test_making_it_again_gets_an_address_of_its_own(in_app, editor, post):
    ids = [int(post(editor, "/admin/pages", title="Fair").location.rpartition("/")[2]) for _ in range(2)]
    assert [fresh(Page, page_id).slug for page_id in ids] == ["fair", "fair-2"]


@pytest.mark.parametrize(
    ("title", "slug", "words"),
    [
        ("", "", "Give the page a title."),
        ("\0 ", "", "Give the page a title."),
        ("Fair", "Summer Fair!", "Use small letters, digits and single hyphens"),
        ("Fair", "x" * 101, "Use at most 100 characters."),
        ("Fair", "admin", "is taken by the site itself"),
        ("Fair", "summer-fair", "Another page has the address"),
    ],
)
def test_an_unfit_page_keeps_what_was_typed_and_says_why(editor, post, fair, title, slug, words):
    answer = post(editor, "/admin/pages", title=title, slug=slug)
    assert answer.status_code == 422
    assert answer.text.count(words) == 2  # in the summary and at the field
    assert 'aria-invalid="true"' in answer.text
    assert f'value="{slug}"' in answer.text


def test_a_naughty_title_is_text(in_app, editor, post):
    answer = post(editor, "/admin/pages", title=NAUGHTY)
    assert answer.status_code == 303
    for path in (answer.location, "/admin/pages"):
        assert "<script>alert" not in editor.get(path).text


def test_only_editors_make_pages(in_app, viewer, anonymous, editor, post):
    assert viewer.get("/admin/pages/new").status_code == 403
    assert post(viewer, "/admin/pages", title="x").status_code == 403
    assert anonymous.post("/admin/pages", data={"title": "x"}).status_code == 302
    assert editor.post("/admin/pages", data={"title": "x"}).status_code == 400
    assert post(editor, "/admin/pages", method="DELETE").status_code == 405


@pytest.mark.parametrize("page_id", [0, 987654, HUGE])
def test_a_page_that_is_not_there_is_a_404(editor, post, fair, page_id):
    url = f"/admin/pages/{page_id}"
    assert editor.get(url).status_code == 404
    assert editor.get(f"{url}/status").status_code == 404
    for path in ("", "/trash", "/restore"):
        assert post(editor, url + path, **form(fair)).status_code == 404


@pytest.mark.parametrize("path", ["", "/trash", "/restore"])
def test_nobody_else_changes_a_page(viewer, anonymous, editor, post, fair, url, path):
    assert post(viewer, url + path, **form(fair)).status_code == 403
    assert anonymous.post(url + path).status_code == 302
    assert editor.post(url + path).status_code == 400  # no token
    assert post(editor, url + path, method="PUT").status_code == 405
    assert fresh(Page, fair.id).version == 1


def test_a_viewer_reads_a_page_without_buttons(viewer, url):
    html = viewer.get(url).text
    assert 'value="Summer fair" required disabled' in html
    assert 'name="action"' not in html
    assert "auto_sync" not in html
    assert "/trash" not in html


def test_one_form_saves_title_address_status_and_blocks(editor, post, fair, url):
    fields = form(fair, title="Fair", slug="fair", status="published", block_body=["Hi\r\nyou", "Above"])
    answer = post(editor, url, **fields)
    assert (answer.status_code, answer.location) == (303, url)
    saved = fresh(Page, fair.id)
    assert (saved.title, saved.slug, saved.status, saved.version) == ("Fair", "fair", "published", 2)
    assert kinds(fair) == [("text", "Hi\nyou"), ("gallery", "Above")]
    assert 'href="/fair"' in editor.get(url).text


def test_saving_keeps_the_switch_the_rule_and_the_pictures(editor, post, fair, url, gallery_id, pictures):
    before = form(fair)
    change_gallery(gallery_id, auto_sync=True, new_items="first", rule={"tagsAny": ["sea"]})
    set_hidden(gallery_id, pictures[0], True)
    assert post(editor, url, **before).status_code == 303
    gallery = fresh(Page, fair.id).blocks[1]
    assert (gallery.auto_sync, gallery.new_items, gallery.rule) == (True, "first", {"tagsAny": ["sea"]})
    assert shown(gallery_id) == pictures[1:]


def test_each_button_saves_what_was_typed_along(editor, post, fair, url):
    text, gallery = (block.id for block in fair.blocks)
    for action, after in [
        (f"move-down:{text}", ["gallery", "text"]),
        (f"move-down:{text}", ["gallery", "text"]),
        (f"move-up:{text}", ["text", "gallery"]),
        (f"move-up:{text}", ["text", "gallery"]),
        ("add-text", ["text", "gallery", "text"]),
        ("add-gallery", ["text", "gallery", "text", "gallery"]),
        (f"remove:{gallery}", ["text", "text", "gallery"]),
        (f"remove:{gallery}", ["text", "text", "gallery"]),
    ]:
        title = f"Title {action}"
        assert post(editor, url, **form(fair, title=title, action=action)).status_code == 303
        assert fresh(Page, fair.id).title == title
        assert [kind for kind, _ in kinds(fair)] == after


def test_a_new_gallery_is_not_synced(editor, post, fair, url):
    answer = post(editor, url, **form(fair, action="add-gallery"))
    added = fresh(Page, fair.id).blocks[-1]
    assert not added.auto_sync
    assert answer.location == f"{url}#block-{added.id}"


def test_removing_a_gallery_with_pictures_asks_and_names_their_number(editor, post, fair, url, gallery_id, pictures):
    set_hidden(gallery_id, pictures[0], True)
    answer = post(editor, url, **form(fair, title="Typed", action=f"remove:{gallery_id}"))
    assert answer.location == f"{url}?remove={gallery_id}#block-{gallery_id}"
    assert fresh(Page, fair.id).title == "Typed"
    html = editor.get(answer.location).text
    assert "Remove this gallery with its 5 pictures?" in html and "4 shown and 1 hidden." in html
    assert shown(gallery_id) == pictures[1:]
    post(editor, url, **form(fair, action=f"remove-now:{gallery_id}"))
    assert [kind for kind, _ in kinds(fair)] == ["text"]


@pytest.mark.parametrize("query", ["remove=x", f"remove={HUGE}", "remove=987654", "remove=%00"])
def test_asking_about_no_gallery_asks_nothing(editor, url, query):
    answer = editor.get(f"{url}?{query}")
    assert answer.status_code == 200
    assert "Remove this gallery with" not in answer.text


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("title", "", "Give the page a title."),
        ("slug", "Not This", "Use small letters"),
        ("slug", "", "Use small letters"),
        ("status", "secret", "A page is draft or published."),
    ],
)
def test_an_unfit_form_keeps_what_was_typed(editor, post, fair, url, field, typed, words):
    answer = post(editor, url, **form(fair, **{field: typed, "block_body": ["Typed text", ""]}))
    assert answer.status_code == 422
    assert words in answer.text
    assert f'href="#{field}"' in answer.text
    assert "Typed text" in answer.text
    assert fresh(Page, fair.id).version == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"version": ""},
        {"version": "x"},
        {"version": HUGE},
        {"block": ["1"]},
        {"block": ["x:text", "2:gallery"]},
        {"block": [f"{HUGE}:text", "2:gallery"]},
        {"block": ["1:text", "1:text"]},
        {"block": ["1:video", "2:gallery"]},
        {"block": ["1:text:42", "2:gallery"]},
        {"block": ["1:text", "2:picture:x"]},
        {"block_title": []},
        {"action": "explode"},
        {"action": "remove:x"},
        {"action": f"remove:{HUGE}"},
    ],
)
def test_a_form_that_is_not_ours_is_refused(editor, post, fair, url, broken):
    assert post(editor, url, **form(fair, **broken)).status_code == 400
    assert fresh(Page, fair.id).version == 1


@pytest.mark.parametrize("action", ["move-up:987654", "remove:987654", "remove-now:987654", "move-up", "remove"])
def test_a_button_about_no_block_only_saves(editor, post, fair, url, action):
    assert post(editor, url, **form(fair, action=action)).status_code == 303
    assert len(kinds(fair)) == 2


def test_naughty_words_are_text(editor, post, fair, url):
    fields = form(fair, title=NAUGHTY, block_title=[NAUGHTY] * 2, block_body=[NAUGHTY] * 2)
    assert post(editor, url, **fields).status_code == 303
    assert "<script>alert" not in editor.get(url).text


def test_a_block_of_another_page_can_not_be_taken(editor, post, fair, url):
    other = create_page("Other", layout=[{"blockType": "gallery"}])
    foreign = f"{other.blocks[0].id}:gallery"
    fields = form(fair, block=[foreign], block_title=["mine"], block_body=[""])
    assert post(editor, url, **fields).status_code == 303
    assert len(fresh(Page, other.id).blocks) == 1
    assert len(kinds(fair)) == 2

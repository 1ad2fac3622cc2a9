"""From the form of a post to how it looks: the public post, or the preview of a draft."""

from __future__ import annotations

from tests.admin.conftest import fresh
from tests.admin.test_posts import address, form
from webapp.models.post import Post, create_post, trash_post


def test_a_draft_is_saved_and_previewed_with_one_button(in_app, editor, post):
    draft = create_post("Harbour", body="Before")
    html = editor.get(address(draft)).text
    assert "Save and preview" in html and "View post" not in html
    answer = post(editor, address(draft), **form(draft, action="preview", body="Typed just now"))
    assert (answer.status_code, answer.location) == (303, f"{address(draft)}/preview")
    assert "Typed just now" in editor.get(answer.location).text
    assert fresh(Post, draft.id).status == "draft"


def test_a_published_post_is_viewed_at_its_address(in_app, editor, viewer):
    public = create_post("Harbour", status="published")
    for client in (editor, viewer):
        html = client.get(address(public)).text
        assert 'href="/posts/harbour"' in html and "View post" in html
        assert "preview" not in html


def test_who_may_only_look_previews_a_draft_without_saving_it(in_app, viewer):
    draft = create_post("Harbour")
    html = viewer.get(address(draft)).text
    assert f'href="{address(draft)}/preview"' in html
    assert "Save and preview" not in html


def test_nothing_is_saved_for_a_preview_that_does_not_fit(in_app, editor, post):
    draft = create_post("Harbour")
    answer = post(editor, address(draft), **form(draft, action="preview", title=""))
    assert answer.status_code == 422
    assert "Give the post a title." in answer.text


def test_a_post_in_the_trash_has_no_button_for_it(in_app, editor, post):
    draft = create_post("Harbour")
    trash_post(draft.id)
    answer = post(editor, address(draft), **form(draft, action="save"))
    assert answer.status_code == 409
    assert "preview" not in answer.text and "View post" not in answer.text

"""Moving a page or a post to the trash takes no question, and Undo puts back exactly what was there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.admin.conftest import fresh
from webapp.database import utcnow
from webapp.models.page import Page, create_page
from webapp.models.post import Post, create_post
from webapp.models.publishing import publication_of

LATER = utcnow() + timedelta(days=3)
WORDS = {"draft": "as a draft", "published": "where everybody can read it", "scheduled": "to be published as it was"}


def undo(editor, post, url: str) -> str:
    """Of the notice that follows; what is said then."""
    listed = editor.get(post(editor, f"{url}/trash").location).text
    assert f'action="{url}/restore"' in listed and '<input type="hidden" name="undo" value="1">' in listed
    return editor.get(post(editor, f"{url}/restore", undo=1).location).text


@pytest.mark.parametrize("status", ["draft", "published"])
def test_a_page(in_app, editor, post, status):
    page = create_page("Fair", status=status)
    assert WORDS[status] in undo(editor, post, f"/admin/pages/{page.id}")
    assert fresh(Page, page.id).status == status
    assert editor.get("/fair").status_code == (200 if status == "published" else 404)


@pytest.mark.parametrize("status", ["draft", "published", "scheduled"])
def test_a_post(in_app, editor, post, status):
    row = create_post("News", status=status, publish_at=LATER if status == "scheduled" else None)
    assert WORDS[status] in undo(editor, post, f"/admin/posts/{row.id}")
    back = fresh(Post, row.id)
    assert (back.status, back.publish_at) == (status, row.publish_at)
    line = publication_of(back)
    assert (line.state if line else None) == ("waiting" if status == "scheduled" else None)

"""A page's title says which page it is: it is what a screen reader says first, and what tabs and bookmarks show."""

from __future__ import annotations

import html
import re

from webapp.models.page import create_page


def title(client, path, **sent):
    answer = client.open(path, **sent)
    return html.unescape(re.search(r"<title>(.*?)</title>", answer.text, re.DOTALL)[1])


def test_no_two_pages_have_the_same_title(media, gallery_id, fair, admin):
    paths = [
        "/admin/",
        "/admin/media",
        "/admin/media?trash=1",
        "/admin/media?q=harbour",
        "/admin/media?trash=1&q=harbour",
        f"/admin/media/{media.id}",
        "/admin/pages",
        "/admin/pages?trash=1",
        "/admin/pages/new",
        f"/admin/pages/{fair.id}",
        f"/admin/galleries/{gallery_id}",
        f"/admin/galleries/{gallery_id}?view=hidden",
        f"/admin/galleries/{gallery_id}?view=add",
        "/admin/jobs",
        "/admin/jobs?status=failed",
        "/admin/jobs?status=queued",
        "/admin/jobs/1",
        "/admin/jobs/2",
        "/admin/queues",
        "/admin/webhooks",
        "/admin/webhooks/new",
        "/admin/nothing",
        "/api/docs",
        "/",
    ]
    by_title = {title(admin, path): path for path in paths}
    assert sorted(by_title.values()) == sorted(paths), by_title


def test_what_somebody_typed_is_only_text_in_a_title(in_app, editor):
    page = create_page("</title><script>alert(1)</script>")
    assert title(editor, f"/admin/pages/{page.id}").startswith("</title><script>")
    assert "“</title><b>” in the Library" in title(editor, "/admin/media?q=</title><b>")


def test_a_form_with_errors_says_so_first(anonymous, editor, post):
    anonymous.get("/admin/sign-in")
    answer = post(anonymous, "/admin/sign-in", email="", password="")
    assert "<title>Error: Sign in" in answer.text
    assert "<title>Error: New page" in post(editor, "/admin/pages", title="").text

"""After a save that failed, a screen reader begins with what is wrong: in the title, and where the focus is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import ROOT
from webapp.models.post import create_post

SUMMARY = re.compile(r'<div class="[^"]*error-summary[^"]*" role="alert"[^>]*>')
WRONG = {
    "/admin/pages": {"title": ""},
    "/admin/pages/{page}": {"title": "", "version": "1"},
    "/admin/posts": {"title": ""},
    "/admin/posts/{post}": {"title": "", "version": "1"},
    "/admin/media/{media}": {"focal_x": "much"},
    "/admin/galleries/{gallery}/rule": {"since": "tomorrow"},
    "/admin/people": {"email": "nobody", "role": "viewer"},
    "/admin/webhooks": {"url": "nowhere"},
    "/admin/exports": {"what": "gallery", "gallery": ""},
    "/admin/account/password": {"current": "", "password": ""},
}


@pytest.mark.parametrize("address", WRONG)
def test_the_words_about_a_mistake_have_the_focus(admin, editor, post, media, fair, gallery_id, address):
    ids = {"page": fair.id, "media": media.id, "gallery": gallery_id, "post": create_post("By the sea").id}
    answer = post(admin, address.format(**ids), **WRONG[address])
    assert answer.status_code == 422
    (summary,) = SUMMARY.findall(answer.text)
    assert 'tabindex="-1" autofocus' in summary
    assert answer.text.count(" autofocus") == 1
    assert "<title>Error: " in answer.text


def test_no_summary_of_mistakes_is_without_it():
    for template in Path(ROOT, "templates").rglob("*.html"):
        for summary in SUMMARY.findall(template.read_text()):
            assert "autofocus" in summary, template


def test_after_a_wrong_rule_the_address_leads_to_the_words_about_it(editor, post, gallery_id):
    url = f"/admin/galleries/{gallery_id}"
    assert '<section class="rule panel" id="rule"' in editor.get(url).text
    html = post(editor, f"{url}/rule", since="tomorrow").text
    assert html.count('id="rule"') == 1
    assert 'id="rule"' in SUMMARY.search(html)[0]


@pytest.mark.parametrize("thing", ["pages", "posts"])
def test_when_somebody_else_has_saved_meanwhile_the_words_about_it_have_the_focus(editor, post, fair, thing):
    made = {"pages": fair, "posts": create_post("By the sea")}[thing]
    url = f"/admin/{thing}/{made.id}"
    typed = {"title": "Fair", "slug": "fair", "status": "draft", "version": "0"}
    answer = post(editor, url, **typed)
    assert answer.status_code == 409
    assert re.search(r'<div class="notice notice-warning" role="alert" tabindex="-1" autofocus>', answer.text)
    assert "<title>Error: " in answer.text

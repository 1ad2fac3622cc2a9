"""What all pages of the admin have in common, and errors as pages."""

from __future__ import annotations

import re

import pytest

from webapp import create_app

PAGES = ["/admin/", "/admin/media", "/admin/pages", "/admin/jobs"]


@pytest.mark.parametrize("path", PAGES)
def test_each_page_can_be_skipped_into_and_has_one_live_region(editor, path):
    html = editor.get(path).text
    assert 'href="#main"' in html
    assert html.count('id="announcements"') == 1
    assert html.count("<h1") == 1


@pytest.mark.parametrize("path", PAGES)
def test_nothing_in_a_page_needs_inline_script_or_style(admin, path):
    answer = admin.get(path)
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", answer.text)


@pytest.mark.parametrize(("path", "section"), [*zip(PAGES[1:], ["Library", "Pages", "Jobs"], strict=True)])
def test_the_section_is_marked(editor, path, section):
    assert re.search(rf'aria-current="page">{section}</a>', editor.get(path).text)


def test_only_admins_see_the_way_to_rq_dashboard(editor, admin):
    assert "/admin/rq/" in admin.get("/admin/").text
    assert "/admin/rq/" not in editor.get("/admin/").text


def test_what_a_page_loads_is_there(editor):
    html = editor.get("/admin/media").text
    for path in re.findall(r'(?:src|href)="(/(?:static|bootstrap)/[^"]+)"', html):
        assert editor.get(path).status_code == 200, path


def test_an_unknown_address_is_told_in_words(editor, anonymous):
    for client, path in ((editor, "/admin/nothing"), (anonymous, "/nothing"), (editor, "/admin/media/9999")):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "<h1>Not found</h1>" in " ".join(answer.text.split())
        assert ("Sign out" in answer.text) == (client is editor)


def test_who_may_not_is_told_in_words_and_keeps_the_way_on(viewer, post):
    answer = post(viewer, "/admin/jobs/1/retry")
    assert answer.status_code == 403
    assert "Your account may not do this." in answer.text
    assert "Sign out" in answer.text


@pytest.mark.parametrize("path", ["/admin/people", "/admin/audit", "/admin/webhooks", "/admin/search/index"])
def test_what_is_for_admins_says_so_to_everybody_else(editor, viewer, path):
    for client in (editor, viewer):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "This is for admins." in answer.text
        assert "role of editor" not in answer.text


def test_with_the_database_away_the_page_says_so(settings, app, editor):
    away = create_app(settings.model_copy(update={"database_url": "sqlite:////nowhere/gallerist.db"}))
    with editor.session_transaction() as session:
        cookie = dict(session)
    client = away.test_client()
    with client.session_transaction() as session:
        session.update(cookie)
    for path in ("/admin/", "/admin/sign-in"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "Nothing was lost" in answer.text
    assert client.get("/admin/nothing").status_code == 404

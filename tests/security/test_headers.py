"""The headers on every answer, whatever it is, and pages that need no inline script or style."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.admin.conftest import Post, upload, work_off
from tests.security.route_map import entries
from tests.security.rows import threat
from webapp.models.gallery import add_item
from webapp.models.page import Page, create_page
from webapp.security import RQ_DASHBOARD_POLICY

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)(?![^>]*application/ld\+json)|javascript:")
READ = [rule for method, rule, _ in entries() if method == "GET"]
VALUES = {"slug": "summer", "filename": "css/site.css", "queue_name": "default", "registry_name": "failed"}
VALUES |= {"order": "asc", "instance_number": "0", "per_page": "5", "name": "nothing.webp", "reference": "1"}


@pytest.fixture
def filled(in_app: Flask, editor: FlaskClient, post: Post) -> Page:
    """One of everything, with the id 1, and a published page."""
    layout = [{"blockType": "gallery"}, {"blockType": "text", "body": "Words"}]
    page = create_page("Summer", "summer", "published", layout)
    media = upload(editor, post, "harbour.jpg", 1)
    add_item(page.blocks[0].id, media.id)
    post(editor, "/admin/exports", of="all")
    work_off()
    return page


def urls() -> list[str]:
    return [re.sub(r"<(\w+)>", lambda found: VALUES.get(found[1], "1"), rule) for rule in READ]


def refused(client: FlaskClient) -> list[TestResponse]:
    """Answers that come from all the corners where a request can end early."""
    return [
        client.get("/nothing/here"),
        client.get("/api/nothing"),
        client.delete("/admin/media"),
        client.post("/admin/media"),
        client.post("/admin/sign-in", data={"password": "x" * 100_000}),
        client.get("/", headers={"Host": "evil.example"}),
        client.options("/admin/media"),
        client.get("/static/nothing.css"),
        client.get("/summer", headers={"If-None-Match": client.get("/summer").headers["ETag"]}),
        client.get("/static/css/site.css", headers={"Range": "bytes=99999999-"}),
    ]


@threat(15)
def test_each_answer_has_them(filled, admin, anonymous):
    answers = [(url, who.get(url)) for url in urls() for who in (admin, anonymous)]
    answers += [(answer.request.path, answer) for answer in refused(admin)]
    assert {answer.status_code for _, answer in answers} >= {200, 302, 304, 400, 401, 404, 405, 413}
    for url, answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff", url
        assert answer.headers["Referrer-Policy"] == "same-origin", url
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", url
        assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers, url


@threat(15)
def test_each_policy_forbids_frames_and_inline_script_and_style(filled, admin, anonymous):
    loose = "; ".join(f"{name} {value}" for name, value in RQ_DASHBOARD_POLICY.items())
    for url in urls():
        for answer in (admin.get(url), anonymous.get(url)):
            policy = answer.headers["Content-Security-Policy"]
            if url.startswith("/admin/rq") and policy == loose:
                assert "frame-ancestors 'none'" in policy
                continue
            assert "unsafe" not in policy and "default-src" in policy, url
            assert "frame-ancestors 'none'" in policy or policy.startswith("sandbox"), url


@threat(15)
def test_no_page_has_inline_script_or_style(filled, admin, anonymous):
    pages = [(url, who.get(url)) for url in urls() for who in (admin, anonymous) if not url.startswith("/admin/rq")]
    looked_at = [(url, page.text) for url, page in pages if page.mimetype == "text/html" and page.status_code == 200]
    assert len({url for url, _ in looked_at}) > 25
    for url, html in looked_at:
        assert not INLINE.search(html), (url, INLINE.findall(html))


@threat(15)
def test_over_tls_browsers_are_told_to_stay_and_the_cookie_to_stay_too(app, anonymous):
    safe = app.test_client().get("/admin/first-start", base_url="https://localhost")
    plain = anonymous.get("/admin/first-start")
    assert safe.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in plain.headers
    for answer, is_secure in ((safe, True), (plain, False)):
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie, cookie
        assert ("Secure" in cookie) is is_secure


@threat(20)
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "evil.example:80"]
)
@pytest.mark.parametrize("path", ["/", "/admin/sign-in", "/api/media", "/api/docs", "/sitemap.xml", "/healthz"])
def test_another_host_is_refused_and_never_repeated(filled, admin, host, path):
    answer = admin.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text + str(answer.headers)


@threat(20)
def test_a_forwarded_host_counts_for_nothing(filled, admin):
    answer = admin.get("/admin/sign-in", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})
    assert "evil" not in answer.text + str(answer.headers)

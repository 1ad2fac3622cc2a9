"""Style sheets, scripts and icons: kept for ever, at addresses that change with them, and sent compressed."""

from __future__ import annotations

import gzip
import re
import shutil

import pytest

from tests.site.pictures import page_with, upload
from webapp import assets

IMMUTABLE = "public, max-age=31536000, immutable"


@pytest.fixture
def addresses(in_app, anonymous, editor) -> list[str]:
    """All that a public page and the library load."""
    page_with(upload())
    html = anonymous.get("/summer-fair").text + editor.get("/admin/media").text
    return re.findall(r'(?:href|src)="(/static/[^"]+|/bootstrap/[^"]+|[^"]*bootstrap[^"]+)"', html)


def test_all_that_a_page_loads_may_be_kept_for_ever(addresses, anonymous):
    assert len(addresses) > 8
    assert any("bootstrap" in address for address in addresses)
    for address in addresses:
        answer = anonymous.get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, IMMUTABLE), address


def test_texts_are_sent_compressed_to_whom_can_read_that(addresses, anonymous):
    for address in addresses:
        plain, small = (anonymous.get(address, headers={"Accept-Encoding": coding}) for coding in ("", "gzip"))
        assert "Content-Encoding" not in plain.headers
        assert "Accept-Encoding" in small.headers["Vary"]
        if len(plain.data) >= assets.WORTH_IT:
            assert gzip.decompress(small.data) == plain.data
            known = {"If-None-Match": small.headers["ETag"], "Accept-Encoding": "gzip"}
            assert anonymous.get(address, headers=known).status_code == 304


def test_a_script_finds_those_it_imports_under_the_same_stamp(in_app, anonymous):
    page_with(upload())
    script = re.search(r'src="(/static/[0-9a-f]{12}/js/)site.js"', anonymous.get("/summer-fair").text)
    assert anonymous.get(f"{script[1]}site/lightbox.js").headers["Cache-Control"] == IMMUTABLE


@pytest.mark.parametrize("address", ["/static/css/site.css", "/static/0123456789ab/css/site.css"])
def test_what_is_asked_for_without_the_stamp_of_now_is_not_kept(anonymous, address):
    answer = anonymous.get(address)
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["Cache-Control"]
    assert anonymous.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "path", ["css/none.css", "0123456789ab/none.css", "0123456789ab/../../config.py", "css", "css/"]
)
def test_there_is_nothing_else(anonymous, path):
    assert anonymous.get(f"/static/{path}").status_code == 404


def test_another_file_is_another_stamp(tmp_path):
    folder = tmp_path / "static"
    shutil.copytree(assets.ROOT / "static", folder)
    stamps = [assets.stamp_of(assets.ROOT / "static"), assets.stamp_of(folder)]
    (folder / "css" / "site.css").write_text("body {}")
    stamps.append(assets.stamp_of(folder))
    assert stamps[0] == stamps[1] != stamps[2]


def test_pages_behind_the_sign_in_are_not_compressed(editor):
    """They hold a token, which the length of an answer could tell letter by letter."""
    answer = editor.get("/admin/media", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers

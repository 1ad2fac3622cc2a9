"""What people and cameras write is text wherever it is shown; what is hidden in a file is in nothing that is public."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image

from tests.admin.conftest import fresh, work_off
from tests.imaging.samples import ARTIST, GPS, ORIENTATION, zip_file
from tests.security.rows import threat
from tests.support.people import csrf_token
from webapp.models.media import Media

SCRIPT = "<script>alert('seen')</script>"
BREAKS_OUT = f"\"'`>{SCRIPT}</title></textarea>--><img src=x onerror=alert('seen')>{{{{7*7}}}}${{7*7}}</script>"
NAUGHTY = [
    *("", " ", "..", "../../x", "..\\x", "\0", "a\0b", "猫.jpg", "x" * 300, "CON", "nul.jpg", ".htaccess", "-rf", "~"),
    *("\u202egpj.exe", "\ufeff", "\U0001f4a9", "Ω≈ç√", "ﷺ", "a\u0300" * 60, "%00", "%s%n", "$HOME", "`id`", "$(id)"),
    *("' OR 1=1 --", '"; DROP TABLE media', "{{7*7}}", "${jndi:ldap://x}", "<!--", "]]>", "\r\nX: y", "=1+1", "null"),
    *("undefined", "NaN", "1e400", "-1", "99999999999999999999", "İ", "ß", "\ud7ff", "\x1b[31m", BREAKS_OUT),
]
PAGES = ["/admin/", "/admin/media", "/admin/media/1", "/admin/pages", "/admin/pages/1", "/admin/galleries/1"]
PAGES += ["/admin/jobs", "/admin/audit", "/admin/recent-uploads", "/summer", "/summer.atom"]
QUIET_PAGES = ["/admin/exports", "/"]  # show little or nothing of it


def camera_file() -> bytes:
    """A picture whose EXIF, comment and tail hold script, a place, a name and a zip."""
    tags = Image.Exif()
    tags.update({ORIENTATION: 1, ARTIST: SCRIPT, 0x010E: SCRIPT, 0x010F: SCRIPT, 0x0110: SCRIPT, 0x8298: SCRIPT})
    tags.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    out = BytesIO()
    Image.new("RGB", (900, 600), "teal").save(out, "JPEG", exif=tags, comment=SCRIPT.encode())
    return out.getvalue() + zip_file() + SCRIPT.encode()


@pytest.fixture
def hung(in_app, admin_api) -> Media:
    """That file in a gallery of a published page, with script in every word of it."""
    layout = [
        {"blockType": "gallery", "title": BREAKS_OUT, "autoSync": True},
        {"blockType": "text", "body": BREAKS_OUT},
    ]
    page = {"title": BREAKS_OUT, "slug": "summer", "status": "published", "layout": layout}
    assert admin_api.post("/api/pages", json=page).status_code == 201
    file = (BytesIO(camera_file()), f"{BREAKS_OUT}.jpg".replace("/", "_").replace('"', "%22"))
    words = {"alt": BREAKS_OUT, "caption": BREAKS_OUT, "tags": "a"}
    assert admin_api.post("/api/media", data={"file": file} | words).status_code == 201
    assert admin_api.patch("/api/media/1", json={"credit": BREAKS_OUT, "tags": [SCRIPT]}).status_code == 200
    work_off()
    return fresh(Media, 1)


@threat(4)
def test_script_in_every_word_is_text_on_every_page(hung, admin):
    assert len(hung.renditions) >= 2
    for path in PAGES + QUIET_PAGES:
        answer = admin.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text and "<img src=x" not in answer.text, path
        assert "alert" in answer.text or path in QUIET_PAGES, path


@threat(3)
@threat(4)
def test_no_public_byte_holds_what_was_hidden_in_the_file(hung, anonymous, viewer):
    for rendition in hung.renditions:
        answer = anonymous.get(f"/media/{rendition.name}")
        assert answer.status_code == 200
        for hidden in (b"alert", b"secret", b"PK\x03\x04", b"Exif", b"GPS", b"http://ns"):
            assert hidden not in answer.data, hidden
    assert anonymous.get("/admin/media/1/original").status_code == 302
    assert anonymous.get(f"/media/{hung.storage_key}").status_code == 404
    assert anonymous.get("/summer").text.count("original") == 0
    assert viewer.get("/admin/media/1/original").status_code == 403


@threat(5)
def test_the_big_list_of_naughty_strings_fits_into_every_field(app, in_app, editor, editor_api):
    for number, naughty in enumerate(NAUGHTY):
        out = BytesIO()
        Image.new("RGB", (8, 8), (number, 0, 0)).save(out, "PNG")
        file = BytesIO(out.getvalue())
        name = naughty.replace('"', "%22").replace("\r\n", "%0D%0A") or "x"  # as browsers write it
        sent = editor_api.post("/api/media", data={"file": (file, name), "alt": naughty, "caption": naughty})
        assert sent.status_code in (200, 201, 422), (naughty, sent.text)
        page = editor_api.post(
            "/api/pages", json={"title": naughty, "layout": [{"blockType": "text", "body": naughty}]}
        )
        assert page.status_code in (201, 422), (naughty, page.text)
        for path in ("/api/media", "/api/search", "/api/pages", "/admin/media", "/admin/palette", "/admin/pages"):
            who = editor if path.startswith("/admin") else editor_api
            assert who.get(path, query_string={"q": naughty, "tag": naughty}).status_code in (200, 400), (path, naughty)
        form = {"csrf_token": csrf_token(app, editor), "title": naughty, "slug": naughty}
        assert editor.post("/admin/pages", data=form).status_code in (303, 422), naughty
    for media in in_app.extensions["sqlalchemy"].session.query(Media):
        assert re.fullmatch(r"originals/[0-9a-f/]+\.png", media.storage_key), media.storage_key
        assert 1 <= len(media.filename) <= 255 and media.filename.isprintable()


@threat(14)
def test_extra_fields_are_refused_by_the_api_and_ignored_by_forms(app, editor, editor_api, hung):
    for extra in ("role", "createdBy", "created_by", "id", "storageKey", "sha256", "deletedAt"):
        assert editor_api.patch("/api/media/1", json={extra: 1}).status_code == 422
        assert editor_api.post("/api/pages", json={"title": "x", extra: 1}).status_code == 422
    before = fresh(Media, 1)
    kept = (before.created_by, before.storage_key, before.sha256)
    form = {"csrf_token": csrf_token(app, editor), "alt": "Sea", "created_by": 99, "storage_key": "x", "sha256": "x"}
    assert editor.post("/admin/media/1", data=form).status_code == 303
    after = fresh(Media, 1)
    assert (after.alt, after.created_by, after.storage_key, after.sha256) == ("Sea", *kept)

"""With RENDITIONS_URL visitors fetch renditions from a public bucket, and the app still decides what it points to."""

from __future__ import annotations

import time
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from config import Settings
from tests.site.pictures import page_with, upload
from tests.support import s3
from webapp.models.media import trash_media


@pytest.fixture(scope="session")
def public_url(s3_server: s3.S3Server) -> str:
    """Of the bucket, whose renditions anybody may read."""
    s3_server.let_anybody_read("renditions")
    return f"{s3_server.url}/{s3.BUCKET}"


@pytest.fixture
def app_with_url(on_s3, public_url, monkeypatch):
    monkeypatch.setattr(on_s3.config["SETTINGS"], "renditions_url", public_url)
    return on_s3


def status_of(url: str) -> int:
    try:
        with urlopen(url) as answer:
            return answer.status
    except HTTPError as error:
        return error.code


def wait_for(url: str, status: int) -> None:
    until = time.monotonic() + 10
    while status_of(url) != status:
        assert time.monotonic() < until, f"{url} answers {status_of(url)}"
        time.sleep(0.1)


@pytest.mark.usefixtures("app_with_url")
def test_what_is_shown_is_fetched_from_there_and_kept_for_ever(anonymous):
    media = upload()
    page_with(media)
    rendition = media.renditions_in("image/webp")[0]
    pointed = anonymous.get(f"/media/{rendition.name}")
    assert (pointed.status_code, pointed.headers["Cache-Control"]) == (302, "public, max-age=3600")
    wait_for(pointed.location, 200)
    with urlopen(pointed.location) as answer:
        assert len(answer.read()) == rendition.filesize
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.usefixtures("app_with_url")
def test_what_is_out_of_sight_is_pointed_to_for_nobody(anonymous, viewer):
    media = upload()
    page_with(media)
    trash_media(media.id)
    address = f"/media/{media.renditions_in('image/webp')[0].name}"
    assert anonymous.get(address).status_code == 404
    assert viewer.get(address).status_code == 200


def test_originals_are_for_nobody_but_the_app(app_with_url, public_url):
    media = upload()
    wait_for(f"{public_url}/{media.renditions[0].storage_key}", 200)  # the policy holds by now
    assert status_of(f"{public_url}/{media.storage_key}") == 403


def test_pages_may_show_pictures_from_there(app_with_url, anonymous, s3_server):
    policy = anonymous.get("/").headers["Content-Security-Policy"]
    assert f"img-src 'self' data: blob: {s3_server.url};" in policy


def test_without_it_pictures_come_from_the_app_alone(in_app, anonymous):
    assert "img-src 'self' data: blob:;" in anonymous.get("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize("url", ["pictures.example", "ftp://pictures.example", "https://", "https://a.example/?b=c"])
def test_what_is_no_address_is_refused_at_the_start(url, tmp_path):
    with pytest.raises(ValueError, match="must be an address"):
        Settings(renditions_url=url, data_dir=tmp_path)


def test_a_slash_at_its_end_is_left_out(tmp_path):
    assert Settings(renditions_url="https://a.example/x/", data_dir=tmp_path).renditions_url == "https://a.example/x"

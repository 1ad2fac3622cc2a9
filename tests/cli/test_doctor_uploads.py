"""flask doctor asks the bucket, as a browser would, whether upload forms may send files straight to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import s3
from webapp.doctor import check
from webapp.storage import S3Storage, connect_s3

SITE, OTHER = "https://pictures.example", "https://other.example"


@pytest.fixture(scope="module")
def strict_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3Server]:
    """Lets browsers send from SITE only."""
    server = s3.S3Server(tmp_path_factory.mktemp("s3") / "weed", origins=SITE)
    yield server
    server.stop()


@pytest.fixture
def found(in_app, strict_server, s3_keys):
    """What is found of direct uploads, with this public address and a bucket at this one; None when nothing is said."""

    def found(server_url: str, bucket_url: str = strict_server.url) -> tuple[bool, str] | None:
        in_app.config["SETTINGS"].server_url = server_url
        in_app.extensions["gallerist_storage"] = S3Storage(s3.BUCKET, connect_s3(bucket_url, 1))
        return next(((one.ok, one.words) for one in check() if one.part == "uploads"), None)

    return found


def test_a_bucket_that_lets_the_site_in_is_well(found):
    assert found(f"{SITE}/") == (True, "Works.")


def test_one_that_does_not_is_told_with_what_to_do(found):
    ok, words = found(OTHER)
    assert not ok
    assert OTHER in words and "CORS" in words and "DIRECT_UPLOADS=0" in words


def test_without_a_public_address_nobody_knows_from_where_browsers_send(found):
    assert found("") == (True, "Works.")


def test_a_bucket_that_is_away_is_told(found):
    ok, words = found(SITE, "http://127.0.0.1:9")
    assert not ok and "does not answer" in words


def test_nothing_is_said_where_files_pass_the_web_process(found, in_app):
    in_app.config["SETTINGS"].direct_uploads = False
    assert found(SITE) is None

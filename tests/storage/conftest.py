"""Both kinds of storage, on a real disk and a real S3 server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.support import s3
from webapp.storage import LocalStorage, S3Storage, Storage, connect_s3


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3Server]:
    server = s3.S3Server(tmp_path_factory.mktemp("s3") / "weed")
    yield server
    server.stop()


@pytest.fixture
def s3_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.SECRET)


@pytest.fixture
def s3_storage(s3_server: s3.S3Server, s3_keys: None) -> S3Storage:
    return S3Storage(s3.BUCKET, connect_s3(s3_server.url))


@pytest.fixture
def on_s3(in_app: Flask, s3_storage: S3Storage) -> Flask:
    """The app, whose files lie in the bucket."""
    in_app.extensions["gallerist_storage"] = s3_storage
    return in_app


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "local":
        return LocalStorage(tmp_path / "files")
    found: Storage = request.getfixturevalue("s3_storage")
    return found

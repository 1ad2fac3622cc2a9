"""Both kinds of storage, on a real disk and a real S3 server."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.storage import LocalStorage, Storage


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "local":
        return LocalStorage(tmp_path / "files")
    found: Storage = request.getfixturevalue("s3_storage")
    return found

"""An export is made and fetched, whole and in parts, whichever the storage."""

from __future__ import annotations

import io
import zipfile

import pytest
from sqlalchemy import select

from tests.support.batches import add_picture
from webapp.database import db
from webapp.jobs import Job
from webapp.models.export import Export, start_export
from webapp.models.media import Media
from webapp.models.user import User
from webapp.storage import Storage, s3_parts
from workers.perform import perform_job

PICTURES = 4
EACH = 3_000_000  # bytes


@pytest.fixture
def export(in_app, editor, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> Export:
    """Of four pictures and one whose file is missing; sent in parts of 5 MB."""
    monkeypatch.setattr(s3_parts, "PART", 5 * 1024 * 1024)
    in_app.extensions["gallerist_storage"] = storage
    for number in range(PICTURES):
        storage.put(add_picture(None, number).storage_key, bytes([number]) * EACH, "image/jpeg")
    add_picture(None, "gone")
    by = db.session.scalars(select(User.id)).one()
    made = start_export("zip", select(Media), "All pictures", "all", by=by)
    job = db.session.scalars(select(Job).where(Job.subject == made.subject)).one()
    assert perform_job(job.id) == "succeeded"
    db.session.rollback()
    return db.session.get_one(Export, made.id, populate_existing=True)


def test_it_is_fetched_whole_and_in_parts(export, editor, storage):
    url = f"/admin/exports/{export.id}/file"
    whole = editor.get(url)
    assert int(whole.headers["Content-Length"]) == len(whole.data) == export.filesize > PICTURES * EACH
    with zipfile.ZipFile(io.BytesIO(whole.data)) as packed:
        assert packed.testzip() is None
        assert len(packed.namelist()) == PICTURES + 1
        assert packed.read("facts.csv").count(b"file missing") == 1
    part = editor.get(url, headers={"Range": "bytes=8000000-8000009"})
    assert (part.status_code, part.data) == (206, whole.data[8_000_000:8_000_010])
    storage.delete(export.storage_key)
    assert editor.get(url).status_code == 404

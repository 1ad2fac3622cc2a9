"""What was sent to the bucket and never taken is collected; what waits to be taken is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import both_databases
from tests.support.direct import announce, check, complete, look, put
from tests.support.pictures import tiny_jpeg
from webapp.database import db, transaction, utcnow
from webapp.models.direct_upload import DirectUpload, forget_direct_uploads
from webapp.models.orphans import collect_orphans
from webapp.storage import storage

pytestmark = [both_databases, pytest.mark.usefixtures("on_s3")]

ANY_AGE = timedelta(seconds=-60)  # a file's age on S3 is what the server says


def is_there(form) -> bool:
    return storage().find(form["fields"]["key"]) is not None


def make_old(form, days: float) -> None:
    with transaction() as session:
        session.get(DirectUpload, form["uploadId"]).created_at = utcnow() - timedelta(days=days)


def test_what_was_never_completed_is_collected(editor_api):
    form = announce(editor_api, tiny_jpeg(1))
    put(form, tiny_jpeg(1))
    collect_orphans()
    assert is_there(form)  # it is young
    collect_orphans(ANY_AGE)
    assert not is_there(form)


def test_what_waits_for_a_worker_is_kept_however_old(editor_api):
    form = announce(editor_api, tiny_jpeg(1))
    put(form, tiny_jpeg(1))
    answered = complete(editor_api, form)
    collect_orphans(ANY_AGE)
    assert is_there(form)
    assert check(answered) == "succeeded"
    assert look(editor_api, form)["state"] == "uploaded"


CASES = [(0.5, False, True), (2, False, False), (2, True, True), (8, True, False)]


@pytest.mark.parametrize(("days", "completed", "stays"), CASES)
def test_the_row_is_forgotten_when_nobody_asks_any_more(editor_api, days, completed, stays):
    form = announce(editor_api, tiny_jpeg(1))
    if completed:
        complete(editor_api, form)
    make_old(form, days)
    forget_direct_uploads()
    db.session.rollback()
    assert (db.session.get(DirectUpload, form["uploadId"]) is not None) is stays

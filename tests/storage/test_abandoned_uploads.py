"""What was sent to the bucket and never taken is collected; what waits to be taken is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import both_databases
from tests.support.direct import announce, check, complete, look, put
from tests.support.pictures import tiny_jpeg
from webapp.database import db, transaction, utcnow
from webapp.jobs import cancel_by_id, discard_by_id, retry_by_id
from webapp.models.direct_upload import DirectUpload, forget_direct_uploads
from webapp.models.orphans import collect_orphans
from webapp.storage import storage
from workers.perform import perform_job

pytestmark = [both_databases, pytest.mark.usefixtures("on_s3")]

ANY_AGE = timedelta(seconds=-60)  # a file's age on S3 is what the server says


def is_there(form) -> bool:
    return storage().find(form["fields"]["key"]) is not None


def make_old(form, days: float) -> None:
    with transaction() as session:
        upload = session.get(DirectUpload, form["uploadId"])
        for moment in ("created_at", "completed_at", "settled_at"):
            if getattr(upload, moment):
                setattr(upload, moment, utcnow() - timedelta(days=days))


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


@pytest.mark.parametrize(("days", "settled", "stays"), CASES)
def test_the_row_is_forgotten_when_nobody_asks_any_more(editor_api, days, settled, stays):
    form = announce(editor_api, tiny_jpeg(1))
    if settled:
        check(complete(editor_api, form))
    make_old(form, days)
    assert is_remembered(form) is stays


def test_what_was_sent_is_remembered_as_long_as_its_job_may_take_it(editor_api):
    form = announce(editor_api, tiny_jpeg(1))
    put(form, tiny_jpeg(1))
    job_id = complete(editor_api, form)["job"]["id"]
    make_old(form, 50)  # in a queue that was paused
    assert is_remembered(form)
    cancel_by_id(job_id)
    assert is_remembered(form)  # somebody may try it again
    retry_by_id(job_id)
    assert perform_job(job_id) == "succeeded"
    assert look(editor_api, form)["state"] == "uploaded"
    assert is_remembered(form)  # whoever sent it may ask


def test_what_no_job_takes_any_more_is_forgotten(editor_api):
    form = announce(editor_api, tiny_jpeg(1))
    job_id = complete(editor_api, form)["job"]["id"]
    make_old(form, 8)
    cancel_by_id(job_id)
    discard_by_id(job_id)
    assert not is_remembered(form)


def is_remembered(form) -> bool:
    forget_direct_uploads()
    db.session.rollback()
    return db.session.get(DirectUpload, form["uploadId"]) is not None

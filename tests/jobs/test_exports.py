"""exportLibrary: the file is whole or not there, how far it is can be seen, and whoever lost the job writes nothing."""

from __future__ import annotations

import csv
import io
import shutil
import tracemalloc
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from tests.conftest import both_databases
from tests.support.batches import add_picture
from tests.support.people import make_user
from tests.support.rows import claimed, fresh
from webapp.database import db, transaction, utcnow
from webapp.jobs import Job, cancel_by_id, retry_by_id
from webapp.models import export_rows
from webapp.models.export import Export, cancel_export, make_again, start_export
from webapp.models.export_state import states_of
from webapp.models.media import Media, trash_media
from webapp.models.orphans import collect_orphans
from webapp.storage import StorageError, storage
from workers.perform import perform_job
from workers.tasks import exports as task

pytestmark = both_databases


@pytest.fixture
def ann(in_app) -> int:
    return make_user(in_app, "editor", "ann@example.org").id


@pytest.fixture
def pictures(in_app) -> list[int]:
    """The ids of three, whose files are there."""
    return [stored(number) for number in range(3)]


def stored(number: int, data: bytes | None = None) -> int:
    media = add_picture(None, number)
    storage().put(media.storage_key, data or b"%d" % number, "image/jpeg")
    return media.id


def start(by: int, form: str = "zip") -> Job:
    export = start_export(form, select(Media), "All pictures", form, by=by)
    return job_of(export)


def job_of(export: Export) -> Job:
    return db.session.scalars(select(Job).where(Job.subject == export.subject).order_by(Job.id.desc())).first()


def export() -> Export:
    db.session.rollback()
    return db.session.scalars(select(Export).execution_options(populate_existing=True)).one()


def words() -> str:
    (state,) = states_of([export()])
    return state.line.words


def content() -> zipfile.ZipFile:
    with storage().open(export().storage_key) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def left_on_disk(app) -> list[str]:
    files = app.config["SETTINGS"].data_dir / "files"
    return sorted(p.name for name in ("incoming", "exports") for p in (files / name).rglob("*") if p.is_file())


def test_a_zip_is_whole_and_says_what_is_in_it(in_app, ann, pictures):
    job = start(ann)
    assert perform_job(job.id) == "succeeded"
    made = export()
    size = storage().find(made.storage_key).size
    assert fresh(job).output == {"exportId": made.id, "pictures": 3, "missing": 0, "bytes": size}
    assert (made.filesize, made.done, made.done_bytes, made.missing) == (size, 3, 3, 0)
    assert content().testzip() is None
    assert len(content().namelist()) == 4
    assert words() == "Ready: 3 pictures"
    assert left_on_disk(in_app) == [Path(made.storage_key).name]


def test_a_file_that_is_missing_is_named_and_fails_nothing(in_app, ann, pictures):
    add_picture(None, 9)
    job = start(ann)
    assert perform_job(job.id) == "succeeded"
    assert fresh(job).output["missing"] == 1
    table = content().read("facts.csv").decode("utf-8-sig")
    assert [row["file"] for row in csv.DictReader(io.StringIO(table, newline=""))][-1] == "file missing"
    assert words() == "Ready: 4 pictures; 1 file is missing, and named in the table of facts"


def test_a_missing_file_is_named_in_the_facts_alone_too(in_app, ann, pictures):
    add_picture(None, 9)
    assert perform_job(start(ann, "csv").id) == "succeeded"
    with storage().open(export().storage_key) as file:
        assert file.read().count(b"file missing") == 1


def test_it_is_kept_for_a_day_and_then_collected(in_app, ann, pictures, monkeypatch):
    perform_job(start(ann).id)
    key = export().storage_key
    day = task.exports.KEPT_FOR
    later = utcnow() + day * 1.5
    with monkeypatch.context() as patched:
        patched.setattr("webapp.models.orphans.utcnow", lambda: later)
        with transaction() as session:
            session.execute(update(Export).values(kept_until=later + day))
        collect_orphans()
        assert storage().find(key) is not None  # a row that is kept names it
        with transaction() as session:
            session.execute(update(Export).values(kept_until=utcnow()))
        collect_orphans()
    assert storage().find(key) is None
    assert words() == "No longer kept"
    assert make_again(export(), "Tried again.", by=ann)
    assert perform_job(job_of(export()).id) == "succeeded"
    assert words() == "Ready: 3 pictures"


def test_pictures_that_were_deleted_since_are_left_out_and_the_plan_says_so(in_app, ann, pictures):
    job = start(ann)
    assert export().planned == 3
    trash_media(pictures[0])
    perform_job(job.id)
    assert (export().planned, export().done) == (2, 2)


def test_how_far_it_is_can_be_seen_while_it_is_made(in_app, ann, pictures, monkeypatch):
    monkeypatch.setattr(task, "TOLD_EVERY", -1)
    monkeypatch.setattr(export_rows, "PORTION", 1)
    seen: list[tuple[int, int, str]] = []
    tell = task.Told.tell

    def look(told):
        tell(told)
        seen.append((export().done, export().done_bytes, words()))

    monkeypatch.setattr(task.Told, "tell", look)
    perform_job(start(ann).id)
    assert seen[:2] == [(1, 1, "1 of 3 pictures"), (2, 2, "2 of 3 pictures")]
    assert seen[-1] == (3, 3, "Storing the file")


def test_cancelled_in_the_middle_it_ends_and_leaves_nothing(in_app, ann, pictures, monkeypatch):
    monkeypatch.setattr(task, "TOLD_EVERY", -1)
    add = task.Archive.add

    def cancel_and_add(archive, picture, originals):
        if picture.id == pictures[1]:
            cancel_export(export(), "Stopped by ann.")
        return add(archive, picture, originals)

    monkeypatch.setattr(task.Archive, "add", cancel_and_add)
    job = start(ann)
    assert perform_job(job.id) == "lost"
    assert export().done == 1
    assert (export().storage_key, left_on_disk(in_app)) == (None, [])
    assert words() == "Stopped by ann."


def test_cancelled_when_it_is_stored_already_it_is_not_offered(in_app, ann, pictures, monkeypatch):
    job = start(ann)
    put_file = type(storage()).put_file

    def put_and_cancel(*args):
        put_file(*args)
        cancel_by_id(job.id)

    monkeypatch.setattr(type(storage()), "put_file", put_and_cancel)
    assert perform_job(job.id) == "lost"
    assert (export().storage_key, left_on_disk(in_app)) == (None, [])


def test_one_that_fails_leaves_nothing_and_is_tried_again_by_itself(in_app, ann, pictures, monkeypatch):
    def refuse(*_args):
        raise StorageError("The file storage does not answer. Try again later.")

    job = start(ann)
    with monkeypatch.context() as patched:
        patched.setattr(type(storage()), "put_file", refuse)
        assert perform_job(job.id) == "retrying"
    assert (export().storage_key, left_on_disk(in_app)) == (None, [])
    assert words() == "Failed, will be tried again by itself"
    assert make_again(export(), "Tried again.", by=ann)
    assert perform_job(job.id) == "succeeded"


def test_what_an_earlier_try_left_is_removed(in_app, ann, pictures):
    job = start(ann)
    left = task.scratch_folder() / f"export-{export().id}-left"
    left.parent.mkdir(parents=True, exist_ok=True)
    other = left.with_name(f"export-{export().id}1-left")
    left.write_bytes(b"half")
    other.write_bytes(b"half of another")
    perform_job(job.id)
    assert (left.exists(), other.exists()) == (False, True)


def test_a_disk_without_room_is_told_in_words(in_app, ann, pictures, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**12, 10**12, task.ROOM_LEFT))
    assert perform_job(start(ann).id) == "failed"
    assert words() == "Failed: There is not enough room on the disk for so many pictures. Export fewer at once."


def test_run_again_when_it_is_ready_it_changes_nothing(in_app, ann, pictures):
    job = start(ann)
    cancel_by_id(job.id)
    make_again(export(), "Tried again.", by=ann)
    perform_job(job.id)
    key = export().storage_key
    assert not make_again(export(), "Tried again.", by=ann)
    with transaction() as session:
        session.execute(update(Job).where(Job.id == job.id).values(status="cancelled"))
    retry_by_id(job.id)
    assert perform_job(job.id) == "cancelled"
    assert (export().storage_key, words()) == (key, "Ready: 3 pictures")


def test_one_that_is_gone_is_not_made(in_app, ann, pictures):
    job = start(ann)
    with transaction() as session:
        session.execute(delete(Export))
    assert perform_job(job.id) == "cancelled"
    assert left_on_disk(in_app) == []


def test_exports_are_made_one_at_a_time(in_app, ann, pictures):
    one, other = start(ann), start(ann, "csv")
    claimed(one)
    assert perform_job(other.id) == "skipped"


def test_memory_does_not_grow_with_the_pictures(in_app, ann, monkeypatch):
    number = 40
    for n in range(number):
        stored(n, b"x" * 2_000_000)
    job = start(ann)
    tracemalloc.start()
    perform_job(job.id)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert export().filesize > number * 2_000_000
    assert peak < 12_000_000

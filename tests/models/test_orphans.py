"""Files that no row names are deleted once they are old; a file that a row names never is."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from config import Settings
from tests.conftest import both_databases
from webapp.database import db, transaction
from webapp.models import orphans
from webapp.models.media import Media, Rendition, trash_media
from webapp.models.orphans import Collected, collect_orphans
from webapp.storage import new_key, storage

pytestmark = [both_databases, pytest.mark.usefixtures("in_app")]

DAY = 24 * 3600  # seconds


@pytest.fixture
def files(settings: Settings) -> Path:
    return settings.data_dir / "files"


def store(files: Path, key: str, *, hours: float = 25) -> str:
    """A file of 3 bytes that was stored that long ago; its key."""
    storage().put(key, b"abc", "image/jpeg")
    make_old(files / key, hours)
    return key


def make_old(path: Path, hours: float = 25) -> None:
    moment = time.time() - hours * 3600
    os.utime(path, (moment, moment))


def name(key: str) -> Media:
    """Give it a media row."""
    with transaction() as session:
        media = Media(
            storage_key=key, filename="x.jpg", mime_type="image/jpeg", filesize=3, width=1, height=1, sha256=key
        )
        session.add(media)
    return media


def name_rendition(media: Media, key: str) -> None:
    facts = {"name": Path(key).name, "mime_type": "image/webp", "width": 1, "height": 1, "filesize": 3}
    with transaction() as session:
        session.add(Rendition(media_id=media.id, storage_key=key, **facts))


def test_deletes_old_files_that_no_row_names_and_says_how_many_and_how_large(files):
    original, rendition = store(files, new_key("jpg")), store(files, "renditions/001/1-320-a.webp")
    assert collect_orphans() == Collected(files=2, size=6)
    assert not (files / original).exists() and not (files / rendition).exists()
    assert collect_orphans() == Collected(0, 0)


def test_keeps_what_a_row_names_however_old(files):
    original, rendition = store(files, new_key("jpg"), hours=9999), store(files, "renditions/001/1-320-a.webp")
    name_rendition(name(original), rendition)
    assert collect_orphans() == Collected(0, 0)
    assert (files / original).exists() and (files / rendition).exists()


def test_what_lies_in_the_trash_is_live(files):
    original = store(files, new_key("jpg"))
    trash_media(name(original).id)
    assert collect_orphans() == Collected(0, 0)
    assert (files / original).exists()


@pytest.mark.parametrize(("hours", "goes"), [(0, False), (23.9, False), (24.1, True)])
def test_keeps_a_young_one_because_its_row_may_be_about_to_come(files, hours, goes):
    key = store(files, new_key("jpg"), hours=hours)
    assert collect_orphans().files == int(goes)
    assert (files / key).exists() is not goes


def test_the_age_can_be_chosen(files):
    store(files, new_key("jpg"), hours=2)
    assert collect_orphans(timedelta(hours=3)).files == 0
    assert collect_orphans(timedelta(hours=1)).files == 1


def test_deletes_what_a_killed_upload_or_job_left_half_written(files):
    for left in ("incoming/incoming-x", "renditions/001/.1-320-a.webp.0f3a"):
        store(files, left)
    assert collect_orphans().files == 2


def test_touches_nothing_else_that_lies_there(files):
    store(files, "notes.txt")
    store(files, "somebody/else.txt")
    assert collect_orphans().files == 0


def test_finds_the_orphans_among_more_files_than_are_looked_up_at_once(files, monkeypatch):
    monkeypatch.setattr(orphans, "BATCH", 3)
    live = [store(files, new_key("jpg")) for _ in range(7)]
    for key in live:
        name(key)
    for _ in range(7):
        store(files, new_key("jpg"))
    assert collect_orphans().files == 7
    assert all((files / key).exists() for key in live)


def when_looked_up_first(do) -> None:
    """Do it right after the rows of the first batch were looked up."""
    seen = []

    def after(_connection, _cursor, statement, *_):
        if "storage_key" in statement and not seen:
            seen.append(statement)
            do()

    event.listen(db.engine, "after_cursor_execute", after)


def test_a_file_named_in_the_last_moment_stays(app: Flask, files):
    key = store(files, new_key("jpg"))
    found = list(orphans.orphans(timedelta(hours=24)))
    name(key)
    assert [file.key for file in found] == [key]
    assert not orphans.still_orphan(found[0], timedelta(hours=24))


def test_a_file_stored_anew_after_it_was_looked_up_stays(files):
    key = store(files, "renditions/001/1-320-a.webp")
    when_looked_up_first(lambda: storage().put(key, b"abc", "image/webp"))
    assert collect_orphans() == Collected(0, 0)
    assert (files / key).exists()

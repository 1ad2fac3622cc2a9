"""`flask storage migrate`: every file that a row names gets to the other storage, whole, and nothing is lost."""

from __future__ import annotations

import hashlib
import os
import secrets
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import psutil
import pytest
from flask import Flask
from sqlalchemy import insert

from config import ROOT
from tests.conftest import both_databases
from tests.site.pictures import a_jpeg, take, upload
from tests.support import s3
from tests.support.waiting import wait_until
from webapp import moving
from webapp.database import db, transaction, utcnow
from webapp.models.deleting import delete_media
from webapp.models.export import Export
from webapp.models.media import Media, Rendition, trash_media
from webapp.models.orphans import named_keys
from webapp.models.replacing import replace_file
from webapp.storage import LocalStorage, Storage, incoming_file, new_key
from webapp.uploads import keep_picture

NOBODYS = "nobodys-"  # how the names of pictures begin that nobody looks at


@pytest.fixture
def disk(in_app: Flask) -> LocalStorage:
    return LocalStorage(in_app.config["SETTINGS"].data_dir / "files")


@pytest.fixture
def command(in_app: Flask, s3_server, s3_keys, monkeypatch):
    """`flask storage migrate …`; its exit code and what it said."""
    settings = in_app.config["SETTINGS"]
    monkeypatch.setattr(settings, "s3_bucket", s3.BUCKET)
    monkeypatch.setattr(settings, "s3_endpoint_url", s3_server.url)

    def run(*options: str) -> tuple[int, str]:
        result = in_app.test_cli_runner().invoke(args=["storage", "migrate", *options])
        db.session.rollback()
        return result.exit_code, result.output

    return run


@pytest.fixture
def library(in_app: Flask, disk: LocalStorage) -> dict[str, str]:
    """Of each kind of file one or more on the disk; the hash of each by its key."""
    replaced = upload()
    file = incoming_file()
    file.write(a_jpeg(90, 60))
    stored, facts = keep_picture(file, "new.jpg")
    replace_file(replaced.id, stored, facts, filename="new.jpg")
    trash_media(upload().id)
    export = f"exports/{secrets.token_hex(8)}.zip"
    disk.put(export, b"an export", "application/zip")
    with transaction() as session:
        facts = {"form": "zip", "title": "All", "choice": "x", "planned": 1, "planned_bytes": 1}
        session.add(Export(**facts, storage_key=export, filesize=9, kept_until=utcnow() + timedelta(days=1)))
    keys = {file.key for file in disk.every_file()}
    assert named_keys(keys) == keys
    assert {key.partition("/")[0] for key in keys} == {"originals", "renditions", "exports"}
    return hashes(disk, keys)


def add_pictures(disk: LocalStorage, number: int) -> set[str]:
    """So many that nobody looks at, each with a file of its own, as rows without jobs; their keys."""
    facts = {"mime_type": "image/jpeg", "width": 4, "height": 3}
    rows = []
    for each in range(number):
        key, data = new_key("jpg"), f"picture {each}".encode()
        disk.put(key, data, "image/jpeg")
        file = {"storage_key": key, "filesize": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        rows.append(facts | file | {"filename": f"{NOBODYS}{each}.jpg"})
    with transaction() as session:
        session.execute(insert(Media), rows)
    return {row["storage_key"] for row in rows}


def arrived(storage: Storage, keys: set[str]) -> set[str]:
    return {file.key for file in storage.every_file()} & keys


def is_done_with_others(port: int) -> bool:
    """The server of this port has let go of all but our own connections: what a dead process had sent is stored."""
    ours = {one.laddr.port for one in psutil.Process().net_connections("tcp")}
    open_ones = [one for one in psutil.net_connections("tcp") if one.status in ("ESTABLISHED", "CLOSE_WAIT")]
    return {one.raddr.port for one in open_ones if one.laddr.port == port} <= ours


def hashes(storage: Storage, keys) -> dict[str, str]:
    found = {}
    for key in keys:
        with storage.open(key) as file:
            found[key] = hashlib.sha256(file.read()).hexdigest()
    return found


@both_databases
def test_everything_a_row_names_gets_to_the_bucket_and_stays_on_the_disk(library, command, disk, s3_storage):
    disk.put("originals/00/nobody.jpg", b"no row names it", "image/jpeg")
    code, said = command("--to", "s3")
    assert code == 0, said
    assert f"Copied {len(library)} files" in said
    assert "start every process with S3_BUCKET, then run this once more" in said
    assert hashes(s3_storage, library) == library == hashes(disk, library)
    assert s3_storage.find("originals/00/nobody.jpg") is None


def test_run_again_it_copies_what_is_new_and_says_when_nothing_is_left(library, command, s3_storage):
    command("--to", "s3")
    new = take(a_jpeg(50, 40))
    code, said = command("--to", "s3")
    words = f"Copied 1 file ({new.filesize} bytes); {len(library)} were there already."
    assert (code, words in said) == (0, True), said
    assert s3_storage.find(new.storage_key).size == new.filesize
    assert "Left: nothing to copy" in command("--to", "s3")[1]


def test_and_back_to_an_empty_disk(library, command, disk):
    command("--to", "s3")
    for key in library:
        disk.delete(key)
    code, said = command("--to", "local")
    assert code == 0, said
    assert hashes(disk, library) == library


def test_renditions_may_be_kept_for_ever_there_and_originals_are_private(library, command, s3_storage):
    command("--to", "s3")
    kept = {key: s3_storage.client.head_object(Bucket=s3.BUCKET, Key=key)["CacheControl"] for key in library}
    assert all(("immutable" in value) == key.startswith("renditions/") for key, value in kept.items())


def test_what_is_there_with_another_size_is_copied_again(library, command, s3_storage):
    key = next(iter(library))
    s3_storage.put(key, b"half", "image/jpeg")
    command("--to", "s3")
    assert hashes(s3_storage, [key])[key] == library[key]


def test_only_verify_finds_other_bytes_of_the_same_size(library, command, s3_storage):
    command("--to", "s3")
    key = next(key for key in library if key.startswith("renditions"))
    s3_storage.put(key, bytes(s3_storage.find(key).size), "image/webp")
    assert "Left: nothing to copy" in command("--to", "s3")[1]
    assert "Copied 1 file " in command("--to", "s3", "--verify")[1]
    assert hashes(s3_storage, [key])[key] == library[key]


def test_the_source_is_deleted_only_when_asked_and_only_what_was_read_back(library, command, disk, s3_storage):
    key = next(key for key in library if key.startswith("originals"))
    disk.put(key, b"damaged", "image/jpeg")
    disk.put("originals/00/nobody.jpg", b"no row names it", "image/jpeg")
    code, said = command("--to", "s3", "--delete-source", "--yes")
    assert (code, f"NOT COPIED  {key}" in said) == (1, True), said
    assert f"Deleted {len(library) - 1} files at the source" in said
    assert {file.key for file in disk.every_file()} == {key, "originals/00/nobody.jpg"}
    others = {other: digest for other, digest in library.items() if other != key}
    assert hashes(s3_storage, others) == others
    assert "Deleted 0 files" in command("--to", "s3", "--delete-source", "--yes")[1]


def test_it_asks_before_it_deletes(library, command, disk):
    code, said = command("--to", "s3", "--delete-source")
    assert (code, "Does every process" in said) == (1, True)
    assert {file.key for file in disk.every_file()} == library.keys()


def test_a_missing_file_is_told_and_the_others_are_copied(library, command, disk, s3_storage):
    key = next(iter(library))
    disk.delete(key)
    code, said = command("--to", "s3")
    assert (code, f"NOT COPIED  {key}: missing at the source" in said) == (1, True), said
    assert hashes(s3_storage, library.keys() - {key}) == {k: v for k, v in library.items() if k != key}


def test_without_a_bucket_it_says_what_to_set(in_app):
    result = in_app.test_cli_runner().invoke(args=["storage", "migrate", "--to", "s3"])
    assert (result.exit_code, "Set S3_BUCKET" in result.output) == (1, True)


def test_with_the_bucket_away_it_ends_in_words(library, command, in_app, monkeypatch):
    monkeypatch.setattr(in_app.config["SETTINGS"], "s3_endpoint_url", "http://127.0.0.1:9")
    code, said = command("--to", "s3")
    assert (code, "does not answer" in said) == (1, True)


@both_databases
def test_pictures_that_come_and_go_meanwhile_do_no_harm(library, command, in_app, disk, s3_storage):
    add_pictures(disk, 100)
    doomed = [media.id for media in db.session.query(Media).filter(Media.filename.startswith(NOBODYS))][::2]
    db.session.rollback()
    stop = threading.Event()

    def edit() -> None:
        with in_app.app_context():
            for media_id in doomed:
                trash_media(media_id)
                delete_media(media_id)
                take(a_jpeg(20, 20))
            stop.set()

    editor = threading.Thread(target=edit)
    editor.start()
    codes = [command("--to", "s3")[0]]
    editor.join()
    codes.append(command("--to", "s3")[0])
    assert (codes, stop.is_set()) == ([0, 0], True)
    keys = {media.storage_key for media in db.session.query(Media)} | {
        r.storage_key for r in db.session.query(Rendition)
    }
    assert hashes(s3_storage, keys) == hashes(disk, keys)


def test_killed_in_the_middle_it_goes_on_when_it_is_run_again(
    in_app, command, disk, s3_storage, s3_server, monkeypatch
):
    keys = add_pictures(disk, 200)
    monkeypatch.setattr(moving, "PORTION", 60)  # so that even these are several
    settings = in_app.config["SETTINGS"]
    env = os.environ | {
        "FLASK_APP": "wsgi.py",
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "S3_BUCKET": s3.BUCKET,
        "S3_ENDPOINT_URL": s3_server.url,
    }
    arguments = [sys.executable, "-m", "flask", "storage", "migrate", "--to", "s3"]
    process = subprocess.Popen(arguments, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    wait_until(lambda: len(arrived(s3_storage, keys)) >= 3)
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_until(lambda: is_done_with_others(int(s3_server.url.rpartition(":")[2])))
    there = len(arrived(s3_storage, keys))
    assert there < len(keys)
    code, said = command("--to", "s3")
    assert (code, f"; {there} were there already." in said) == (0, True), said
    assert hashes(s3_storage, keys) == hashes(disk, keys)
    left = list((settings.data_dir / "files" / "incoming").glob("*"))
    assert len(left) <= 8  # copies on their way, collected as any orphan

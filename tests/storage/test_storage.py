"""One suite for every storage: what is kept is there, whole, and what is not kept is gone."""

from __future__ import annotations

import hashlib
import os
import resource
import secrets
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support import s3
from webapp.database import utcnow
from webapp.storage import IncomingFile, LocalStorage, S3Storage, Storage, StorageError, connect_s3, new_key, s3_parts


@pytest.fixture
def incoming(tmp_path: Path) -> IncomingFile:
    incoming = IncomingFile(tmp_path / "incoming", limit=1000)
    incoming.write(b"some ")
    incoming.write(b"bytes")
    return incoming


def test_keeps_an_upload_with_its_size_and_hash(storage: Storage, incoming: IncomingFile) -> None:
    key = new_key("jpg")
    stored = storage.keep(incoming, key)
    assert (stored.key, stored.size, stored.sha256) == (key, 10, hashlib.sha256(b"some bytes").hexdigest())
    with storage.open(key) as file:
        assert file.read() == b"some bytes"


def test_closing_a_kept_upload_leaves_the_stored_file(storage: Storage, incoming: IncomingFile) -> None:
    key = new_key("jpg")
    storage.keep(incoming, key)
    incoming.close()
    with storage.open(key) as file:
        assert file.read() == b"some bytes"
    assert not list(incoming.path.parent.iterdir())


def test_an_upload_that_is_not_kept_leaves_nothing(incoming: IncomingFile) -> None:
    incoming.close()
    assert not list(incoming.path.parent.iterdir())


def test_bytes_past_the_limit_are_counted_but_not_stored(tmp_path: Path) -> None:
    incoming = IncomingFile(tmp_path, limit=4)
    incoming.write(b"1234")
    incoming.write(b"56")
    incoming.flush()
    assert (incoming.too_large, incoming.size, os.path.getsize(incoming.path)) == (True, 6, 4)
    incoming.close()


def test_an_upload_that_the_disk_refuses_is_read_to_its_end_but_not_kept(
    storage: Storage, incoming: IncomingFile
) -> None:
    size, limits = incoming.size, resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 2, limits[1]))
    try:
        incoming.write(b"1234")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    incoming.write(b"56")
    assert (incoming.size, os.path.getsize(incoming.path)) == (size + 6, size + 2)
    with pytest.raises(StorageError, match="could not be stored"):
        storage.keep(incoming, new_key("jpg"))
    incoming.close()
    assert not list(incoming.path.parent.iterdir())


def test_an_upload_that_can_not_even_begin_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "incoming").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="could not be stored"):
        IncomingFile(tmp_path / "incoming", limit=4)


def test_putting_twice_replaces(storage: Storage) -> None:
    storage.put("renditions/1/a.webp", b"old", "image/webp")
    storage.put("renditions/1/a.webp", b"new", "image/webp")
    with storage.open("renditions/1/a.webp") as file:
        assert file.read() == b"new"


def test_a_missing_file_is_a_file_not_found_error(storage: Storage) -> None:
    with pytest.raises(FileNotFoundError):
        storage.open("originals/no/such")


def test_deleting_twice_is_harmless(storage: Storage) -> None:
    storage.put("x", b"x", "image/webp")
    storage.delete("x")
    storage.delete("x")
    with pytest.raises(FileNotFoundError):
        storage.open("x")


def test_says_when_it_can_be_used(storage: Storage) -> None:
    storage.check()


def test_a_key_can_not_leave_the_local_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="left the storage folder"):
        LocalStorage(tmp_path / "files").put("../outside", b"", "image/webp")


def test_a_disk_that_refuses_is_told_in_words_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="could not be stored"):
        LocalStorage(tmp_path / "files").put("a/b", b"x", "image/webp")


@pytest.mark.usefixtures("s3_keys")
def test_a_missing_bucket_is_told_by_name(s3_server: s3.S3Server) -> None:
    with pytest.raises(StorageError, match="no bucket called nowhere"):
        S3Storage("nowhere", connect_s3(s3_server.url)).check()


@pytest.mark.usefixtures("s3_keys")
def test_an_s3_server_that_does_not_answer_is_told_in_words() -> None:
    away = S3Storage(s3.BUCKET, connect_s3("http://127.0.0.1:9"))
    with pytest.raises(StorageError, match="does not answer"):
        away.check()


def test_finds_a_file_with_its_size_and_when_it_was_stored(storage: Storage) -> None:
    before = utcnow() - timedelta(seconds=2)  # S3 counts whole seconds
    storage.put("renditions/1/found.webp", b"four", "image/webp")
    found = storage.find("renditions/1/found.webp")
    assert found is not None
    assert (found.key, found.size) == ("renditions/1/found.webp", 4)
    assert before <= found.stored_at <= utcnow() + timedelta(seconds=2)


def test_finds_nothing_where_there_is_none(storage: Storage) -> None:
    assert storage.find("originals/no/such") is None


def test_lists_every_original_and_rendition_but_nothing_of_others(storage: Storage, incoming: IncomingFile) -> None:
    original, rendition = new_key("jpg"), f"renditions/7/{secrets.token_hex(4)}.webp"
    storage.keep(incoming, original)
    storage.put(rendition, b"four", "image/webp")
    storage.put("others/theirs.webp", b"x", "image/webp")
    sizes = {file.key: file.size for file in storage.every_file()}
    assert (sizes[original], sizes[rendition]) == (10, 4)
    assert "others/theirs.webp" not in sizes


@pytest.fixture
def few_an_answer(storage: Storage) -> None:
    """S3 answers with ten keys at once, not with a thousand: nobody has to store a thousand files to see more."""
    if isinstance(storage, S3Storage):
        event = "provide-client-params.s3.ListObjectsV2"
        storage.client.meta.events.register(event, lambda params, **_: params | {"MaxKeys": 10})


@pytest.mark.usefixtures("few_an_answer")
def test_lists_more_files_than_one_answer_of_s3_holds(storage: Storage) -> None:
    keys = {f"renditions/many/{number}.webp" for number in range(35)}
    for key in keys:
        storage.put(key, b"x", "image/webp")
    assert keys <= {file.key for file in storage.every_file()}


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of two parts and a bit, as S3 takes them."""
    monkeypatch.setattr(s3_parts, "PART", 5 * 1024 * 1024)
    path = tmp_path / "incoming" / "large"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join(b"%010d" % number for number in range(1_100_000)))
    return path


def test_a_large_file_is_stored_whole_and_moved_from_where_it_was(storage: Storage, large: Path) -> None:
    data, key = large.read_bytes(), f"exports/{secrets.token_hex(8)}.zip"
    storage.put_file(key, large, "application/zip")
    assert not large.exists()
    found = storage.find(key)
    assert found is not None and found.size == len(data)
    with storage.stream(key) as file:
        assert file.read() == data
    assert key in {file.key for file in storage.every_file()}


def test_a_small_and_an_empty_file_are_stored_too(storage: Storage, tmp_path: Path) -> None:
    for data in (b"small", b""):
        (tmp_path / "small").write_bytes(data)
        storage.put_file("exports/small.csv", tmp_path / "small", "text/csv")
        with storage.stream("exports/small.csv") as file:
            assert file.read() == data


def test_a_stream_can_be_sought(storage: Storage, large: Path) -> None:
    data, key = large.read_bytes(), f"exports/{secrets.token_hex(8)}.zip"
    storage.put_file(key, large, "application/zip")
    with storage.stream(key) as file:
        assert file.seekable()
        file.seek(9_000_005)
        assert file.read(20) == data[9_000_005:9_000_025]
        assert file.seek(-5, os.SEEK_END) == len(data) - 5
        assert (file.read(), file.read()) == (data[-5:], b"")
        file.seek(len(data) + 10)
        assert file.read(1) == b""


def test_a_stream_of_nothing_is_a_file_not_found_error(storage: Storage) -> None:
    with pytest.raises(FileNotFoundError):
        storage.stream("exports/no-such.zip")


@pytest.mark.usefixtures("s3_keys")
def test_a_large_file_that_s3_refuses_in_the_middle_leaves_nothing_there(
    s3_server: s3.S3Server, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = S3Storage(s3.BUCKET, connect_s3(s3_server.url))
    upload_part = storage.client.upload_part

    def only_the_first(**part: object) -> object:
        return upload_part(**part) if part["PartNumber"] == 1 else upload_part(**part | {"UploadId": "none"})

    monkeypatch.setattr(storage.client, "upload_part", only_the_first)
    with pytest.raises((StorageError, FileNotFoundError)):
        storage.put_file("exports/half.zip", large, "application/zip")
    assert storage.find("exports/half.zip") is None
    unfinished = storage.client.list_multipart_uploads(Bucket=s3.BUCKET, Prefix="exports/half").get("Uploads", [])
    assert unfinished == []
    assert large.exists()

"""put / open / list / delete of files: on the local disk, or in an S3 bucket when S3_BUCKET is set."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from flask import Flask, current_app

from webapp.incoming import IncomingFile, StorageError, words_for_full_disk
from webapp.s3_files import FETCHED, FileOnS3, send_file

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

COPY_BYTES = 1024 * 1024
ORIGINALS, RENDITIONS, EXPORTS, INCOMING = "originals", "renditions", "exports", "incoming"  # what keys begin with


@dataclass(frozen=True)
class StoredFile:
    key: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True)
class FoundFile:
    """A file that lies in storage, wanted or not."""

    key: str
    size: int  # bytes
    stored_at: datetime


class Storage(Protocol):
    def keep(self, incoming: IncomingFile, key: str) -> StoredFile:
        """Make the upload a stored file, for good once it returns. Raises StorageError."""

    def put(self, key: str, data: bytes, mime_type: str) -> None:
        """Store whole or not at all. Raises StorageError."""

    def put_file(self, key: str, path: Path, mime_type: str) -> None:
        """Store a file of `scratch_folder()`, however large, whole or not at all; it is gone from there after it.

        Raises StorageError.
        """

    def open(self, key: str) -> IO[bytes]:
        """Raises FileNotFoundError."""

    def stream(self, key: str) -> IO[bytes]:
        """To be sent on, however large: can be sought, and is never copied to this machine first.

        Raises FileNotFoundError.
        """

    def delete(self, key: str) -> None:
        """Harmless when there is none."""

    def find(self, key: str) -> FoundFile | None:
        """None when there is none."""

    def every_file(self) -> Iterator[FoundFile]:
        """All there are, in no order; also what a killed process left half written."""

    def local_path(self, key: str) -> Path | None:
        """Where the file lies on this machine; None when it does not."""

    def check(self) -> None:
        """Raises StorageError with words when files can't be stored."""


class LocalStorage:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, incoming: IncomingFile, key: str) -> StoredFile:
        incoming.flush()
        with words_for_full_disk():
            os.fsync(incoming.file.fileno())
            target = self._path(key)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(incoming.path, target)
            sync_folder(target.parent)
        return StoredFile(key, incoming.size, incoming.sha256)

    def put(self, key: str, data: bytes, mime_type: str) -> None:
        target = self._path(key)
        with words_for_full_disk():
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
            try:
                with partial.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(partial, target)
            finally:
                partial.unlink(missing_ok=True)
            sync_folder(target.parent)

    def put_file(self, key: str, path: Path, mime_type: str) -> None:
        target = self._path(key)
        with words_for_full_disk():
            sync_file(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
            sync_folder(target.parent)

    def open(self, key: str) -> IO[bytes]:
        return self._path(key).open("rb")

    def stream(self, key: str) -> IO[bytes]:
        return self.open(key)

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def find(self, key: str) -> FoundFile | None:
        try:
            facts = self._path(key).stat()
        except FileNotFoundError:
            return None
        return FoundFile(key, facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC))

    def every_file(self) -> Iterator[FoundFile]:
        for folder in (ORIGINALS, RENDITIONS, EXPORTS, INCOMING):
            for path in (self.folder / folder).rglob("*"):
                found = self.find(path.relative_to(self.folder).as_posix()) if path.is_file() else None
                if found:  # it may have been deleted meanwhile
                    yield found

    def local_path(self, key: str) -> Path | None:
        return self._path(key)

    def check(self) -> None:
        with words_for_full_disk():
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder) as file:
                file.write(b"ok")

    def _path(self, key: str) -> Path:
        path = (self.folder / key).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise ValueError("A storage key left the storage folder")
        return path


class S3Storage:
    def __init__(self, bucket: str, client: S3Client) -> None:
        self.bucket, self.client = bucket, client

    def keep(self, incoming: IncomingFile, key: str) -> StoredFile:
        incoming.flush()
        incoming.seek(0)
        with words_for_s3():
            self.client.put_object(Bucket=self.bucket, Key=key, Body=incoming.file)
        return StoredFile(key, incoming.size, incoming.sha256)

    def put(self, key: str, data: bytes, mime_type: str) -> None:
        with words_for_s3():
            self.client.put_object(Bucket=self.bucket, Key=key, Body=data, ContentType=mime_type)

    def put_file(self, key: str, path: Path, mime_type: str) -> None:
        with words_for_s3():
            send_file(self.client, self.bucket, key, path, mime_type)
        path.unlink(missing_ok=True)

    def open(self, key: str) -> IO[bytes]:
        file = tempfile.SpooledTemporaryFile(max_size=COPY_BYTES)  # noqa: SIM115
        try:
            with words_for_s3():  # in this thread: a time limit can't interrupt those of download_fileobj
                body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
                shutil.copyfileobj(body, file, COPY_BYTES)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    def stream(self, key: str) -> IO[bytes]:
        found = self.find(key)
        if found is None:
            raise FileNotFoundError(key)
        return io.BufferedReader(FileOnS3(self.client, self.bucket, key, found.size), FETCHED)

    def delete(self, key: str) -> None:
        with words_for_s3():
            self.client.delete_object(Bucket=self.bucket, Key=key)

    def find(self, key: str) -> FoundFile | None:
        try:
            with words_for_s3():
                facts = self.client.head_object(Bucket=self.bucket, Key=key)
        except FileNotFoundError:
            return None
        return FoundFile(key, facts["ContentLength"], facts["LastModified"])

    def every_file(self) -> Iterator[FoundFile]:
        """Of ours: the bucket may hold the files of others too."""
        for folder in (ORIGINALS, RENDITIONS, EXPORTS):
            with words_for_s3():
                pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{folder}/")
                for page in pages:
                    for file in page.get("Contents", []):
                        yield FoundFile(file["Key"], file["Size"], file["LastModified"])

    def local_path(self, key: str) -> Path | None:
        return None

    def check(self) -> None:
        try:
            with words_for_s3():
                self.client.head_bucket(Bucket=self.bucket)
        except FileNotFoundError:
            raise StorageError(f"There is no bucket called {self.bucket}.") from None


@contextmanager
def words_for_s3() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            raise FileNotFoundError(str(error)) from None
        raise StorageError("The file storage refused. Try again later.") from error
    except BotoCoreError as error:
        raise StorageError("The file storage does not answer. Try again later.") from error


def sync_folder(folder: Path) -> None:
    """Make a rename in it survive a power cut."""
    sync_file(folder)


def sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def new_key(extension: str) -> str:
    """A key for an original, made here and nowhere else: no part of it comes from the uploader."""
    name = secrets.token_hex(16)
    return f"{ORIGINALS}/{name[:2]}/{name}.{extension}"


def init_storage(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    if settings.s3_bucket:
        app.extensions["gallerist_storage"] = S3Storage(settings.s3_bucket, connect_s3(settings.s3_endpoint_url))
    else:
        app.extensions["gallerist_storage"] = LocalStorage(settings.data_dir / "files")


def connect_s3(endpoint_url: str | None) -> S3Client:
    import boto3  # 20 MB that the local disk does not need
    from botocore.config import Config

    limits = Config(connect_timeout=3, read_timeout=30, retries={"max_attempts": 2, "mode": "standard"})
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    return boto3.client("s3", endpoint_url=endpoint_url, region_name=region, config=limits)


def storage() -> Storage:
    found: Storage = current_app.extensions["gallerist_storage"]
    return found


def incoming_file() -> IncomingFile:
    return IncomingFile(scratch_folder(), current_app.config["SETTINGS"].max_upload_bytes)


def scratch_folder() -> Path:
    """For files on their way to storage, on the disk where it may lie itself; what is left there is collected."""
    folder: Path = current_app.config["SETTINGS"].data_dir / "files" / INCOMING
    return folder

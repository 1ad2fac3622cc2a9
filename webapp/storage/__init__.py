"""put / open / list / delete of files: on the local disk, or in an S3 bucket when S3_BUCKET is set."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, current_app

from webapp.storage.files import EXPORTS, INCOMING, ORIGINALS, RENDITIONS, FoundFile, Storage, StoredFile, new_key
from webapp.storage.incoming import IncomingFile, StorageError, words_for_full_disk
from webapp.storage.local import LocalStorage
from webapp.storage.s3 import S3Storage, connect_s3

__all__ = [
    "EXPORTS",
    "INCOMING",
    "ORIGINALS",
    "RENDITIONS",
    "FoundFile",
    "IncomingFile",
    "LocalStorage",
    "S3Storage",
    "Storage",
    "StorageError",
    "StoredFile",
    "connect_s3",
    "direct_storage",
    "incoming_file",
    "init_storage",
    "new_key",
    "scratch_folder",
    "storage",
    "words_for_full_disk",
]


def init_storage(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    if settings.s3_bucket:
        app.extensions["gallerist_storage"] = S3Storage(
            settings.s3_bucket, connect_s3(settings.s3_endpoint_url, settings.s3_timeout)
        )
    else:
        app.extensions["gallerist_storage"] = LocalStorage(settings.data_dir / "files")


def storage() -> Storage:
    found: Storage = current_app.extensions["gallerist_storage"]
    return found


def direct_storage() -> S3Storage | None:
    """Where browsers may put files themselves; None when they must send them to us."""
    found = storage()
    return found if isinstance(found, S3Storage) and current_app.config["SETTINGS"].direct_uploads else None


def incoming_file() -> IncomingFile:
    return IncomingFile(scratch_folder(), current_app.config["SETTINGS"].max_upload_bytes)


def scratch_folder() -> Path:
    """For files on their way to storage, on the disk where it may lie itself; what is left there is collected."""
    folder: Path = current_app.config["SETTINGS"].data_dir / "files" / INCOMING
    return folder

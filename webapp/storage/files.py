"""What any storage does, and the names of files in it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

from webapp.storage.incoming import IncomingFile

# What keys begin with; nothing else is ours.
ORIGINALS, RENDITIONS, EXPORTS, INCOMING = FOLDERS = ("originals", "renditions", "exports", "incoming")


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


def new_key(extension: str) -> str:
    """A key for an original, made here and nowhere else: no part of it comes from the uploader."""
    name = secrets.token_hex(16)
    return f"{ORIGINALS}/{name[:2]}/{name}.{extension}"

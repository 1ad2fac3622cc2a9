"""Files on the disk of this machine."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from webapp.storage.files import FOLDERS, FoundFile, StoredFile
from webapp.storage.incoming import IncomingFile, words_for_full_disk


class LocalStorage:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, incoming: IncomingFile, key: str) -> StoredFile:
        incoming.flush()
        with words_for_full_disk():
            target = self._path(key)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(incoming.path, target)  # nobody knows the key yet, and ext4 then writes file and name at once
            try:
                os.fsync(incoming.file.fileno())
                sync_folder(target.parent)
            except OSError:
                target.unlink(missing_ok=True)
                raise
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
        for folder in FOLDERS:
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


def sync_folder(folder: Path) -> None:
    """Make a rename in it survive a power cut."""
    sync_file(folder)


def sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

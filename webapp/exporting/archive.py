"""The two forms of an export. Each is written from its first byte to its last, with little of it in memory."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol

from webapp.exporting.names import UniqueNames
from webapp.exporting.table import MISSING, Picture, Table

TABLE_NAME = "facts.csv"
COPY_BYTES = 1024 * 1024
MOST_IN_MEMORY = 1024 * 1024  # bytes of the table; a longer one lies on the disk


class Originals(Protocol):
    """Where the files are, by their storage key."""

    def open(self, key: str) -> IO[bytes]:
        """Raises FileNotFoundError."""

    def find(self, key: str) -> Any:
        """None when there is none."""


class TableAlone:
    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._table = Table(self._file)

    def add(self, picture: Picture, originals: Originals) -> bool:
        """False when its file is missing."""
        found = originals.find(picture.storage_key) is not None
        self._table.add(picture, "" if found else MISSING)
        return found

    def finish(self) -> None:
        self._table.finish()

    def close(self) -> None:
        self._file.close()


class Archive:
    """A zip whose pictures are stored as they are: to deflate them takes long and gains nothing."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)
        self._facts = tempfile.SpooledTemporaryFile(max_size=MOST_IN_MEMORY, dir=str(path.parent))  # noqa: SIM115
        self._table = Table(self._facts)
        self._names = UniqueNames(TABLE_NAME)

    def add(self, picture: Picture, originals: Originals) -> bool:
        """False when its file is missing. What else goes wrong with it spoils the archive, and is raised."""
        try:
            original = originals.open(picture.storage_key)
        except FileNotFoundError:
            self._table.add(picture, MISSING)
            return False
        name = self._names.give(picture.filename, picture.mime_type)
        with original, self._zip.open(entry(name, picture.uploaded_at, picture.filesize), "w") as copy:
            shutil.copyfileobj(original, copy, COPY_BYTES)
        self._table.add(picture, name)
        return True

    def finish(self) -> None:
        """The table comes last, as it says which files are missing."""
        self._table.finish()
        size = self._facts.tell()
        self._facts.seek(0)
        with self._zip.open(entry(TABLE_NAME, datetime.now(UTC), size), "w") as copy:
            shutil.copyfileobj(self._facts, copy, COPY_BYTES)
        self._zip.close()

    def close(self) -> None:
        """Harmless after it is finished, and when the disk is full."""
        self._facts.close()
        with suppress(OSError, ValueError):
            self._zip.close()


def entry(name: str, moment: datetime, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, moment.timetuple()[:6])
    info.external_attr = 0o644 << 16
    info.file_size = size  # by which it is known whether the entry needs the form for more than 4 GB
    return info

"""An upload on its way to storage."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StorageError(Exception):
    """The file could not be stored; the message is for an editor."""


class IncomingFile:
    """An upload on its way: written to disk and hashed as it arrives. Nothing of it is left unless it is kept.

    Raises StorageError when it can't even begin.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        with words_for_full_disk():
            folder.mkdir(parents=True, exist_ok=True)
            # Without a buffer, whose rest a full disk would refuse only when the file is closed.
            self.file = tempfile.NamedTemporaryFile(  # noqa: SIM115
                dir=folder, prefix="incoming-", delete=False, buffering=0
            )
        self.path = Path(self.file.name)
        self.limit = limit
        self.size = 0
        self.refused: OSError | None = None  # by the disk
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Bytes past the limit, or that the disk refuses, are only counted, so that the form can be read to its end."""
        self.size += len(data)
        if self.size <= self.limit and not self.refused:
            self._hash.update(data)
            try:
                self._write_all(data)
            except OSError as error:
                self.refused = error
        return len(data)

    def _write_all(self, data: bytes) -> None:
        """A disk that is nearly full takes a part."""
        rest = memoryview(data)
        while rest:
            rest = rest[self.file.write(rest) :]

    @property
    def too_large(self) -> bool:
        return self.size > self.limit

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def read(self, size: int = -1) -> bytes:
        return self.file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    def flush(self) -> None:
        """Raises StorageError when not all of it could be written."""
        if self.refused:
            with words_for_full_disk():
                raise self.refused

    def close(self) -> None:
        """Forget the upload; harmless after it was kept."""
        self.file.close()
        self.path.unlink(missing_ok=True)


@contextmanager
def words_for_full_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"The file could not be stored ({reason}). Try again later.") from error

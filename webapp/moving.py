"""Copying every file that a row names from one storage to the other, while the site runs."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import IO, Any

from sqlalchemy import ColumnElement, func, literal, null, select

from webapp.database import db, utcnow
from webapp.models.export import MIME_TYPES, Export
from webapp.models.former_file import FormerFile
from webapp.models.media import Media, Rendition
from webapp.models.orphans import named_keys
from webapp.storage import IncomingFile, Storage

PORTION = 500  # rows read at once; no transaction is held open while their files are copied
AT_ONCE = 8  # files
COPY_BYTES = 1024 * 1024
NO_LIMIT = sys.maxsize

COPIED, THERE, MISSING, DAMAGED = "copied", "there", "missing", "damaged"


@dataclass(frozen=True)
class Wanted:
    """A file that a row names, with what the row knows of it."""

    key: str
    size: int | None  # bytes
    sha256: str | None
    mime_type: str


@dataclass(frozen=True)
class Outcome:
    what: str
    size: int = 0  # bytes copied
    deleted: bool = False  # at the source


@dataclass
class Moved:
    """How far it is."""

    files: Counter[str] = field(default_factory=Counter)  # by outcome
    size: int = 0  # bytes copied
    deleted: int = 0  # files at the source
    trouble: list[tuple[str, str]] = field(default_factory=list)  # outcome and key of what could not be copied

    @property
    def done(self) -> int:
        return self.files.total()

    def count(self, portion: list[Wanted], outcomes: list[Outcome]) -> None:
        """What is missing because it was deleted meanwhile is nobody's trouble."""
        keys = [wanted.key for wanted in portion]
        lost = {key for key, outcome in zip(keys, outcomes, strict=True) if outcome.what == MISSING}
        gone = lost - named_keys(lost) if lost else set()
        for key, outcome in zip(keys, outcomes, strict=True):
            if key not in gone:
                self._count_one(key, outcome)

    def _count_one(self, key: str, outcome: Outcome) -> None:
        self.files[outcome.what] += 1
        self.size += outcome.size
        self.deleted += outcome.deleted
        if outcome.what in (MISSING, DAMAGED):
            self.trouble.append((outcome.what, key))


@dataclass(frozen=True)
class Move:
    """From one storage to the other; `scratch` is a folder on the disk where files lie.

    A key is made once and never given to other bytes, and both storages store whole or not at all: so what lies there
    with the right size is the file. `verify` reads it nevertheless, on both sides. Nothing is deleted that was not.
    """

    source: Storage
    target: Storage
    scratch: Path
    verify: bool = False
    delete_source: bool = False

    def run(self) -> Iterator[Moved]:
        """Go through all rows; how far it is, after each portion. Raises StorageError, and can then be run again."""
        moved = Moved()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for portion in portions():
                moved.count(portion, list(pool.map(self.move, portion)))
                yield moved

    def move(self, wanted: Wanted) -> Outcome:
        """What became of one file. Runs in a thread, and so asks no row."""
        try:
            outcome = self._bring(wanted)
        except FileNotFoundError:
            return Outcome(THERE if self._is_there(wanted) else MISSING)
        if not self.delete_source or outcome.what == DAMAGED or self.source.find(wanted.key) is None:
            return outcome
        self.source.delete(wanted.key)
        return replace(outcome, deleted=True)

    def _bring(self, wanted: Wanted) -> Outcome:
        look = self.verify or self.delete_source
        if self._is_there(wanted) and (not look or self._is_same(wanted)):
            return Outcome(THERE)
        return self._copy(wanted)

    def _is_there(self, wanted: Wanted) -> bool:
        there = self.target.find(wanted.key)
        if there is None:
            return False
        here = self.source.find(wanted.key) if wanted.size is None else None
        return there.size == (here.size if here else wanted.size or there.size)

    def _is_same(self, wanted: Wanted) -> bool:
        there = digest_at(self.target, wanted.key)
        return there == (wanted.sha256 or digest_at(self.source, wanted.key))

    def _copy(self, wanted: Wanted) -> Outcome:
        """By way of a file here, and read back from there."""
        with closing(IncomingFile(self.scratch, NO_LIMIT)) as copy:
            with self.source.stream(wanted.key) as file:
                shutil.copyfileobj(file, copy, COPY_BYTES)
            copy.flush()
            if (wanted.sha256 or copy.sha256, wanted.size or copy.size) != (copy.sha256, copy.size):
                return Outcome(DAMAGED)
            self.target.put_file(wanted.key, copy.path, wanted.mime_type)
        is_same = digest_at(self.target, wanted.key) == copy.sha256
        return Outcome(COPIED, copy.size) if is_same else Outcome(DAMAGED)


def digest_at(storage: Storage, key: str) -> str:
    """SHA-256. Raises FileNotFoundError."""
    with storage.stream(key) as file:
        return digest_of(file)


def digest_of(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for data in iter(partial(file.read, COPY_BYTES), b""):
        digest.update(data)
    return digest.hexdigest()


def portions() -> Iterator[list[Wanted]]:
    """Every file that a row names: originals, those before them, renditions, and exports that are kept."""
    for model, columns, conditions in _sources():
        last = 0
        while rows := _rows_after(last, model, columns, conditions):
            last = rows[-1][0]
            yield [Wanted(key, size, sha256, MIME_TYPES.get(kind, kind)) for _, key, size, sha256, kind in rows]


def count_files() -> int:
    """About as many will be gone through: more may come, and some may go."""
    counts = [select(func.count()).select_from(model).where(*conditions) for model, _, conditions in _sources()]
    total = sum(db.session.scalar(count) or 0 for count in counts)
    db.session.rollback()
    return total


def _sources() -> list[tuple[Any, tuple[Any, ...], tuple[ColumnElement[bool], ...]]]:
    """The model; key, size, hash and kind of its files; and which of its rows have one."""
    of_file = ("storage_key", "filesize", "sha256", "mime_type")
    former = tuple(getattr(FormerFile, name) for name in of_file)
    replaced = (Media.replaced_key, null(), null(), literal("application/octet-stream"))
    return [
        (Media, tuple(getattr(Media, name) for name in of_file), ()),
        (Media, replaced, (Media.replaced_key.is_not(None), Media.replaced_key.not_in(select(FormerFile.storage_key)))),
        (FormerFile, former, ()),
        (Rendition, (Rendition.storage_key, Rendition.filesize, null(), Rendition.mime_type), ()),
        (Export, (Export.storage_key, Export.filesize, null(), Export.form), (Export.kept_until > utcnow(),)),
    ]


def _rows_after(
    last: int, model: Any, columns: tuple[Any, ...], conditions: tuple[ColumnElement[bool], ...]
) -> list[Any]:
    found = select(model.id, *columns).where(model.id > last, *conditions).order_by(model.id).limit(PORTION)
    rows = list(db.session.execute(found))
    db.session.rollback()
    return rows

"""Background work on exports."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from webapp.database import transaction
from webapp.exporting import Archive, Picture, TableAlone
from webapp.jobs import lease
from webapp.jobs.lease import LeaseLost
from webapp.models import export as exports
from webapp.models.export import CSV, MIME_TYPES, ZIP
from webapp.models.export_rows import pictures_to_export
from webapp.storage import scratch_folder, storage, words_for_full_disk
from workers.handlers import handles
from workers.running import FailedForGood, NothingToDo, Running

TOLD_EVERY = 1.0  # seconds
ROOM_LEFT = 512 * 1024 * 1024  # bytes that an export leaves on the disk, for uploads and the database
WRITERS: dict[str, type[Archive | TableAlone]] = {ZIP: Archive, CSV: TableAlone}


@dataclass(frozen=True)
class Wanted:
    """What there is to do, without the row: nothing may be read while the work goes on."""

    id: int
    form: str
    planned_bytes: int


@handles("exportLibrary")
def export_library(job: Running) -> dict[str, int]:
    """Write the file beside the storage, store it whole, and only then say that it is ready."""
    wanted = _begin(job)
    with scratch_file(wanted) as path:
        told = Told(job, wanted.id)
        _write(wanted, path, told)
        size, key = path.stat().st_size, exports.new_export_key(wanted.form)
        storage().put_file(key, path, MIME_TYPES[wanted.form])
    try:
        job.begin_effect()
        exports.finish_export(wanted.id, key, size, told.done, told.missing)
    except (LeaseLost, LookupError):  # cancelled in the last moment
        storage().delete(key)
        raise
    return {"exportId": wanted.id, "pictures": told.done, "missing": told.missing, "bytes": size}


def _begin(job: Running) -> Wanted:
    """In a transaction of its own: what it counts is what people see while the work goes on."""
    with transaction():
        lease.hold(job.held)
        try:
            export = exports.begin_export(job.input["exportId"])
        except LookupError:
            raise NothingToDo("The export is gone.") from None
        if export.is_kept:
            raise NothingToDo("It is ready already.")
        return Wanted(export.id, export.form, export.planned_bytes)


@contextmanager
def scratch_file(wanted: Wanted) -> Iterator[Path]:
    """Nothing of it is left, and nothing of an earlier try whose worker was killed."""
    folder, beginning = scratch_folder(), f"export-{wanted.id}-"
    with words_for_full_disk():
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{beginning}*"):
            left.unlink(missing_ok=True)
        with NamedTemporaryFile(dir=folder, prefix=beginning, delete=False) as file:
            path = Path(file.name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


class Told:
    """Keeps for people how far it is, and learns by that whether the job is still ours."""

    def __init__(self, job: Running, export_id: int) -> None:
        self.job, self.export_id = job, export_id
        self.done = self.done_bytes = self.missing = 0
        self.told_at = time.monotonic()

    def add(self, picture: Picture, found: bool) -> None:
        """Raises LeaseLost."""
        self.done += 1
        self.done_bytes += picture.filesize
        self.missing += not found
        if time.monotonic() > self.told_at + TOLD_EVERY:
            self.tell()

    def tell(self) -> None:
        """Raises LeaseLost."""
        with transaction():
            lease.hold(self.job.held)
            exports.record_progress(self.export_id, self.done, self.done_bytes)
        self.told_at = time.monotonic()


def _write(wanted: Wanted, path: Path, told: Told) -> None:
    if wanted.form == ZIP:
        _refuse_without_room(wanted, path)
    with words_for_full_disk(), closing(WRITERS[wanted.form](path)) as writer:
        for picture in pictures_to_export(wanted.id):
            told.add(picture, writer.add(picture, storage()))
        writer.finish()
    told.tell()


def _refuse_without_room(wanted: Wanted, path: Path) -> None:
    if shutil.disk_usage(path.parent).free < wanted.planned_bytes + ROOM_LEFT:
        raise FailedForGood("There is not enough room on the disk for so many pictures. Export fewer at once.")

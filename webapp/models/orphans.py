"""Files that no row names: what a killed process or a lost transaction left behind in storage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import structlog
from sqlalchemy import select, union_all

from webapp.database import db, utcnow
from webapp.models.direct_upload import DirectUpload
from webapp.models.export import Export
from webapp.models.former_file import FormerFile
from webapp.models.media import Media, Rendition
from webapp.storage import FoundFile, LocalStorage, scratch_folder, storage

log = structlog.get_logger(__name__)

# A file is stored before its row is committed, so a young one may be about to get its row.
OLD_ENOUGH = timedelta(hours=24)
BATCH = 500  # keys looked up at once


@dataclass(frozen=True)
class Collected:
    files: int
    size: int  # bytes


def collect_orphans(older_than: timedelta = OLD_ENOUGH) -> Collected:
    """Delete every file that is older than this and that no row names. What lies in the trash is named by its row.

    Deletes as it goes, so when it is stopped the next run has less to do. Call it outside of any transaction.
    Raises StorageError.
    """
    files, size = _collect_scratch(older_than)
    for orphan in orphans(older_than):
        if still_orphan(orphan, older_than):
            storage().delete(orphan.key)
            log.info("storage.orphan_deleted", key=orphan.key, bytes=orphan.size)
            files, size = files + 1, size + orphan.size
    return Collected(files, size)


def _collect_scratch(older_than: timedelta) -> tuple[int, int]:
    """What never came from this machine's disk into storage, which may be a bucket; how many files and bytes."""
    scratch = LocalStorage(scratch_folder())
    found = (scratch.find(path.name) for path in scratch.folder.glob("*") if path.is_file())
    old = [file for file in found if file and is_old(file, older_than)]
    for file in old:
        scratch.delete(file.key)
        log.info("storage.scratch_deleted", name=file.key, bytes=file.size)
    return len(old), sum(file.size for file in old)


def orphans(older_than: timedelta) -> Iterator[FoundFile]:
    """Those that looked like it when their batch was looked up."""
    old = (file for file in storage().every_file() if is_old(file, older_than))
    while batch := list(islice(old, BATCH)):
        named = named_keys(file.key for file in batch)
        yield from (file for file in batch if file.key not in named)


def still_orphan(file: FoundFile, older_than: timedelta) -> bool:
    """Asked again right before it is deleted: a job that was run again may have stored and named it meanwhile.

    First the row and then the age, so that only a file stored after both were looked at could be missed.
    """
    if named_keys([file.key]):
        return False
    now_there = storage().find(file.key)
    return now_there is not None and is_old(now_there, older_than)


def is_old(file: FoundFile, older_than: timedelta) -> bool:
    return file.stored_at < utcnow() - older_than


def named_keys(keys: Iterable[str]) -> set[str]:
    """Those of these keys that a row names, as of now.

    An export names its file for as long as it is kept, and an upload what was sent for as long as it was not taken.
    """
    wanted = list(keys)
    db.session.rollback()  # a transaction that reads would go on seeing what it saw first
    return set(
        db.session.scalars(
            union_all(
                select(Media.storage_key).where(Media.storage_key.in_(wanted)),
                select(Media.replaced_key).where(Media.replaced_key.in_(wanted)),
                select(Rendition.storage_key).where(Rendition.storage_key.in_(wanted)),
                select(FormerFile.storage_key).where(FormerFile.storage_key.in_(wanted)),
                select(Export.storage_key).where(Export.storage_key.in_(wanted), Export.kept_until > utcnow()),
                select(DirectUpload.storage_key).where(
                    DirectUpload.storage_key.in_(wanted),
                    DirectUpload.completed_at.is_not(None),
                    DirectUpload.settled_at.is_(None),
                ),
            )
        )
    )

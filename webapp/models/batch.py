"""Batches: the files of one drop or one form, what became of each, and one sync for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, column, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, Model, Moment, db, insert_into, transaction, utcnow

UPLOADED, DUPLICATE, RESTORED, REJECTED = FATES = ("uploaded", "duplicate", "restored", "rejected")
NEW = "Uploaded."
LONGEST_KEY = 40
MOST_FILES = 100_000


class Batch(Model):
    __tablename__ = "batches"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(LONGEST_KEY), unique=True)  # made by the browser, before it sends a file
    planned: Mapped[int]  # files that the browser has to send
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)

    @property
    def subject(self) -> str:
        return f"batch:{self.id}"

    @property
    def title(self) -> str:
        return f"Upload of {self.planned:,} {'file' if self.planned == 1 else 'files'}"


class BatchFile(Model):
    """What became of one file. A row of its own, as a file that was refused has no media."""

    __tablename__ = "batch_files"
    __table_args__ = (
        CheckConstraint(column("fate").in_(FATES), name="fate"),
        Index("ix_batch_files_media_id", "media_id"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # of the file in the drop, from 0
    filename: Mapped[str] = mapped_column(Text)
    fate: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text)
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(Moment, default=utcnow)


@dataclass(frozen=True)
class Place:
    """Which file of which batch an upload is."""

    batch_id: int
    number: int


def open_batch(key: str, planned: int, *, by: int | None = None) -> Batch:
    """The batch of this key, which the first of its files makes."""
    with_key = select(Batch).where(Batch.key == key)
    if known := db.session.scalar(with_key):
        return known
    with transaction() as session:
        values = {"key": key, "planned": planned, "created_by": by, "created_at": utcnow()}
        session.execute(insert_into(Batch).values(values).on_conflict_do_nothing())
        batch: Batch = session.scalars(with_key).one()
        return batch


def find_batch(batch_id: int) -> Batch:
    """Raises LookupError."""
    batch = db.session.get(Batch, batch_id)
    if batch is None:
        raise LookupError(f"There is no upload {batch_id}.")
    return batch


def record(place: Place, filename: str, fate: str, words: str, media_id: int | None) -> None:
    """Keep what became of a file; when it is sent again, the newest counts."""
    values = {"filename": filename, "fate": fate, "words": words, "media_id": media_id, "at": utcnow()}
    row = insert_into(BatchFile).values(batch_id=place.batch_id, number=place.number, **values)
    with transaction() as session:
        session.execute(row.on_conflict_do_update(index_elements=["batch_id", "number"], set_=values))


def was_uploaded(place: Place, media_id: int) -> bool:
    """Whether this very file made the media: its answer was lost, and the browser sent it once more."""
    known = db.session.get(BatchFile, (place.batch_id, place.number), populate_existing=True)
    return known is not None and (known.fate, known.media_id) == (UPLOADED, media_id)

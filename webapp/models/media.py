"""Media: one uploaded picture, its facts and its renditions."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import JSON, ForeignKey, Index, String, Text, bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import BigId, Model, Moment, db, partial_index, transaction, utcnow
from webapp.imaging import Facts
from webapp.jobs import Job, queue
from webapp.models.audit import note
from webapp.models.batch import NEW, UPLOADED, Batch, BatchFile, Place, record
from webapp.models.catching_up import catch_up
from webapp.models.searchable import changed
from webapp.models.tags import clean_tags
from webapp.storage import StoredFile

UNSEEN = "(media.deleted_at IS NOT NULL OR NOT media.is_ready)"  # by the public; few, so that they are what is counted
MICROSECOND = timedelta(microseconds=1)
LONGEST_TITLE = 150  # characters of an alt text that stands in a sentence or a heading


class Media(Model):
    __tablename__ = "media"
    __table_args__ = (
        # The same bytes are stored once, unless somebody asked for a copy.
        partial_index("uq_media_sha256", "sha256", where="NOT is_copy", unique=True),
        # PostgreSQL reads the newest from an index only when that holds nothing else than the library.
        partial_index("ix_media_library", "created_at", "id", where="deleted_at IS NULL"),
        partial_index("ix_media_trash", "deleted_at", "id", where="deleted_at IS NOT NULL"),
        partial_index("ix_media_unseen", "id", where=UNSEEN.replace("media.", "")),
        partial_index("ix_media_batch_id", "batch_id", "id", where="batch_id IS NOT NULL"),
        partial_index("ix_media_unsynced", "batch_id", "id", where="synced_at IS NULL"),
        partial_index("ix_media_created_by", "created_by", where="created_by IS NOT NULL"),
        partial_index("ix_media_replaced_key", "replaced_key", where="replaced_key IS NOT NULL"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    storage_key: Mapped[str] = mapped_column(String(200), unique=True)
    filename: Mapped[str] = mapped_column(Text)  # as the editor's computer called it; only ever shown as text
    mime_type: Mapped[str] = mapped_column(String(50))
    filesize: Mapped[int] = mapped_column(BigId)  # bytes
    width: Mapped[int]  # pixels, as shown
    height: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    is_copy: Mapped[bool] = mapped_column(default=False)
    alt: Mapped[str] = mapped_column(Text, default="")
    decorative: Mapped[bool] = mapped_column(default=False)  # there is nothing to describe; it has no alt then
    caption: Mapped[str] = mapped_column(Text, default="")
    credit: Mapped[str] = mapped_column(Text, default="")
    focal_x: Mapped[int] = mapped_column(default=50)  # percent from the left, of what must not be cropped away
    focal_y: Mapped[int] = mapped_column(default=50)  # percent from the top
    exif: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # of webapp/imaging/exif.py
    colour: Mapped[str] = mapped_column(String(7), default="#d0d0d0")  # shown until the picture has loaded
    is_ready: Mapped[bool] = mapped_column(default=False)  # it has all its renditions, or still those of replaced_key
    replaced_key: Mapped[str | None] = mapped_column(String(200))  # the file before, until the renditions are new too
    synced_at: Mapped[datetime | None] = mapped_column(Moment)  # when it last was put into the galleries
    batch_id: Mapped[int | None] = mapped_column(BigId)  # batches are never deleted
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)  # in the trash since

    renditions: Mapped[list[Rendition]] = relationship(
        back_populates="media", order_by="Rendition.width", cascade="all, delete-orphan", passive_deletes=True
    )
    tag_rows: Mapped[list[MediaTag]] = relationship(
        order_by="MediaTag.tag", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def subject(self) -> str:
        return f"media:{self.id}"

    @property
    def tags(self) -> list[str]:
        return [row.tag for row in self.tag_rows]

    @property
    def title(self) -> str:
        if len(self.alt) > LONGEST_TITLE:
            return f"{self.alt[: LONGEST_TITLE - 1].rstrip()}…"
        return self.alt or self.filename

    @property
    def focal_point(self) -> dict[str, int]:
        return {"x": self.focal_x, "y": self.focal_y}

    @property
    def is_current(self) -> bool:
        """Whether its renditions are those of its file."""
        return self.is_ready and self.replaced_key is None

    @property
    def needs_alt(self) -> bool:
        return not (self.decorative or self.alt.strip())

    def renditions_in(self, mime_type: str) -> list[Rendition]:
        """Narrowest first."""
        return [r for r in self.renditions if r.mime_type == mime_type]


SAME_BYTES = select(Media.id).where(Media.sha256 == bindparam("sha256"), ~Media.is_copy)


class Rendition(Model):
    __tablename__ = "renditions"
    __table_args__ = (Index("uq_renditions_media_id_mime_type_width", "media_id", "mime_type", "width", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    media_id: Mapped[int] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"))
    storage_key: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)  # "42-320-0f3a….webp": the last part of its URL
    mime_type: Mapped[str] = mapped_column(String(50))
    width: Mapped[int]
    height: Mapped[int]
    filesize: Mapped[int]

    media: Mapped[Media] = relationship(back_populates="renditions")


class MediaTag(Model):
    __tablename__ = "media_tags"

    media_id: Mapped[int] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)


class AlreadyThere(Exception):
    """These bytes are in the library; `media` is the one that is there."""

    def __init__(self, media: Media, *, restored: bool) -> None:
        self.media, self.restored = media, restored
        super().__init__(f"Already in the library: media {media.id}")


def add_media(
    stored: StoredFile,
    facts: Facts,
    *,
    filename: str,
    alt: str = "",
    caption: str = "",
    tags: list[str] | None = None,
    created_by: int | None = None,
    is_copy: bool = False,
    place: Place | None = None,
) -> tuple[Media, Job]:
    """The media row and its jobs, in one transaction; the media and the job that syncs it.

    Raises AlreadyThere, and then adds nothing. A picture that was in the trash is restored by it and synced anew.
    """
    try:
        with transaction() as session:
            if not is_copy:
                refuse_duplicate(stored.sha256, created_by)
            media = Media(
                storage_key=stored.key,
                filename=filename,
                mime_type=facts.mime_type,
                filesize=stored.size,
                width=facts.width,
                height=facts.height,
                sha256=stored.sha256,
                exif=facts.exif,
                is_copy=is_copy,
                alt=alt,
                caption=caption,
                tag_rows=[MediaTag(tag=tag) for tag in clean_tags(tags or [])],
                created_by=created_by,
                created_at=moment_in(place) if place else utcnow(),
                batch_id=place.batch_id if place else None,
            )
            session.add(media)
            session.flush()
            if place:
                record(place, filename, UPLOADED, NEW, media.id)
            note("uploaded", media, f"uploaded {filename}")
            changed("media", [media.id], new=True)
            return media, queue_work(media)
    except AlreadyThere as found:
        if found.restored:
            restore_media(found.media.id, resync=True)
        raise
    except IntegrityError:  # on PostgreSQL another upload of the same bytes was first by a moment
        refuse_duplicate(stored.sha256, created_by)
        raise


def moment_in(place: Place) -> datetime:
    """Now; but before whatever comes after it in the same batch and was sooner here. Galleries go by it."""
    batch = select(Batch.id).where(Batch.id == place.batch_id)
    db.session.execute(batch.with_for_update(key_share=True))  # or two that come at once would not see each other
    later = select(func.min(Media.created_at)).join(BatchFile, BatchFile.media_id == Media.id)
    of_batch = (BatchFile.batch_id == place.batch_id, Media.batch_id == place.batch_id)
    first = db.session.scalar(later.where(*of_batch, BatchFile.number > place.number))
    return min(utcnow(), first - MICROSECOND) if first else utcnow()


def refuse_duplicate(sha256: str, created_by: int | None) -> None:
    """Raises AlreadyThere when the library holds these bytes."""
    found = db.session.connection().scalar(SAME_BYTES, {"sha256": sha256})
    if found is not None:
        media = db.session.get_one(Media, found)
        raise AlreadyThere(media, restored=media.deleted_at is not None)


def queue_work(media: Media) -> Job:
    """What a new upload needs, in the caller's transaction: its renditions, and its place in the galleries."""
    work, by = {"mediaId": media.id}, media.created_by
    queue("makeRenditions", work, subject=media.subject, created_by=by)
    if media.batch_id is None:
        return queue("syncMediaToGalleries", work, subject=media.subject, created_by=by)
    return queue("syncBatch", {"batchId": media.batch_id}, subject=f"batch:{media.batch_id}", created_by=by)


def trash_media(media_id: int) -> None:
    """It is shown nowhere from now on, and can come back. Raises LookupError."""
    with transaction():
        media = live_media(media_id)
        media.deleted_at = utcnow()
        note("trashed", media, f"moved “{media.title}” to the trash")
        changed("media", [media_id])


def restore_media(media_id: int, *, resync: bool = False) -> Media:
    """It is back in the library and in its galleries, and gets what it lacks. Raises LookupError."""
    with transaction() as session:
        media = session.get(Media, media_id, with_for_update=True)  # or it may be deleted for good meanwhile
        if media is None:
            raise LookupError(f"There is no picture {media_id}.")
        if media.deleted_at is not None:
            note("restored", media, f"brought “{media.title}” back from the trash")
        media.deleted_at = None
        changed("media", [media_id])
        media.synced_at = None if resync else media.synced_at
        catch_up([media])
        return media


def live_media(media_id: int, *, lock: bool = False) -> Media:
    """Raises LookupError when there is none or it is in the trash."""
    media = db.session.get(Media, media_id, with_for_update=lock or None)
    if media is None or media.deleted_at is not None:
        raise LookupError(f"There is no picture {media_id}.")
    return media

"""The files that a picture had before: kept for some days, so that a replacement can be undone."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import JSON, ForeignKey, String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, Model, Moment, db, transaction, utcnow
from webapp.models.media import Media

FACTS = ("storage_key", "filename", "mime_type", "filesize", "width", "height", "sha256", "is_copy", "exif")


class FormerFile(Model):
    """As long as there is this row, the file is there."""

    __tablename__ = "former_files"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    media_id: Mapped[int] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), index=True)
    storage_key: Mapped[str] = mapped_column(String(200), unique=True)
    filename: Mapped[str] = mapped_column(Text)
    mime_type: Mapped[str] = mapped_column(String(50))
    filesize: Mapped[int] = mapped_column(BigId)  # bytes
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    is_copy: Mapped[bool]
    exif: Mapped[dict[str, str]] = mapped_column(JSON)
    replaced_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    kept_until: Mapped[datetime] = mapped_column(Moment, index=True)


def keep_former(media: Media) -> None:
    """The file that it has now, in the caller's transaction."""
    kept_until = utcnow() + timedelta(days=current_app.config["SETTINGS"].keep_replaced_days)
    facts = {name: getattr(media, name) for name in FACTS}
    db.session.add(FormerFile(media_id=media.id, kept_until=kept_until, **facts))


def take_former(media: Media, former_id: int) -> FormerFile:
    """Its row is gone with the caller's transaction. Raises LookupError."""
    former = db.session.get(FormerFile, former_id, with_for_update=True)
    if former is None or former.media_id != media.id:
        raise LookupError(f"The file that picture {media.id} had before is not kept any more.")
    db.session.delete(former)
    db.session.flush()
    return former


def former_files(media_id: int) -> list[FormerFile]:
    """Newest first."""
    found = select(FormerFile).where(FormerFile.media_id == media_id)
    return list(db.session.scalars(found.order_by(FormerFile.id.desc())))


def forget_former_files() -> None:
    """Those that were kept long enough: their files are orphans from now on."""
    with transaction() as session:
        session.execute(delete(FormerFile).where(FormerFile.kept_until < utcnow()))

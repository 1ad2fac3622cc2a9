"""The index as rows: its generations, the documents in each, and their chunks with vectors."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, column
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, Model, Moment, partial_index, utcnow

BUILDING, ACTIVE, RETIRED = STATES = ("building", "active", "retired")
DATABASE, PGVECTOR, UPSTASH = STORES = ("database", "pgvector", "upstash")


class Generation(Model):
    """All vectors of one model. A new one is built beside the one that is searched, and then takes its place.

    Whoever writes to it holds this row, so that its changes have an order.
    """

    __tablename__ = "search_generations"
    __table_args__ = (
        CheckConstraint(column("state").in_(STATES), name="state"),
        CheckConstraint(column("store").in_(STORES), name="store"),
        partial_index("uq_search_generations_active", "state", where="state = 'active'", unique=True),
        partial_index("uq_search_generations_building", "state", where="state = 'building'", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    model: Mapped[str] = mapped_column(String(200))
    dims: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    store: Mapped[str] = mapped_column(String(20), default=DATABASE, server_default=DATABASE)  # where its vectors are
    changes: Mapped[int] = mapped_column(BigId, default=0)  # counts up with each
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    activated_at: Mapped[datetime | None] = mapped_column(Moment)


class IndexedDocument(Model):
    """What of a document is in a generation. It stays with no chunks when the document has gone, to tell of it."""

    __tablename__ = "search_documents"
    __table_args__ = (Index("ix_search_documents_change", "generation_id", "change"),)

    generation_id: Mapped[int] = mapped_column(
        ForeignKey("search_generations.id", ondelete="CASCADE"), primary_key=True
    )
    collection: Mapped[str] = mapped_column(String(50), primary_key=True)
    doc_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64))  # of what was embedded; empty when it has gone
    chunks: Mapped[int]
    change: Mapped[int] = mapped_column(BigId)  # the generation's count at the time
    indexed_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)


class SearchChunk(Model):
    """One part of a document and its vector."""

    __tablename__ = "search_chunks"
    __table_args__ = (Index("ix_search_chunks_document", "generation_id", "collection", "doc_id", "chunk"),)

    generation_id: Mapped[int] = mapped_column(
        ForeignKey("search_generations.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(String(100), primary_key=True)  # collection-docId-chunk
    collection: Mapped[str] = mapped_column(String(50))
    doc_id: Mapped[int] = mapped_column(BigId)
    chunk: Mapped[int]
    heading: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(String(200))
    dims: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    vector: Mapped[bytes] = mapped_column(LargeBinary)  # float32, little-endian; empty where another store has it

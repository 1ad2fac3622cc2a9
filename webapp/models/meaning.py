"""The index of meaning, kept in line with the documents: who asks for it, and what is read of a document."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import Select, String, bindparam, cast, func, literal, select
from sqlalchemy.sql.dml import ReturningInsert

from webapp.database import Numbers, db, is_one_of, is_postgresql
from webapp.jobs import Job
from webapp.jobs.many import adding_each, queue_each, queue_many
from webapp.jobs.states import QUEUED, RUNNING
from webapp.models.searchable import Collection, documents, follows
from webapp.search.chunking import chunks, plain
from webapp.search.embedders import Embedder, embedder_of
from webapp.search.rows import IndexedDocument
from webapp.search.stores import Document

UPSERT, DELETE, REINDEX, CHECK = "vector-upsert", "vector-delete", "search-reindex", "search-check"
FORMAT = 1  # counts up when the same text is cut or written otherwise, so that it is embedded again
AT_ONCE = 1000  # documents looked up by one statement, which PostgreSQL lets have 65,535 parameters; a trash holds more


@dataclass(frozen=True)
class Content:
    """What is embedded of a document."""

    document: Document
    texts: list[str]  # one for each chunk, with what stands above it


def embedder() -> Embedder | None:
    """None when search by meaning is off."""
    return embedder_of(current_app.config["SETTINGS"])


def queue_name() -> str:
    """Where an embedder or a store elsewhere is waited for, no sync is held up."""
    settings = current_app.config["SETTINGS"]
    return "images" if settings.embedder_kind == "openai" or settings.upstash_vector_rest_url else "default"


@follows
def follow(collection: Collection, ids: Sequence[int], new: bool) -> None:
    """Ask for a job for each of these documents, in the caller's transaction; for none, without an embedder."""
    if current_app.config["SETTINGS"].embedder_kind == "off":
        return
    subjects = queue_each(UPSERT, _asking(collection, queue_name(), is_postgresql()), {"ids": ids})
    if not new:
        missing = [doc_id for doc_id in ids if subject(collection, doc_id) not in subjects]
        for start in range(0, len(missing), AT_ONCE):
            _ask(DELETE, collection, _may_be_indexed(collection, missing[start : start + AT_ONCE]))


@cache
def _asking(collection: Collection, queue: str, on_postgresql: bool) -> ReturningInsert[Any]:
    """For an upsert of each of some documents that shall be found."""
    doc_id, as_object = collection.model.id, func.json_build_object if on_postgresql else func.json_object
    as_text = cast(doc_id, String)
    asked = _indexable_of(collection, on_postgresql).with_only_columns(
        as_object("docId", doc_id, "collection", collection.name).label("input"),
        literal(subject(collection, "")).concat(as_text).label("subject"),
        literal(_key(collection, "")).concat(as_text).label("concurrency_key"),
    )
    return adding_each(UPSERT, asked.order_by(doc_id), queue=queue)


def ask_again(collection: Collection, ids: Iterable[int]) -> None:
    """For an upsert of each, which takes out what shall not be found; in the caller's transaction."""
    _ask(UPSERT, collection, sorted(ids))


def _ask(slug: str, collection: Collection, ids: Iterable[int]) -> None:
    asked = [({"docId": doc_id, "collection": collection.name}, subject(collection, doc_id)) for doc_id in ids]
    queue_many(slug, asked, queue=queue_name())


def subject(collection: Collection, doc_id: int | str) -> str:
    """What its jobs are about."""
    return f"{kind(collection)}:{doc_id}"


def kind(collection: Collection) -> str:
    return collection.name.removesuffix("s")


def _indexable(collection: Collection, ids: Iterable[int]) -> list[int]:
    """Those of them that shall be found."""
    return list(db.session.scalars(_indexable_of(collection, is_postgresql()), {"ids": ids}))


@cache
def _indexable_of(collection: Collection, _on_postgresql: bool) -> Select[int]:
    """Composed once: that takes longer than to run it."""
    some = is_one_of(collection.model.id, bindparam("ids", type_=Numbers))
    return select(collection.model.id).where(some, collection.by_meaning())


def _may_be_indexed(collection: Collection, ids: Sequence[int]) -> list[int]:
    """Of those that shall not be found: what is in the index, or on its way. A draft that never was costs no job."""
    if not ids:
        return []
    if is_being_built():
        return list(ids)
    keys = {_key(collection, doc_id): doc_id for doc_id in ids}
    waiting = select(Job.concurrency_key).where(Job.concurrency_key.in_(keys), Job.status.in_((QUEUED, RUNNING)))
    on_their_way = {keys[key] for key in db.session.scalars(waiting) if key}
    there = select(IndexedDocument.doc_id).where(
        IndexedDocument.collection == collection.name,
        IndexedDocument.doc_id.in_(ids),
        IndexedDocument.content_hash != "",
    )
    return sorted(on_their_way | set(db.session.scalars(there)))


def _key(collection: Collection, doc_id: int | str) -> str:
    """Of its jobs; see the catalog."""
    return f"vector:{collection.name}:{doc_id}"


def is_being_built() -> bool:
    """Or will be, by a job that waits."""
    building = select(Job.id).where(Job.workflow_slug == REINDEX, Job.status.in_((QUEUED, RUNNING)))
    return bool(db.session.scalar(select(building.exists())))


def contents(collection: Collection, ids: Iterable[int]) -> dict[int, Content | None]:
    """Of those that shall be found, as they are now; None for one without words."""
    found = _indexable(collection, ids)
    return {document.doc_id: _content(collection, *document) for document in documents(collection, found)}


def _content(collection: Collection, doc_id: int, title: str, text: str) -> Content | None:
    if not plain(title) and not plain(text):
        return None
    parts = chunks(text) or chunks(title)
    content_hash = hashlib.sha256(json.dumps([FORMAT, title, text]).encode()).hexdigest()
    texts = ["\n".join(filter(None, (plain(title), part.heading, plain(part.text)))) for part in parts]
    return Content(Document(collection.name, doc_id, content_hash, parts), texts)

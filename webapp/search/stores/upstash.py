"""The store at Upstash Vector, with a namespace for each generation. The texts are rows, and so is what is there.

Both can't be one transaction, so the rows decide: vectors are sent first, and found only when they are of the very
content that the row names. Whoever is cut off between both does it again; what is left over is never found meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import select, tuple_

from webapp.database import db
from webapp.search.embedders.base import Vectors
from webapp.search.rows import Generation, IndexedDocument
from webapp.search.stores.base import Document, Near, Sent, StoreError, WrongVectors, refuse_length, refuse_wrong
from webapp.search.stores.chunks import drop_chunks, remove_chunks, write_chunks
from webapp.search.stores.upstash_client import connected

BATCH = 100  # vectors in one request
MOST = 1000  # that one answer holds
FITTING = ("COSINE", "DOT_PRODUCT")  # with vectors of length 1 they are alike


class UpstashStore:
    elsewhere = True

    def check(self, dims: int) -> None:
        info = connected().info()
        if info.dimension != dims:
            raise WrongVectors(
                f"The index at Upstash Vector is for {info.dimension} numbers a text, and {dims} are made. "
                f"Make one for {dims}, set UPSTASH_VECTOR_REST_URL to it, and run: flask search reindex"
            )
        if info.similarity_function not in FITTING:
            raise StoreError(
                f"The index at Upstash Vector compares by {info.similarity_function}. Make one that compares by COSINE."
            )

    def begin(self, generation: Generation, collections: Iterable[str]) -> None:
        """A namespace is there with its first vector."""

    def send(self, generation: Generation, document: Document, model: str, vectors: Vectors) -> None:
        refuse_wrong(generation, model, vectors.shape[1])
        index, namespace = connected(), namespace_of(generation)
        new = list(_written(generation, document, vectors))
        for at in range(0, len(new), BATCH):
            index.upsert(new[at : at + BATCH], namespace=namespace)
        ids = {each["id"] for each in new}
        surplus = [each.id for each in _all(namespace, prefix=_prefix(document)) if each.id not in ids]
        for at in range(0, len(surplus), MOST):
            index.delete(surplus[at : at + MOST], namespace=namespace)

    def write(self, generation: Generation, document: Document, model: str, vectors: Vectors) -> None:
        refuse_wrong(generation, model, vectors.shape[1])
        write_chunks(generation, document, [b""] * len(vectors))

    def withdraw(self, generation: Generation, collection: str, doc_id: int) -> None:
        gone = _prefix(Document(collection, doc_id, "", ()))
        connected().delete(prefix=gone, namespace=namespace_of(generation))

    def remove(self, generation: Generation, collection: str, doc_id: int) -> None:
        remove_chunks(generation, collection, doc_id)

    def nearest(
        self, generation: Generation, vector: Vectors, limit: int, collections: Collection[str] = ()
    ) -> list[Near]:
        refuse_length(generation, vector)
        wanted = [name for name in collections if name.isidentifier()]  # it becomes part of a filter in their language
        if collections and not wanted:
            return []
        only = f"collection IN {_listed(wanted)}" if wanted else ""
        asked = {"vector": vector.tolist(), "filter": only, "include_metadata": True}
        count = min(limit, MOST)
        while True:
            found = connected().query(top_k=count, namespace=namespace_of(generation), **asked)
            noted = list(_as_noted(generation, found))[:limit]
            if len(noted) == limit or len(found) < count or count == MOST:
                return noted
            count = min(MOST, 2 * count)  # what is left over there took some of the places

    def vectors_of(self, generation: Generation, collection: str, doc_id: int) -> Vectors:
        """None: what is alike is shown on public pages, and no visitor waits for a service elsewhere there."""
        return np.zeros((0, generation.dims), np.float32)

    def drop(self, generation: Generation) -> None:
        drop_chunks(generation)

    def clear(self, generations: Sequence[Generation]) -> None:
        index = connected()
        there = set(index.list_namespaces())
        for namespace in there.intersection(map(namespace_of, generations)):
            index.delete_namespace(namespace)

    def sent(self, generation: Generation) -> set[Sent]:
        found = [each.metadata for each in _all(namespace_of(generation)) if each.metadata]
        return {Sent(each["collection"], each["docId"], each["contentHash"]) for each in found}


def namespace_of(generation: Generation) -> str:
    """Never the same twice, though two databases count alike."""
    return f"gallerist-{generation.id}-{generation.created_at:%Y%m%d%H%M%S%f}"


def _prefix(document: Document) -> str:
    return document.chunk_id(0).removesuffix("0")


def _written(generation: Generation, document: Document, vectors: Vectors) -> Iterator[dict[str, Any]]:
    """Without those that have no direction: they are near to nothing, and no angle can be told."""
    for chunk, vector in zip(document.chunks, vectors, strict=True):
        if vector.any():
            metadata = {
                "docId": document.doc_id,
                "collection": document.collection,
                "chunk": chunk.number,
                "model": generation.model,
                "dims": generation.dims,
                "contentHash": document.content_hash,
            }
            yield {"id": document.chunk_id(chunk.number), "vector": vector.tolist(), "metadata": metadata}


def _all(namespace: str, prefix: str | None = None) -> Iterator[Any]:
    index, cursor = connected(), "0"
    while cursor:
        page = index.range(cursor=cursor, limit=MOST, include_metadata=True, namespace=namespace, prefix=prefix)
        yield from page.vectors
        cursor = page.next_cursor


def _listed(names: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{name}'" for name in names) + ")"


def _as_noted(generation: Generation, found: Sequence[Any]) -> Iterator[Near]:
    """Those of the content that the row names; its scores are from 0 to 1, of which one half is no likeness."""
    keys = {(each.metadata["collection"], each.metadata["docId"]) for each in found}
    noted = _hashes(generation, keys)
    for each in found:
        key = (each.metadata["collection"], each.metadata["docId"])
        if noted.get(key) == each.metadata["contentHash"]:
            yield Near(2 * each.score - 1, *key, each.metadata["chunk"])


def _hashes(generation: Generation, keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    key = (IndexedDocument.collection, IndexedDocument.doc_id)
    found = select(*key, IndexedDocument.content_hash).where(IndexedDocument.generation_id == generation.id)
    rows = db.session.execute(found.where(tuple_(*key).in_(keys))) if keys else ()
    return {(row[0], row[1]): row[2] for row in rows}

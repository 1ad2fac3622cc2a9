"""Documents that have something to do with one: by the vectors that are kept, so that nothing is embedded for it.

What is near is remembered until the index changes; who may see it is asked each time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import structlog
from flask import current_app
from sqlalchemy import select

from webapp.database import db
from webapp.models import meaning
from webapp.models.searchable import SEARCHABLE, visible_ids
from webapp.search.embedders.base import normalised
from webapp.search.rows import ACTIVE, Generation
from webapp.search.stores import StoreError, store_of

log = structlog.get_logger(__name__)

CHUNKS = 60  # the nearest ones; what may not be seen takes some of these places
MOST_KEPT = 1000  # documents whose neighbours a process remembers
KEPT = "gallerist_related"


class Neighbours(NamedTuple):
    generation: tuple[int, int]  # its id and its count of changes when they were found
    ids: tuple[int, ...]  # the nearest first


def related(collection: str, doc_id: int, limit: int, *, to_everybody: bool) -> list[int]:
    """Ids of the same collection, the nearest first; none where nothing is near, or search by meaning is off."""
    near = _neighbours(collection, doc_id)
    if not near:
        return []
    visible = visible_ids(SEARCHABLE[collection], to_everybody=to_everybody)
    seen = set(db.session.scalars(visible.where(SEARCHABLE[collection].model.id.in_(near))))
    return [each for each in near if each in seen][:limit]


def _neighbours(collection: str, doc_id: int) -> tuple[int, ...]:
    embedder = meaning.embedder()
    generation = db.session.scalar(select(Generation).where(Generation.state == ACTIVE)) if embedder else None
    if embedder is None or generation is None:
        return ()
    kept: dict[tuple[str, int], Neighbours] = current_app.extensions.setdefault(KEPT, {})
    now, known = (generation.id, generation.changes), kept.get((collection, doc_id))
    if known is None or known.generation != now:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        known = kept[collection, doc_id] = Neighbours(now, _nearest(generation, collection, doc_id, embedder.alike))
    return known.ids


def _nearest(generation: Generation, collection: str, doc_id: int, alike: float) -> tuple[int, ...]:
    try:
        vectors = store_of(generation).vectors_of(generation, collection, doc_id)
        if not len(vectors):
            return ()
        near = store_of(generation).nearest(generation, normalised([np.mean(vectors, axis=0)])[0], CHUNKS, [collection])
    except StoreError as error:
        log.warning("search.without_related", reason=str(error))
        return ()
    return tuple(dict.fromkeys(each.doc_id for each in near if each.score >= alike and each.doc_id != doc_id))

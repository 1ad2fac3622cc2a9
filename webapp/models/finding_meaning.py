"""Finding documents by what they mean. Who may see one is asked of the document itself, with each search anew."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import structlog
from sqlalchemy import select

from webapp.database import db
from webapp.models import meaning, meaning_index
from webapp.models.searchable import SEARCHABLE, visible_ids
from webapp.search.embedders import Embedder, EmbedderError
from webapp.search.embedders.base import Vectors
from webapp.search.rows import ACTIVE, Generation
from webapp.search.stores import Near, StoreError, store_of

log = structlog.get_logger(__name__)

TIME_LIMIT = 3.0  # seconds that a search waits for an embedder elsewhere, and then goes on with words alone
QUESTIONS_KEPT = 256  # vectors of the last ones, 1 MB at most with 1024 numbers each
CHUNKS_A_DOCUMENT = 4  # so many are looked at first, for each document that is wanted
BESIDE_THE_BEST = 2 / 3  # of its nearness is near enough: what a few words mean is not very near to anything


class Meant(NamedTuple):
    """A document, and the part of it that is nearest to the question."""

    collection: str
    doc_id: int
    chunk: int
    score: float


def find_by_meaning(q: str, collections: Sequence[str] = (), limit: int = 20, *, to_everybody: bool) -> list[Meant]:
    """The nearest first. Nothing, when the embedder or the index is away: words find all the same."""
    embedder = meaning.embedder()
    if embedder is None or not q.strip() or limit < 1:
        return []
    generation = db.session.scalar(select(Generation).where(Generation.state == ACTIVE))
    if generation is None:
        return []
    try:
        return _nearest(generation, embedder, q, collections, limit, to_everybody)
    except (EmbedderError, StoreError) as error:
        log.warning("search.without_meaning", reason=str(error))
        return []


def _nearest(
    generation: Generation, embedder: Embedder, q: str, collections: Sequence[str], limit: int, to_everybody: bool
) -> list[Meant]:
    """Of what may be seen, the best part of each; it looks further until there are enough, or none is near any more."""
    meaning_index.fitting([generation], embedder)
    vector = _vector_of(embedder, q)
    count = limit * CHUNKS_A_DOCUMENT
    while True:
        near = store_of(generation).nearest(generation, vector, count, collections)
        found = _best_of_each(_visible(near, to_everybody))
        least = _near_enough(embedder.floor, found)
        found = [each for each in found if each.score >= least]
        if len(found) >= limit or len(near) < count or near[-1].score < least:
            return found[:limit]
        count *= CHUNKS_A_DOCUMENT


def _near_enough(floor: float, found: Sequence[Meant]) -> float:
    """Where the best is near, others may be less so; where it is not, the question has no sense here."""
    return found[0].score * BESIDE_THE_BEST if found and found[0].score >= floor else floor


@lru_cache(QUESTIONS_KEPT)
def _vector_of(embedder: Embedder, q: str) -> Vectors:
    """Whoever turns over to the next page asks the same again, and with an embedder elsewhere each time costs money."""
    return embedder.embed([q], within=TIME_LIMIT)[0]


def _visible(near: Sequence[Near], to_everybody: bool) -> list[Near]:
    seen = set()
    for name in {each.collection for each in near} & SEARCHABLE.keys():
        ids = {each.doc_id for each in near if each.collection == name}
        visible = visible_ids(SEARCHABLE[name], to_everybody=to_everybody)
        found = db.session.scalars(visible.where(SEARCHABLE[name].model.id.in_(ids)))
        seen |= {(name, doc_id) for doc_id in found}
    return [each for each in near if (each.collection, each.doc_id) in seen]


def _best_of_each(near: Sequence[Near]) -> list[Meant]:
    best: dict[tuple[str, int], Meant] = {}
    for each in near:
        best.setdefault((each.collection, each.doc_id), Meant(each.collection, each.doc_id, each.chunk, each.score))
    return list(best.values())

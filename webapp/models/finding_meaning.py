"""Finding documents by what they mean. Who may see one is asked of the document itself, with each search anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set
from functools import lru_cache
from typing import NamedTuple

import structlog
from sqlalchemy import Select, literal, select, union_all

from webapp.database import db, is_one_of
from webapp.models import meaning, meaning_index
from webapp.models.searchable import SEARCHABLE, Collection, visible_ids
from webapp.search.embedders import Embedder, EmbedderError
from webapp.search.embedders.base import Vectors
from webapp.search.rows import ACTIVE, Generation
from webapp.search.stores import Near, StoreError, store_of

log = structlog.get_logger(__name__)

TIME_LIMIT = 3.0  # seconds that a search waits for an embedder elsewhere, and then goes on with words alone
QUESTIONS_KEPT = 256  # vectors of the last ones, 1 MB at most with 1024 numbers each
CHUNKS_A_DOCUMENT = 4  # so many are looked at first, for each document that is wanted
AT_LEAST = 200  # however few are wanted: pgvector compares as many in any case, and to ask again takes as long again
BESIDE_THE_BEST = 2 / 3  # of its nearness is near enough: what a few words mean is not very near to anything

Key = tuple[str, int]  # collection and id


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
    count = max(AT_LEAST, limit * CHUNKS_A_DOCUMENT)
    asked: set[Key] = set()
    seen: set[Key] = set()
    while True:
        near = store_of(generation).nearest(generation, vector, count, collections)
        keys = {(each.collection, each.doc_id) for each in near}
        seen |= _visible(keys - asked, to_everybody)
        asked |= keys
        found = [each for each in _best_of_each(near) if (each.collection, each.doc_id) in seen]
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


def _visible(keys: Set[Key], to_everybody: bool) -> set[Key]:
    """In one statement, the same for however many: it is asked with each search, and else would be planned anew."""
    ids: dict[str, list[int]] = defaultdict(list)
    for name, doc_id in keys:
        ids[name].append(doc_id)
    asked = [_of_these(SEARCHABLE[name], ids[name], to_everybody) for name in sorted(ids.keys() & SEARCHABLE.keys())]
    return {(name, doc_id) for name, doc_id in db.session.execute(union_all(*asked))} if asked else set()


def _of_these(collection: Collection, ids: list[int], to_everybody: bool) -> Select[str, int]:
    visible = visible_ids(collection, to_everybody=to_everybody).where(is_one_of(collection.model.id, ids))
    return visible.with_only_columns(literal(collection.name), collection.model.id)


def _best_of_each(near: Sequence[Near]) -> list[Meant]:
    best: dict[tuple[str, int], Meant] = {}
    for each in near:
        best.setdefault((each.collection, each.doc_id), Meant(each.collection, each.doc_id, each.chunk, each.score))
    return list(best.values())

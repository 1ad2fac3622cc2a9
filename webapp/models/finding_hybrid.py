"""Finding documents by words and by meaning at once; where there are no vectors, by words alone.

What is high in either list is high in the one that is shown: by reciprocal rank fusion, which needs no common measure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from webapp.models.finding import EVERYBODY, MOST_RANKED, SIGNED_IN, Found, Ranked, load, rank
from webapp.models.finding_meaning import Meant, find_by_meaning
from webapp.models.searchable import SEARCHABLE
from webapp.search.chunking import chunks

K = 60  # as usual; the larger, the less the very first places count
MOST_MEANT = 50  # documents that are found by meaning, whatever is asked for: a list must not change as one reads on

Key = tuple[str, int]  # collection and id


def find_hybrid(
    q: str,
    collections: Sequence[str] = (),
    limit: int = 20,
    who: str = SIGNED_IN,
    *,
    offset: int = 0,
    forgiving: bool = False,
) -> list[Found]:
    """As find(), and besides what has not these words but means the same."""
    by_words, words = rank(q, collections, max(MOST_RANKED, offset + limit), who, forgiving=forgiving)
    meant = find_by_meaning(q, collections, MOST_MEANT, to_everybody=who == EVERYBODY) if words else []
    fused = fuse(by_words, meant) if meant else by_words
    found = load(fused[: offset + limit], words, who)[offset:]
    chunk_of = {(each.collection, each.doc_id): each.chunk for each in meant}
    have_words = {_key(one) for one in by_words}
    return [
        one if (one.collection, one.id) in have_words else replace(one, passage=passage(one, chunk_of)) for one in found
    ]


def fuse(by_words: Sequence[Ranked], meant: Sequence[Meant]) -> list[Ranked]:
    """The best first; of two that are as good, the one that has the words."""
    lists = [[_key(one) for one in by_words], [(each.collection, each.doc_id) for each in meant]]
    scores: dict[Key, float] = {}
    for keys in lists:
        for place, key in enumerate(keys, start=1):
            scores[key] = scores.get(key, 0) + 1 / (K + place)
    best = sorted(scores.items(), key=lambda each: -each[1])
    return [Ranked(SEARCHABLE[name], doc_id, score) for (name, doc_id), score in best]


def _key(one: Ranked) -> Key:
    return one.collection.name, one.doc_id


def passage(found: Found, chunk_of: dict[Key, int]) -> str:
    """Its part that was nearest, as it reads now; its title, where it has no text."""
    parts = chunks(found.text) or chunks(found.title)
    number = min(chunk_of[found.collection, found.id], len(parts) - 1)
    return parts[number].text if parts else found.title

"""/api/search: pictures, pages and posts by words and by meaning."""

from __future__ import annotations

from typing import Literal

from flask import request
from pydantic import Field

from webapp.api.fields import MAX_LIMIT, Answer, Query, Word
from webapp.api.http import Contract, api, endpoint
from webapp.api.media_answers import original_url
from webapp.models.finding import Found
from webapp.models.finding_hybrid import find_hybrid


class SearchQuery(Query):
    q: Word
    collection: Literal["media", "pages", "posts"] | None = None
    limit: int = Field(20, ge=1, le=MAX_LIMIT)


class Hit(Answer):
    collection: str
    id: int
    title: str
    url: str
    score: float
    excerpt: str


class Hits(Answer):
    """The best first."""

    docs: list[Hit]


@api.get("/search")
@endpoint(Contract("Find pictures, pages and posts by words and by meaning", query=SearchQuery, answers={200: Hits}))
def search(query: SearchQuery) -> Hits:
    wanted = (query.collection,) if query.collection else ()
    return Hits(docs=[hit(found) for found in find_hybrid(query.q, wanted, query.limit)])


def hit(found: Found) -> Hit:
    """With the same address as the picture, page or post has in its own answer."""
    folder = "/posts" if found.collection == "posts" else ""
    address = f"{request.script_root}{folder}/"
    url = original_url(found.row) if found.collection == "media" else f"{address}{found.row.slug}"
    return Hit(
        collection=found.collection,
        id=found.id,
        title=found.title,
        url=url,
        score=round(found.score, 4),
        excerpt=found.excerpt,
    )

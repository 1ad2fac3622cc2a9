"""/api/search: pictures, pages and posts by words and by meaning."""

from __future__ import annotations

from typing import Literal

from flask import request
from pydantic import Field, RootModel

from webapp.api.fields import MAX_LIMIT, Answer, Query, Word
from webapp.api.http import Contract, api, endpoint
from webapp.api.media_answers import original_url
from webapp.models.finding import Found
from webapp.models.finding_hybrid import find_hybrid
from webapp.models.passages import Passage, passages
from webapp.site.addresses import in_full
from webapp.site.search import hits_of


class SearchQuery(Query):
    q: Word
    collection: Literal["media", "pages", "posts"] | None = None
    limit: int = Field(20, ge=1, le=MAX_LIMIT)
    format: Literal["hits", "context"] = Field(
        "hits", description="context: passages of what everybody may see, for a chatbot to cite"
    )
    max_tokens: int = Field(1500, ge=20, le=20_000, description="That the passages of a context have at most")


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


class CitedPassage(Answer):
    collection: str
    id: int
    title: str
    url: str
    text: str
    score: float
    tokens: int


class Context(Answer):
    """The best first. Tokens are estimated, rather too many than too few."""

    passages: list[CitedPassage]
    total_tokens: int
    max_tokens: int


class HitsOrContext(RootModel[Hits | Context]):
    """A context where `format=context` asks for it."""


@api.get("/search")
@endpoint(
    Contract("Find pictures, pages and posts by words and by meaning", query=SearchQuery, answers={200: HitsOrContext})
)
def search(query: SearchQuery) -> Hits | Context:
    wanted = (query.collection,) if query.collection else ()
    if query.format == "context":
        return context(passages(query.q, wanted, max_tokens=query.max_tokens), query.max_tokens)
    return Hits(docs=[hit(found) for found in find_hybrid(query.q, wanted, query.limit)])


def context(fitting: list[Passage], max_tokens: int) -> Context:
    """Each with the address where everybody can read it."""
    urls = {(one.found.collection, one.found.id): one.url for one in hits_of([each.found for each in fitting])}
    cited = [
        CitedPassage(
            collection=found.collection,
            id=found.id,
            title=found.title,
            url=in_full(urls[found.collection, found.id]) or urls[found.collection, found.id],
            text=text,
            score=round(found.score, 4),
            tokens=tokens,
        )
        for found, text, tokens in fitting
        if (found.collection, found.id) in urls
    ]
    return Context(passages=cited, total_tokens=sum(each.tokens for each in cited), max_tokens=max_tokens)


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

"""A post as a visitor sees it: its words, its tags, and the picture that is its cover."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from markupsafe import Markup
from sqlalchemy import Row

from webapp import markdown
from webapp.site.pictures import Picture
from webapp.site.post_rows import BETWEEN_TAGS


@dataclass(frozen=True)
class ShownPost:
    id: int
    title: str
    slug: str
    body: str  # Markdown; in a list only its beginning
    summary: str
    tags: list[str]
    published_at: datetime | None  # None in the preview of one that never was
    updated_at: datetime
    cover: Picture | None

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """From a row of post_rows.py."""
        return cls(
            id=row.post_id,
            title=row.title,
            slug=row.slug,
            body=row.body,
            summary=row.excerpt.strip() or markdown.excerpt(row.body),
            tags=row.tags.split(BETWEEN_TAGS) if row.tags else [],
            published_at=row.published_at,
            updated_at=max(row.updated_at, row.published_at or row.updated_at),  # its job publishes it without a save
            cover=Picture.of(row),
        )

    @classmethod
    def all_of(cls, rows: Iterable[Row[Any]]) -> list[Self]:
        return [cls.of(row) for row in rows]

    @property
    def html(self) -> Markup:
        return markdown.to_html(self.body)

"""Reads what a page says, without a browser."""

from __future__ import annotations

from html.parser import HTMLParser


class Parsed(HTMLParser):
    """Every start tag with its attributes, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


def srcset(value: str) -> list[tuple[str, int]]:
    """Each address with its width."""
    return [(url, int(width.removesuffix("w"))) for url, width in (part.split() for part in value.split(", "))]

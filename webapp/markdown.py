"""Markdown, as editors write posts: made into HTML that is safe to show, or into its plain words. Only here.

CommonMark with tables and struck out words. HTML in it is shown as the text that it is, and whatever the parser makes
goes through an allow-list once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup, escape

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}  # of links; those within the site have none
REL = "noopener noreferrer"
LOWEST = 6  # level of a heading
EXCERPT = 240  # characters
READ_FOR_EXCERPT = 4000  # characters of Markdown; hardly a body has that much before its first words


def to_html(body: str) -> Markup:
    """Its headings begin with h2, because the page has its own h1, and go down one by one, whatever was written."""
    made = _parser().render(_fit(body))
    clean = nh3.clean(made, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=REL)
    return Markup(clean)  # noqa: S704  # it was just sanitised


def to_text(body: str) -> str:
    """Its words without any markup, a line for each paragraph, heading or cell."""
    lines = (_words(token.children or []) if token.type == "inline" else token.content for token in _tokens(body))
    return "\n".join(line.strip() for line in lines if line.strip())


def excerpt(body: str, length: int = EXCERPT) -> str:
    """The beginning of its paragraphs, or else of all its words, for who has written no excerpt."""
    read = body[:READ_FOR_EXCERPT]
    return shortened(_paragraphs(read), length) or shortened(to_text(read), length)


def shortened(text: str, length: int) -> str:
    """Its beginning on one line, cut between two words."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return (line[:length].rpartition(" ")[0] or line[:length]).rstrip(" ,;:.–-") + "…"


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.core.ruler.push("one_h1", _lower_headings)
    parser.add_render_rule("image", _alt_text)
    return parser


def _lower_headings(state: StateCore) -> None:
    above: list[int] = []  # levels as they were written, of the headings that the next one may stand under
    for opened, _, closed in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if opened.type == "heading_open":
            level = int(opened.tag[1])
            above = [each for each in above if each < level]
            opened.tag = closed.tag = f"h{min(LOWEST, 2 + len(above))}"
            above.append(level)


def _alt_text(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Pictures come from the library, as a cover; one from elsewhere would tell its server who reads."""
    return str(escape(_words(tokens[index].children or [])))


def _paragraphs(body: str) -> str:
    tokens = _parser().parse(_fit(body))
    opened = zip(tokens, tokens[1:], strict=False)
    return "\n".join(_words(text.children or []) for before, text in opened if before.type == "paragraph_open")


def _tokens(body: str) -> list[Token]:
    shown = ("inline", "fence", "code_block")
    return [token for token in _parser().parse(_fit(body)) if token.type in shown]


def _words(tokens: Sequence[Token]) -> str:
    return "".join(
        _words(token.children) if token.children else " " if token.type.endswith("break") else token.content
        for token in tokens
    )


def _fit(body: str) -> str:
    """Without halves of characters, which no encoding knows."""
    return body.encode("utf-8", "replace").decode()

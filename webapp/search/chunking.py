"""Markdown in chunks: parts short enough to have one meaning, with the headings above them.

Two that follow each other overlap, so that what is said across a cut is whole in one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt

SIZE = 700  # characters of one chunk, at most
OVERLAP = 120  # characters that two neighbours share, at most
CUTS = ("\n\n", "\n", ". ", "! ", "? ", " ")  # where to cut, the best first
# What means nothing when it is read. No two tries look at the same bracket: a text may have a hundred thousand of them.
MARKS = re.compile(r"!?\[([^\[\]]*+)\]\((?:[^()]++|\([^()]*+\))*+\)|[*_`#>~|]++")

_markdown = MarkdownIt("commonmark")


class Chunk(NamedTuple):
    number: int  # from 0
    heading: str  # those it stands under, as "Guide › Visiting"
    start: int  # where its text begins in the whole
    text: str  # Markdown


class Section(NamedTuple):
    heading: str
    start: int  # characters, with the line of its own heading
    end: int


def chunks(text: str) -> list[Chunk]:
    """Each character that is no space lies in at least one; a chunk never goes across a heading."""
    text = normal(text)
    spans = [(section.heading, *span) for section in sections(text) for span in _spans(text, section)]
    filled = [(heading, start, text[start:end]) for heading, start, end in spans if text[start:end].strip()]
    return [Chunk(number, *part) for number, part in enumerate(filled)]


def normal(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text)


def sections(text: str) -> list[Section]:
    """From one heading to the next."""
    starts = _line_starts(text)
    above: list[tuple[int, str]] = []  # level and words
    begun = [("", 0)]
    for level, words, line in _headings(text):
        above = [each for each in above if each[0] < level] + [(level, words)]
        begun.append((" › ".join(words for _, words in above if words), starts[line]))
    ends = [start for _, start in begun[1:]] + [len(text)]
    return [Section(heading, start, end) for (heading, start), end in zip(begun, ends, strict=True)]


def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("\n", text))]


def _headings(text: str) -> Iterator[tuple[int, str, int]]:
    """Level, words and line of each; not of those within a list or a quotation."""
    tokens = _markdown.parse(text)
    for token, inner in zip(tokens, tokens[1:], strict=False):
        if token.type == "heading_open" and token.level == 0 and token.map:
            yield int(token.tag[1:]), plain(inner.content), token.map[0]


def _spans(text: str, section: Section) -> Iterator[tuple[int, int]]:
    start, end = section.start, section.end
    while end - start > SIZE:
        cut = _cut(text, start)
        yield start, cut
        start = _with_overlap(text, cut)
    yield start, end


def _cut(text: str, start: int) -> int:
    """In the second half of what fits, so that no chunk is tiny."""
    for mark in CUTS:
        found = text.rfind(mark, start + SIZE // 2, start + SIZE)
        if found >= 0:
            return found + len(mark)
    return start + SIZE


def _with_overlap(text: str, cut: int) -> int:
    """Back to the beginning of a word before the cut."""
    space = text.find(" ", cut - OVERLAP, cut - 1)
    return space + 1 if space >= 0 else cut


def plain(text: str) -> str:
    """As it is read aloud: without marks and addresses, on one line."""
    return " ".join(MARKS.sub(r"\1", text).split())

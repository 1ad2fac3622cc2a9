"""The part of a text in which somebody sees why it was found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from markupsafe import Markup, escape

from webapp.models.words import Word, plain

AsRead = Callable[[str], str]  # a line without the marks of how it was written
LENGTH = 160  # characters
RUN = re.compile(r"\w+")
HEADING = re.compile(r"^#+ ", re.MULTILINE)


def excerpt(text: str, words: Sequence[Word], as_read: AsRead) -> str:
    """Of the first line with one of the words the part around it; of the first line, when only the title has them."""
    lines = [line for line in HEADING.sub("", text).splitlines() if line.strip()]
    found = next((line for line in lines if next(_hits(line, words), None)), lines[0] if lines else "")
    line = _on_one_line(as_read(found))
    hit = next(_hits(line, words), None)  # none where an address alone has the word
    return _around(line, hit.start if hit else 0)


def beginning(text: str, as_read: AsRead) -> str:
    """Of a part of a text its first line that is no heading, or that heading, where nothing else is."""
    lines = [line for line in text.splitlines() if line.strip()]
    line = next((each for each in lines if not HEADING.match(each)), HEADING.sub("", lines[0]) if lines else "")
    return _around(_on_one_line(as_read(line)), 0)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def marked(text: str, words: Sequence[Word]) -> Markup:
    """The text with <mark> around each of the words."""
    parts, done = [], 0
    for hit in _hits(text, words):
        parts += [escape(text[done : hit.start]), Markup("<mark>{}</mark>").format(text[hit.start : hit.stop])]
        done = hit.stop
    return Markup("").join([*parts, escape(text[done:])])


def _hits(text: str, words: Sequence[Word]) -> Iterator[range]:
    """Where they are; of the beginning of a longer word only that."""
    wanted = [(plain(each), word.goes_on) for word in words for each in word.spellings]
    for run in RUN.finditer(text):
        for part in re.finditer(r"[^_]+", run[0]):  # the index parts words there too
            length = max((_length(plain(part[0]), *each) for each in wanted), default=0)
            if length:
                start = run.start() + part.start()
                yield range(start, start + min(length, len(part[0])))


def _length(found: str, word: str, goes_on: bool) -> int:
    return len(word) if found == word or (goes_on and found.startswith(word)) else 0


def _around(line: str, place: int) -> str:
    start = max(0, place - LENGTH // 3)
    start = line.find(" ", start, place) + 1 or start if start else 0  # begin with a word
    part = line[start : start + LENGTH]
    return f"{'…' if start else ''}{part.strip()}{'…' if start + LENGTH < len(line) else ''}"

"""An editor's plain text, cut into what a template needs; the template does the escaping."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # no escape makes these fit
EXCERPT_LENGTH = 160  # characters; what search engines show of a description


def paragraphs(body: str) -> list[Markup]:
    """Escaped: a blank line begins a new paragraph, a single newline a new line."""
    text = "\n".join(body.splitlines()).strip()
    return [Markup("<br>\n").join(escape(part).split("\n")) for part in BLANK_LINES.split(text) if part]


def excerpt(text: str) -> str:
    """Its beginning on one line, cut between two words."""
    line = " ".join(text.split())
    if len(line) <= EXCERPT_LENGTH:
        return line
    return line[:EXCERPT_LENGTH].rpartition(" ")[0].rstrip(" ,;:.–-") + "…"


def xml_text(text: str) -> str:
    """Without the characters that no XML may hold."""
    return NOT_XML.sub("", text)

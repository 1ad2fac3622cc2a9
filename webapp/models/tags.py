"""Tags: how they are written, wherever they are typed."""

from __future__ import annotations

import unicodedata


def clean_tags(tags: list[str]) -> list[str]:
    """Trimmed, lower case, each once, at most 80 characters. A comma parts two, as where they are typed."""
    parts = unicodedata.normalize("NFC", ",".join(tags)).split(",")
    return sorted({part.strip().lower()[:80].rstrip() for part in parts} - {""})

"""Tags: how they are written, wherever they are typed."""

from __future__ import annotations


def clean_tags(tags: list[str]) -> list[str]:
    """Trimmed, lower case, each once, at most 80 characters."""
    return sorted({tag.strip().lower()[:80] for tag in tags} - {""})

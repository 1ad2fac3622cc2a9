"""What pydantic finds wrong, in the words of this site."""

from __future__ import annotations

from typing import Any

WORDS = {"missing": "This is needed.", "extra_forbidden": "There is no such field here."}


def words_of(error: Any) -> str:
    """Of one of ValidationError.errors()."""
    return WORDS.get(error["type"]) or error["msg"].removeprefix("Value error, ")


def sentence(words: str) -> str:
    """With one full stop at its end."""
    return f"{words.rstrip('.')}."

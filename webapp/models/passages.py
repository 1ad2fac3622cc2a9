"""What the site says about a question: parts of documents that everybody may see, for a chatbot to cite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from webapp.models.finding import EVERYBODY, Found
from webapp.models.finding_hybrid import find_hybrid
from webapp.models.words import plain as compared
from webapp.search.chunking import chunks, plain

DOCUMENTS = 20  # at most, one passage of each
BYTES_A_TOKEN = 3  # of UTF-8: English has 4 to 5 a token, other scripts 3 or more, so that rather too many are counted


class Passage(NamedTuple):
    found: Found
    text: str
    tokens: int  # about so many, with its title


def passages(q: str, collections: Sequence[str] = (), *, max_tokens: int) -> list[Passage]:
    """The best first, as many as fit. Whoever asks, a chatbot may repeat it to everybody."""
    left, fitting = max_tokens, []
    for found in find_hybrid(q, collections, DOCUMENTS, EVERYBODY):
        text = plain(found.passage or _with_most_words(found))
        tokens = tokens_of(f"{found.title}\n{text}")
        if tokens <= left:
            fitting.append(Passage(found, text, tokens))
            left -= tokens
    return fitting


def tokens_of(text: str) -> int:
    return -(-len(text.encode()) // BYTES_A_TOKEN)


def _with_most_words(found: Found) -> str:
    """The first of those parts that have most of the words; "" where only the title has them."""
    spellings = [[compared(each) for each in word.spellings] for word in found.words]

    def count(text: str) -> int:
        there = compared(text)
        return sum(any(each in there for each in spelt) for spelt in spellings)

    return max((chunk.text for chunk in chunks(found.text)), key=count, default="")

"""Chunks: nothing is lost, none is too long, and each knows the headings above it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.search.chunking import OVERLAP, SIZE, chunks, normal, plain

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
BLOCKS = st.one_of(
    WORDS,
    WORDS.map(lambda words: f"## {words}"),
    WORDS.map(lambda words: f"{words}\n====="),
    WORDS.map(lambda words: f"```\n# {words}\n```"),
    st.integers(1, 3000).map(lambda length: "x" * length),
    st.integers(1, 400).map(lambda count: "A few words. " * count),
)
TEXTS = st.lists(BLOCKS, max_size=12).map("\n\n".join)


@given(TEXTS)
@settings(max_examples=40)
def test_every_character_lies_in_a_chunk(text: str) -> None:
    left = list(normal(text))
    for chunk in chunks(text):
        assert normal(text)[chunk.start : chunk.start + len(chunk.text)] == chunk.text
        left[chunk.start : chunk.start + len(chunk.text)] = [" "] * len(chunk.text)
    assert not "".join(left).strip()


@given(TEXTS)
@settings(max_examples=40)
def test_chunks_are_short_in_order_and_overlap_a_little(text: str) -> None:
    found = chunks(text)
    assert [chunk.number for chunk in found] == list(range(len(found)))
    for chunk in found:
        assert chunk.text.strip()
        assert len(chunk.text) <= SIZE
    for one, other in zip(found, found[1:], strict=False):
        assert one.start < other.start
        assert one.start + len(one.text) - other.start <= OVERLAP


def test_a_chunk_knows_the_headings_above_it() -> None:
    found = chunks("Before.\n\n# Guide\n\nHello.\n\n## *Visiting*\n\nOpen daily.\n\n# End\n\nBye.")
    assert [(chunk.heading, plain(chunk.text)) for chunk in found] == [
        ("", "Before."),
        ("Guide", "Guide Hello."),
        ("Guide › Visiting", "Visiting Open daily."),
        ("End", "End Bye."),
    ]


def test_what_only_looks_like_a_heading_is_none() -> None:
    assert [chunk.heading for chunk in chunks("```\n# a comment\n```\n\n> # quoted\n")] == [""]


def test_a_long_text_is_cut_between_sentences_and_overlaps() -> None:
    first, second, *_ = chunks("The heron waits in the reeds. " * 60)
    assert first.text.endswith("reeds. ")
    assert second.start < len(first.text)


def test_a_text_without_words_has_no_chunks() -> None:
    assert chunks(" \n\n\t") == []


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("# The *old* `harbour`", "The old harbour"),
        ("See [the map](/map) and ![boats](/boats.jpg).", "See the map and boats."),
        ("A [mistake [the map](/map_(old))", "A [mistake the map"),
        ("[no link] (at all)", "[no link] (at all)"),
    ],
)
def test_a_text_is_read_without_its_marks(text: str, read: str) -> None:
    assert plain(text) == read


@pytest.mark.parametrize("mark", ["[", "[]((", "[](a(b)"])
def test_each_mark_of_a_text_is_looked_at_a_few_times_at_most(mark: str) -> None:
    begun = time.thread_time()  # what this thread works, however busy the machine is
    plain(mark * 30_000)
    assert time.thread_time() - begun < 2

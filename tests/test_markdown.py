"""Markdown becomes HTML that can harm nobody, and keeps the page's one h1."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.markdown import ATTRIBUTES, TAGS, excerpt, to_html, to_text

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    '[x](https://a.example "onmouseover=alert(1)")',
    '[x](https://a.example" onmouseover="alert(1))',
    "![x](https://tracker.example/pixel.png)",
    "![x](javascript:alert(1))",
    "![<b>](x)",
    "[x]: javascript:alert(1)\n\n[x]",
    "`</code><script>alert(1)</script>`",
    '```"><script>alert(1)</script>\nx\n```',
    "<!-- --><script>alert(1)</script>",
    "<style>body{display:none}</style>",
    "|a|\n|:-:|\n|<script>|",
    "# <h1>x</h1>",
    "<math><mi//xlink:href='data:x,<script>'>",
    "\0<scr\0ipt>alert(1)</script>",
    "[[[[" * 2000 + "]]]]" * 2000,
    "> " * 3000 + "x",
    "*" * 5000,
    "\ud800",
]


class Seen(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    for tag, attributes in Seen(html).tags:
        assert tag in TAGS, html
        assert set(attributes) <= ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set()), html
        href = (attributes.get("href") or "").lower()
        scheme = href.split(":")[0] if ":" in href.split("/")[0] else ""
        assert scheme in ("", "http", "https", "mailto"), html


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: ascii(body)[:40])
def test_hostile_markdown_becomes_harmless(body):
    assert_harmless(to_html(body))
    to_text(body)


@given(st.text(st.sampled_from("<>\"'&;:/\\[]()!`*_~#|-= \n\tahjsvcriptone1"), max_size=120))
def test_no_text_at_all_becomes_harmful(body):
    assert_harmless(to_html(body))
    to_text(body)


@given(st.text(max_size=200))
def test_any_text_can_be_read(body):
    assert_harmless(to_html(body))
    assert len(excerpt(body, 50)) <= 51


def test_what_editors_write_is_shown():
    html = to_html(
        "# One\n\nA **bold** and ~~struck~~ [link](/harbour 'There'), <mail@example.org>\n\n"
        "3. three\n\n- item\n\n> quote\n\n```python\nx < 1\n```\n\n|a|b|\n|-|-|\n|1|2|\n\n---\n"
    )
    for part in (
        "<h2>One</h2>",
        "<strong>bold</strong>",
        "<s>struck</s>",
        '<a href="/harbour" title="There" rel="noopener noreferrer">link</a>',
        'href="mailto:mail@example.org"',
        '<ol start="3">',
        "<li>item</li>",
        "<blockquote>",
        "<pre><code>x &lt; 1",
        "<td>2</td>",
        "<hr>",
    ):
        assert part in html
    assert "<h1" not in html


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("1", "2"),
        ("2", "2"),
        ("23", "23"),
        ("16", "23"),
        ("3231", "2232"),
        ("123456", "234566"),
        ("1313", "2323"),
    ],
)
def test_headings_begin_below_that_of_the_page_and_skip_no_level(written, shown):
    html = to_html("\n\n".join(f"{'#' * int(level)} A heading\n\nText." for level in written))
    assert re.findall(r"<h(\d)>A heading</h\1>", html) == list(shown)


def test_html_is_shown_as_the_text_that_it_is():
    assert to_html("a <b>b</b>") == "<p>a &lt;b&gt;b&lt;/b&gt;</p>\n"


def test_a_picture_is_its_alt_text():
    assert to_html("![A *red* boat](https://example.org/x.png)") == "<p>A red boat</p>\n"


def test_the_words_are_without_markup():
    body = "# Title\n\nSome *words*,\n[linked](x) `code`.\n\n- one\n- two\n\n```\nfenced\n```\n"
    assert to_text(body) == "Title\nSome words, linked code.\none\ntwo\nfenced"


def test_an_excerpt_is_of_paragraphs_and_of_a_heading_only_when_there_is_nothing_else():
    assert excerpt("# Title\n\nSome *words*.\n\n|a|\n|-|\n\n- One more.") == "Some words. One more."
    assert excerpt("# Title") == "Title"


def test_an_excerpt_is_cut_between_two_words():
    assert excerpt("One two three", 9) == "One two…"
    assert excerpt("x" * 500, 10) == "x" * 10 + "…"
    assert excerpt("") == excerpt("***\n\n![](x)") == ""

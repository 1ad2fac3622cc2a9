"""The last part of a page's address: what it may look like, and which are taken by the site itself."""

from __future__ import annotations

import re
from collections.abc import Container
from itertools import count

RESERVED_SLUGS = {
    "admin",
    "api",
    "search",
    "static",
    "media",
    "healthz",
    "readyz",
    "metrics",
    "robots.txt",
    "favicon.ico",
    "sitemap.xml",
    "posts",
    "ask",
}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG = 100  # characters
FORM = "Use small letters, digits and single hyphens, such as summer-fair."


def unfit(slug: str) -> str | None:
    """What is wrong with it, in words; None when a page may have it."""
    if words := _misshapen(slug):
        return words
    if _is_of_the_site(slug):
        return f"The address “{slug}” is taken by the site itself. Choose another."
    return None


def ill_formed(slug: str) -> str | None:
    """The same for what has an address of its own kind, such as a post, which collides with nothing of the site."""
    if words := _misshapen(slug):
        return words
    return "Add a letter: an address of digits alone would be taken for a number." if slug.isdigit() else None


def _misshapen(slug: str) -> str | None:
    if not SLUG.fullmatch(slug):
        return FORM
    return f"Use at most {LONGEST_SLUG} characters." if len(slug) > LONGEST_SLUG else None


def first_free(wanted: str, taken: Container[str]) -> str:
    """The slug itself, or with the first number that is free."""
    if wanted not in taken:
        return wanted
    numbered = (f"{wanted}-{number}" for number in count(2))
    return next(slug for slug in numbered if slug not in taken)


def for_a_page(slug: str) -> str:
    """Another one, when the site itself has it."""
    return f"page-{slug}" if _is_of_the_site(slug) else slug


def _is_of_the_site(slug: str) -> bool:
    return slug.isdigit() or slug in RESERVED_SLUGS

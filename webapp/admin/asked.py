"""What an address or a form asks for, made safe: no NUL in text, no number that a database can't hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, abort, request
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select

from webapp.extensions import db

BIGGEST = 2**63 - 1
PER_PAGE = 60
LAST_PAGE = 1_000_000
LONGEST_SEARCH = 200  # characters; SQLite refuses very long patterns


def refuse_impossible_ids(blueprint: Blueprint) -> None:
    """Answer 404 for an id in the address that no row can have."""

    @blueprint.url_value_preprocessor
    def check(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        if any(isinstance(value, int) and value > BIGGEST for value in (values or {}).values()):
            abort(404)


def text(name: str) -> str:
    """A field of the form, "" when it is missing."""
    return plain(request.form.get(name, "")).strip()


def text_if_sent(name: str) -> str | None:
    return text(name) if name in request.form else None


def plain(typed: str) -> str:
    """Without NUL, which PostgreSQL refuses, and with the line ends of Unix."""
    return typed.replace("\0", "").replace("\r\n", "\n")


def search(name: str) -> str:
    """A word to look for, from the address."""
    return plain(request.args.get(name, "")).strip()[:LONGEST_SEARCH]


def number(typed: str | None, words: str) -> int:
    """A whole number; answers 400 with the words when it is none, or none that a database can hold."""
    try:
        found = int(typed or "")
    except ValueError:
        abort(400, words)
    if abs(found) > BIGGEST:
        abort(400, words)
    return found


def id_in_address(name: str) -> int | None:
    """An id after the question mark, None when it is missing or can't be one."""
    typed = request.args.get(name, "")
    return int(typed) if typed.isdecimal() and len(typed) < 19 else None


def day_in_address(name: str) -> date | None:
    """A day such as 2026-03-01 after the question mark, None when it is missing or none."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def page_number() -> int:
    typed = request.args.get("page", "")
    return min(max(int(typed), 1), LAST_PAGE) if typed.isdecimal() and len(typed) < 10 else 1


def paged(rows: Select[Any], per_page: int = PER_PAGE, count: Callable[[], int] | None = None) -> Pagination:
    """One page of them, by `?page=n`; beyond the end it is the last one. `count` knows a faster way to count them."""
    wanted = page_number()
    found = _page(rows, wanted, per_page, count)
    return found if found.items or wanted == 1 else _page(rows, max(found.pages, 1), per_page, count)


def _page(rows: Select[Any], number: int, per_page: int, count: Callable[[], int] | None) -> Pagination:
    found = db.paginate(
        rows, page=number, per_page=per_page, max_per_page=per_page, error_out=False, count=count is None
    )
    found.total = count() if count else found.total
    return found

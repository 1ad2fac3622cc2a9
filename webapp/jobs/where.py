"""Filters over jobs, as people and programs write them: {"status": "failed", "input.mediaId": 42}."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.alias_generators import to_camel
from sqlalchemy import ColumnElement, SQLColumnExpression, String, case, cast, func, or_

from webapp.database import db
from webapp.jobs.job import Job
from webapp.jobs.states import STATUSES

COLUMNS = (
    "id", "task_slug", "workflow_slug", "queue", "status", "subject", "priority", "total_tried", "crashes",
    "concurrency_key", "schedule", "created_by",
)  # fmt: skip
NAMES = {spelling: name for name in COLUMNS for spelling in (name, to_camel(name))}
DOCUMENTS = {"input": Job.input, "meta": Job.meta, "output": Job.output}
FIELD = re.compile(r"[^\"\\\x00-\x1f\ud800-\udfff]{1,100}")  # what both databases take as a name in a document
BIG = ("id", "created_by")  # columns that hold 64 bits; the others hold 32
MOST_CONDITIONS = 20
MOST_VALUES = 1000  # of one condition

Where = Mapping[str, Any]


class BadFilter(ValueError):
    """A name or value that jobs can't be filtered by; the message says which there are."""


def conditions(where: Where | None) -> list[ColumnElement[bool]]:
    """One for each entry: a column or "input.field", and a value or a list of possible ones. Raises BadFilter."""
    entries = list((where or {}).items())
    if len(entries) > MOST_CONDITIONS:
        raise BadFilter(f"A filter has {MOST_CONDITIONS} conditions at most.")
    return [_condition(name, value) for name, value in entries]


def from_texts(texts: Iterable[str]) -> dict[str, Any]:
    """What is written at a terminal: "status=failed"; the same name twice means either value. Raises BadFilter."""
    where: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise BadFilter(f"{text!r} is no condition. Write NAME=VALUE, like status=failed or input.mediaId=42.")
        where.setdefault(name, []).append(_from_text(name, value))
    return where


def _from_text(name: str, text: str) -> Any:
    if text == "null":
        return None
    is_number = name in NAMES and _type_of(NAMES[name]) is int and re.fullmatch(r"-?[0-9]{1,20}", text)
    return int(text) if is_number else text


def _condition(name: str, value: Any) -> ColumnElement[bool]:
    values = list(value) if isinstance(value, list | tuple | set) else [value]
    _refuse_unfit(name, values)
    document, dot, field = name.partition(".")
    if dot and document in DOCUMENTS and FIELD.fullmatch(field):
        return _any_of(_text_at(DOCUMENTS[document], field), [_as_json_text(one) for one in values])
    if name == "slug":
        known = [_fitting("task_slug", one) for one in values]
        return or_(_any_of(Job.task_slug, known), _any_of(Job.workflow_slug, known))
    if name not in NAMES:
        there_are = ", ".join([*map(to_camel, COLUMNS), "slug", *(f"{document}.…" for document in DOCUMENTS)])
        raise BadFilter(f"There is no filter {name[:100]!r}. There are: {there_are}.")
    return _any_of(getattr(Job, NAMES[name]), [_fitting(NAMES[name], one) for one in values])


def _refuse_unfit(name: str, values: list[Any]) -> None:
    if not all(one is None or isinstance(one, str | int | float) for one in values):
        raise BadFilter(f"{name}: filter by a value or a list of values.")
    if len(values) > MOST_VALUES:
        raise BadFilter(f"{name}: {MOST_VALUES} values at most.")
    if not all(_is_storable(one) for one in values if isinstance(one, str)):
        raise BadFilter(f"{name}: there is a character in it that no text here has.")


def _is_storable(text: str) -> bool:
    """PostgreSQL holds no NUL, and neither database half a character."""
    return not re.search(r"[\x00\ud800-\udfff]", text)


def _any_of(column: SQLColumnExpression[Any], values: list[Any]) -> ColumnElement[bool]:
    found = [one for one in values if one is not None]
    return or_(column.in_(found), column.is_(None)) if len(found) < len(values) else column.in_(found)


def _fitting(name: str, value: Any) -> Any:
    """PostgreSQL does not compare a number with a text, nor hold any number."""
    if value is None:
        return None
    wanted = _type_of(name)
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise BadFilter(f"{to_camel(name)}: {value!r} is not {'a whole number' if wanted is int else 'a text'}.")
    if isinstance(value, int) and value.bit_length() >= (64 if name in BIG else 32):
        raise BadFilter(f"{to_camel(name)}: the number is too large.")
    if name == "status" and value not in STATUSES:
        raise BadFilter(f"status: there is no {value!r}. There are: {', '.join(STATUSES)}.")
    return value


def _type_of(name: str) -> type[Any]:
    found: type[Any] = getattr(Job, name).type.python_type
    return found


def _text_at(document: Any, field: str) -> ColumnElement[str]:
    """A field of a JSON column as text, alike on both databases."""
    found: ColumnElement[str] = cast(document[field].as_string(), String)
    if db.engine.dialect.name != "sqlite":
        return found
    kind = func.json_type(document, f'$."{field}"')  # SQLite would say 1 and 0 for true and false
    return case((kind.in_(("true", "false")), kind), else_=found)


def _as_json_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() >= 64:
        raise BadFilter("The number is too large.")  # and past some thousand digits Python writes none out
    return None if value is None else str(value)

"""Values of jobs that callers choose freely, within what both databases store and find again."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, StringConstraints

from webapp.api.fields import Text, without_nul

MAX_DOCUMENT = 64 * 1024  # bytes of JSON
YEARS = range(2000, 3000)
MARKUP = set("<>&\"'`\\")


def plain_document(document: dict[str, Any]) -> dict[str, Any]:
    _refuse_unfit(document)
    if len(json.dumps(document)) > MAX_DOCUMENT:
        raise ValueError(f"This is more than {MAX_DOCUMENT // 1024} kB.")
    return document


def _refuse_unfit(value: Any) -> None:
    if isinstance(value, dict):
        _refuse_unfit([*value.keys(), *value.values()])
    elif isinstance(value, list):
        for one in value:
            _refuse_unfit(one)
    elif isinstance(value, str):
        without_nul(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("NaN and Infinity can't be stored.")
    elif isinstance(value, int) and value.bit_length() >= 64:
        raise ValueError("A number in it is too large.")


def storable_moment(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise ValueError(f"Choose a moment from the year {YEARS[0]} to {YEARS[-1]}.")
    return moment.astimezone(UTC)


def without_markup(text: str) -> str:
    """Tools that show what lies in Redis print it as it is."""
    if MARKUP & set(text) or not text.isprintable():
        raise ValueError("Leave out quotes, < > & \\ and line breaks.")
    return text


Document = Annotated[dict[str, Any], AfterValidator(plain_document)]
Moment = Annotated[AwareDatetime, AfterValidator(storable_moment)]
Subject = Annotated[Text, StringConstraints(max_length=100), AfterValidator(without_markup)]

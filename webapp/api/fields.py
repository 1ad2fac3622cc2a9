"""What values the API takes: ids that fit a row, text that any database stores, and the shape of lists."""

from __future__ import annotations

import re
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from werkzeug.routing import IntegerConverter

MAX_ID = 10**18 - 1  # fits a row's id, and eighteen digits are easily told from more
MAX_INTEGER = 2**31 - 1  # what any other number column can hold
MAX_LIMIT = 1000

T = TypeVar("T")


class RowIdConverter(IntegerConverter):
    """`<row:media_id>` in a URL: an id that a row can have, so that no database stumbles over it."""

    regex = "[1-9][0-9]{0,17}"


A_ROW_ID = re.compile(RowIdConverter.regex)


def without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("Take out the NUL character.")
    return text


def left_out(description: str | None = None) -> Any:
    """For a field that may be missing and then stays as it is; null is not the same and is refused."""
    return Field(default_factory=lambda: None, description=description)


RowId = Annotated[int, Field(ge=1, le=MAX_ID)]
NO_NUL = AfterValidator(without_nul)  # after the length, which else is told in items, not characters
Text = Annotated[str, NO_NUL]
Title = Annotated[str, StringConstraints(max_length=300), NO_NUL]
LongText = Annotated[str, StringConstraints(max_length=100_000), NO_NUL]
Caption = Annotated[str, StringConstraints(max_length=10_000), NO_NUL]
Credit = Annotated[str, StringConstraints(max_length=500), NO_NUL]
Percent = Annotated[int, Field(ge=0, le=100)]
Tag = Annotated[str, StringConstraints(max_length=80), NO_NUL]
Tags = Annotated[list[Tag], Field(max_length=100, fail_fast=True)]
Word = Annotated[str, StringConstraints(max_length=200), NO_NUL]


class Body(BaseModel):
    """A JSON object as it must come in: right types, and no field that there is not."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True, extra="forbid")


class Form(BaseModel):
    """The fields of a multipart form."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", arbitrary_types_allowed=True)


class Query(BaseModel):
    """What stands behind the ? of an address; names that it does not know mean nothing."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class ListQuery(Query):
    limit: int = Field(20, ge=1, le=MAX_LIMIT)
    page: int = Field(1, ge=1, le=MAX_INTEGER)


class Answer(BaseModel):
    """What goes out, in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class Listing(Answer, Generic[T]):
    """One page of a list."""

    docs: list[T]
    total_docs: int
    limit: int
    page: int
    total_pages: int
    has_next_page: bool


class Done(Answer):
    success: bool = True
    id: int

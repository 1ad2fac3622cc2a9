"""Rules: which pictures belong in a gallery by themselves. Shown = (rule matches ∪ added by hand) − hidden."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from webapp.database import db
from webapp.jobs import Job, queue
from webapp.models.tags import clean_tags
from webapp.models.user import User

RECONCILE = "reconcileGallery"
LONGEST_TEXT = 200  # characters; SQLite refuses very long patterns
MOST_TAGS = 50
MAX_ID = 10**18 - 1
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


def without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("Take out the NUL character.")
    return text


Tag = Annotated[str, Field(max_length=80), AfterValidator(without_nul)]
Tags = Annotated[list[Tag], Field(max_length=MOST_TAGS), AfterValidator(clean_tags)]
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
Words = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(without_nul), AfterValidator(str.strip)]


class Rule(BaseModel):
    """A picture belongs in the gallery when all of it holds. What is null, empty or left out excludes nothing."""

    model_config = ConfigDict(extra="forbid", strict=True)

    tags_all: Tags = Field([], alias="tagsAll", description="It has each of these tags.")
    tags_any: Tags = Field([], alias="tagsAny", description="It has one of these tags.", examples=[["harbour"]])
    orientation: Literal["landscape", "portrait", "square"] | None = None
    since: Day | None = Field(None, alias="from", description="Uploaded on this day (UTC) or later.")
    until: Day | None = Field(None, alias="to", description="Uploaded on this day (UTC) or earlier.")
    uploader_id: int | None = Field(None, alias="uploaderId", ge=1, le=MAX_ID, description="Who uploaded it.")
    text: Words | None = Field(None, description="Stands in its file name, alt text or caption.")

    @model_validator(mode="after")
    def _in_order(self) -> Rule:
        if self.since and self.until and self.since > self.until:
            raise ValueError("The first day comes after the last one.")
        return self

    @property
    def stored(self) -> dict[str, Any] | None:
        """As it is kept, always written the same way; None when every picture belongs."""
        full = self.model_dump(mode="json", by_alias=True)
        return {name: value for name, value in full.items() if value not in (None, [], "")} or None


class UnfitRule(ValueError):
    """The rule can't be used; `fields` maps each wrong field to words."""

    def __init__(self, fields: dict[str, str]) -> None:
        self.fields = fields
        super().__init__(" ".join(fields.values()))


def stored_rule(given: Rule | dict[str, Any] | None) -> dict[str, Any] | None:
    """The rule as it is kept, checked. Raises UnfitRule."""
    rule = given if isinstance(given, Rule) else rule_of(given)
    if rule.uploader_id and db.session.get(User, rule.uploader_id) is None:
        raise UnfitRule({"rule.uploaderId": f"There is no account {rule.uploader_id}."})
    return rule.stored


def rule_of(stored: dict[str, Any] | None) -> Rule:
    """Raises UnfitRule."""
    try:
        return Rule.model_validate_json(json.dumps(stored or {}))
    except ValidationError as error:
        words = {".".join(["rule", *map(str, e["loc"])]): e["msg"] for e in error.errors()}
        raise UnfitRule(words) from None


def queue_reconcile(gallery_id: int, *, by: int | None = None) -> Job:
    """The job that brings a gallery in line with its rule; the one that waits for it already, if there is one."""
    return queue(RECONCILE, {"galleryId": gallery_id}, subject=f"gallery:{gallery_id}", created_by=by)

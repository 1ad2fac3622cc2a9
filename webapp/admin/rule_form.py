"""What an editor typed into the form of a rule, and how it becomes one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from werkzeug.datastructures import MultiDict

from webapp.admin import asked
from webapp.models.gallery import Gallery
from webapp.models.rule import Rule, UnfitRule, rule_of, stored_rule

NO_DAY = "Choose a day of the calendar, such as 2026-05-31."
WORDS = {
    "tagsAll": "Use at most 50 tags of at most 80 characters each.",
    "tagsAny": "Use at most 50 tags of at most 80 characters each.",
    "orientation": "Choose one of the orientations.",
    "from": NO_DAY,
    "to": NO_DAY,
    "uploaderId": "Choose one of the people.",
    "text": "Use at most 200 characters.",
}


@dataclass(frozen=True)
class RuleForm:
    """Each field as it was typed, "" when it was left empty."""

    tags_all: str = ""
    tags_any: str = ""
    orientation: str = ""
    since: str = ""
    until: str = ""
    uploader: str = ""
    text: str = ""

    @property
    def given(self) -> dict[str, Any]:
        """As it would come in over HTTP; what is no number stays text, and is refused."""
        uploader = int(self.uploader) if self.uploader.isdecimal() and len(self.uploader) < 19 else self.uploader
        return {
            "tagsAll": self.tags_all.split(","),
            "tagsAny": self.tags_any.split(","),
            "orientation": self.orientation or None,
            "from": self.since or None,
            "to": self.until or None,
            "uploaderId": uploader or None,
            "text": self.text,
        }

    @property
    def rule(self) -> Rule:
        """Raises UnfitRule."""
        return rule_of(stored_rule(self.given))


def typed_rule(values: MultiDict[str, str]) -> RuleForm:
    return RuleForm(**{one.name: asked.plain(values.get(one.name, "")).strip() for one in fields(RuleForm)})


def form_of(gallery: Gallery) -> RuleForm:
    rule = rule_of(gallery.rule)
    return RuleForm(
        tags_all=", ".join(rule.tags_all),
        tags_any=", ".join(rule.tags_any),
        orientation=rule.orientation or "",
        since=rule.since.isoformat() if rule.since else "",
        until=rule.until.isoformat() if rule.until else "",
        uploader=str(rule.uploader_id or ""),
        text=rule.text or "",
    )


def words_for_fields(unfit: UnfitRule) -> dict[str, str]:
    """For each wrong field of the form, words for an editor."""
    return dict(_words_for(unfit.fields))


def _words_for(wrong: dict[str, str]) -> Iterable[tuple[str, str]]:
    names = {"tagsAll": "tags_all", "tagsAny": "tags_any", "from": "since", "to": "until", "uploaderId": "uploader"}
    for path in wrong:
        name = [*path.split("."), ""][1]
        # Of the rule as a whole only the order of its days can be wrong.
        yield names.get(name, name or "until"), WORDS.get(name, "The last day comes before the first one.")

"""A rule in words for an editor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from webapp.database import db, utcnow
from webapp.models.rule import Rule, rule_of
from webapp.models.user import User

EVERY_PICTURE = "Every picture"


def words_for_rule(rule: Rule | dict[str, Any] | None) -> str:
    """Such as "Landscape pictures with the tag harbour, uploaded since 1 May"."""
    rule = rule if isinstance(rule, Rule) else rule_of(rule)
    if rule.stored is None:
        return EVERY_PICTURE
    kind = f"{rule.orientation.capitalize()} pictures" if rule.orientation else "Pictures"
    parts = [*_tags(rule), f"“{rule.text}” in their file name, alt text or caption" if rule.text else ""]
    with_these = _listed([part for part in parts if part])
    uploaded = _upload(rule)
    if with_these:
        return f"{kind} with {with_these}{', ' if uploaded else ''}{uploaded}"
    return f"{kind} {uploaded}".strip()


def _tags(rule: Rule) -> list[str]:
    found = []
    if rule.tags_all:
        found.append(f"the {'tag' if len(rule.tags_all) == 1 else 'tags'} {_listed(rule.tags_all)}")
    if rule.tags_any:
        found.append(f"the tag {_listed(rule.tags_any, 'or')}")
    return found


def _upload(rule: Rule) -> str:
    parts = [f"by {_name_of(rule.uploader_id)}" if rule.uploader_id else "", _days(rule.since, rule.until)]
    told = " ".join(part for part in parts if part)
    return f"uploaded {told}" if told else ""


def _name_of(user_id: int) -> str:
    user = db.session.get(User, user_id)
    return user.name if user else "somebody who is no longer here"


def _days(since: date | None, until: date | None) -> str:
    if since and until:
        return f"on {_day(since)}" if since == until else f"from {_day(since)} to {_day(until)}"
    if since:
        return f"since {_day(since)}"
    return f"until {_day(until)}" if until else ""


def _day(day: date) -> str:
    """The year is said when it is not this one."""
    return f"{day.day} {day:%B}" if day.year == utcnow().year else f"{day.day} {day:%B %Y}"


def _listed(words: Sequence[str], last: str = "and") -> str:
    return f" {last} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part) if words else ""

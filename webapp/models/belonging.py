"""What belongs in which gallery: conditions on pairs of Block and Media, one set of them for each different rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, and_, cast, not_, select, true

from webapp.models.media import Media, MediaTag
from webapp.models.page import Block
from webapp.models.parts import contains_either
from webapp.models.rule import Rule
from webapp.models.ruled import rules_in_use

Conditions = tuple[SQLColumnExpression[bool], ...]
SHAPES = {
    "landscape": Media.width > Media.height,
    "portrait": Media.width < Media.height,
    "square": Media.width == Media.height,
}


def belongs() -> list[Conditions]:
    """First for the galleries without a rule, all of them at once; then for those of each rule."""
    return [(Block.rule.is_(None),), *belongs_by_rule()]


def belongs_by_rule() -> list[Conditions]:
    return [(*_has_rule(text), *matching(rule)) for text, rule in rules_in_use()]


def does_not_belong() -> list[Conditions]:
    """Galleries with a rule, and the pictures that it does not match."""
    return [(*_has_rule(text), not_matching(rule)) for text, rule in rules_in_use()]


def _has_rule(text: str) -> Conditions:
    return Block.rule.is_not(None), cast(Block.rule, Text) == text


def not_matching(rule: Rule) -> ColumnElement[bool]:
    return not_(and_(true(), *matching(rule)))


def matching(rule: Rule) -> list[ColumnElement[bool]]:
    """Conditions on Media that all hold for the pictures of this rule; none of them is ever NULL."""
    found = [_tagged(MediaTag.tag == tag) for tag in rule.tags_all]
    if rule.tags_any:
        found.append(_tagged(MediaTag.tag.in_(rule.tags_any)))
    if rule.orientation:
        found.append(SHAPES[rule.orientation])
    if rule.since:
        found.append(Media.created_at >= _start_of(rule.since))
    if rule.until:
        found.append(Media.created_at < _start_of(rule.until + timedelta(days=1)))
    if rule.uploader_id:
        found.append(Media.created_by.is_not_distinct_from(rule.uploader_id))
    if rule.text:
        found.append(contains_either((Media.filename, Media.alt, Media.caption), rule.text))
    return found


def _tagged(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(MediaTag.tag).where(MediaTag.media_id == Media.id, condition).correlate(Media).exists()


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

"""The rules that auto-sync galleries have, and what changes of a picture they look at."""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from pydantic import ValidationError
from sqlalchemy import Text, cast, select

from webapp.database import db
from webapp.jobs import Job, queue
from webapp.models.page import Block
from webapp.models.rule import Rule

log = structlog.get_logger(__name__)

RECONCILE_MEDIA = "reconcileMedia"
MOST_AT_ONCE = 1000  # pictures a job
# What of a picture can change after its upload, and the fields of a rule that look at it.
READ_BY = {"tags": ("tags_all", "tags_any"), "words": ("text",), "shape": ("orientation",)}

RULES = select(cast(Block.rule, Text)).where(Block.rule.is_not(None), Block.auto_sync).distinct()


def rules_in_use() -> Iterator[tuple[str, Rule]]:
    """The different rules of auto-sync galleries, each with how it is kept; in one order for all who add by it."""
    for text in sorted(db.session.scalars(RULES)):
        try:
            yield text, Rule.model_validate_json(text)
        except ValidationError as error:  # its galleries stay as they are; the others must not suffer
            log.error("rule.unreadable", rule=text, error=str(error))


def media_changed(media_ids: list[int], *changed: str) -> list[Job]:
    """Put pictures where they belong, whose "tags", "words" or "shape" the running transaction changed.

    Queues nothing unless a rule in use looks at that.
    """
    fields = {field for part in changed for field in READ_BY[part]}
    if not media_ids or not fields or not any(getattr(rule, name) for _, rule in rules_in_use() for name in fields):
        return []
    return _queue_each_portion(media_ids)


def media_came_back(media_ids: list[int]) -> list[Job]:
    """The same for pictures that the running transaction restores: no change of a rule looks at those in the trash."""
    return _queue_each_portion(media_ids) if any(rules_in_use()) else []


def _queue_each_portion(media_ids: list[int]) -> list[Job]:
    portions = [media_ids[start : start + MOST_AT_ONCE] for start in range(0, len(media_ids), MOST_AT_ONCE)]
    return [_queue(portion) for portion in portions]


def _queue(media_ids: list[int]) -> Job:
    subject = f"media:{media_ids[0]}" if len(media_ids) == 1 else None
    return queue(RECONCILE_MEDIA, {"mediaIds": media_ids}, subject=subject)

"""The settings of a gallery in a layout that was read a while ago: what somebody changed since is not changed back.

They are switched at once and make no new version of the page, or whoever has its form open would meet a conflict over
what that form does not even hold. Instead a tag goes out with them and comes back.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from webapp.models.rule import stored_rule

if TYPE_CHECKING:
    from webapp.models.page import Block

SETTINGS = {"autoSync": "auto_sync", "rule": "rule", "newItems": "new_items", "style": "style"}


def tag_of(block: Block) -> str:
    """The same for the same settings."""
    return _tag(_settings_of(block))


def still_meant(block: Block, wanted: dict[str, Any]) -> dict[str, Any] | None:
    """What of a layout is to be done to this block; None when its sender changed settings that somebody else had too.

    Settings that the sender left as they were read stay as they are now. Raises UnfitRule.
    """
    read, now = wanted.get("settingsTag"), _settings_of(block)
    if read in (None, _tag(now)):
        return wanted
    sent = now | {key: wanted[key] for key in SETTINGS if key in wanted}
    if _tag(sent | {"rule": stored_rule(sent["rule"])}) != read:
        return None
    return {key: value for key, value in wanted.items() if key not in SETTINGS}


def _settings_of(block: Block) -> dict[str, Any]:
    return {key: getattr(block, name) for key, name in SETTINGS.items()}


def _tag(settings: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]

"""Answers that are not even made when the visitor has them already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from flask import Response, current_app, make_response, request
from sqlalchemy import Row
from werkzeug.http import is_resource_modified

from webapp.assets import compressed
from webapp.database import state_of_data

SEEN = "gallerist_seen"  # of an app: for each page of late, its ETag and the state of all data that it is of
MOST_SEEN = 1000  # pages, by path and number: whatever else stands in an address is for any visitor to write


def unless_nothing_changed(view: Callable[..., Response]) -> Callable[..., Response]:
    """Don't even look at what the answer is made of, as long as nothing at all was written since the last look.

    Only for a view that goes by its path, `?page=n` and the database alone, and neither by the time nor by who asks.
    """

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Response:
        if "If-None-Match" not in request.headers:
            return view(*args, **kwargs)
        seen = current_app.extensions.setdefault(SEEN, {})
        asked = *made_by(), request.path, request.args.get("page")
        now = state_of_data()  # before the look, never after it
        then, tag = seen.get(asked, (None, ""))
        if then == now and not is_resource_modified(request.environ, etag=tag):
            return not_modified(tag)
        response = view(*args, **kwargs)
        if tag := response.get_etag()[0]:
            if len(seen) >= MOST_SEEN:
                seen.clear()
            seen[asked] = now, tag
        return response

    return answer


def unless_unchanged(facts: Iterable[Any], render: Callable[[], str | Response]) -> Response:
    """What `render` makes, or 304. `facts` are all that it is made of, apart from this release and its settings."""
    tag = tag_of(facts)
    if not is_resource_modified(request.environ, etag=tag):
        return not_modified(tag)
    response = compressed(make_response(render()))
    response.set_etag(tag, weak=True)
    return response


def not_modified(tag: str) -> Response:
    response = Response(status=304)
    response.set_etag(tag, weak=True)
    return response


def tag_of(facts: Iterable[Any]) -> str:
    plain = [tuple(fact) if isinstance(fact, Row) else fact for fact in facts]  # a Row cuts its own words short
    return hashlib.blake2b(repr((made_by(), plain)).encode(), digest_size=16).hexdigest()


def made_by() -> tuple[str, str | None, str]:
    """What goes into every answer: this release and its settings."""
    settings = current_app.config["SETTINGS"]
    return current_app.extensions["gallerist_release"], settings.server_url, request.script_root

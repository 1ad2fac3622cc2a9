"""Answers that are not even made when the visitor has them already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from flask import Response, current_app, make_response, request
from sqlalchemy import Row
from werkzeug.http import is_resource_modified

from webapp.assets import compressed


def unless_unchanged(facts: Iterable[Any], render: Callable[[], str | Response]) -> Response:
    """What `render` makes, or 304. `facts` are all that it is made of, apart from this release and its settings."""
    tag = tag_of(facts)
    if is_resource_modified(request.environ, etag=tag):
        response = compressed(make_response(render()))
    else:
        response = Response(status=304)
    response.set_etag(tag, weak=True)
    return response


def tag_of(facts: Iterable[Any]) -> str:
    settings = current_app.config["SETTINGS"]
    about = (current_app.extensions["gallerist_release"], settings.server_url, request.script_root)
    plain = [tuple(fact) if isinstance(fact, Row) else fact for fact in facts]  # a Row cuts its own words short
    return hashlib.blake2b(repr((about, plain)).encode(), digest_size=16).hexdigest()

"""A name for each request: it stands in the log lines of the request, and in those of the jobs that it asked for."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from flask import Flask, Response, current_app, g, request

from webapp.counters import count_request
from webapp.logs import REQUEST_ID

HEADER = "X-Request-Id"  # platforms and proxies send it
WELL_FORMED = re.compile(r"[\w.:=-]{8,64}", re.ASCII)
LOOKS = ("GET", "HEAD", "OPTIONS")  # changes nothing, and is logged by what stands in front of us

log = structlog.get_logger(__name__)


def init_requests(app: Flask) -> None:
    app.url_value_preprocessor(lambda _endpoint, _values: begin())  # first of all: one of a blueprint may refuse
    app.after_request(end)
    app.teardown_request(lambda _error: structlog.contextvars.unbind_contextvars(REQUEST_ID))


def begin() -> None:
    g.started, g.request_id = time.monotonic(), given_name() or uuid.uuid4().hex
    structlog.contextvars.bind_contextvars(**{REQUEST_ID: g.request_id})


def given_name() -> str | None:
    """By a proxy that we trust; anybody else could make lines look as if they were another request's."""
    given = request.headers.get(HEADER, "")
    trusted = current_app.config["SETTINGS"].trusted_proxies > 0
    return given if trusted and WELL_FORMED.fullmatch(given) else None


def end(response: Response) -> Response:
    response.headers[HEADER] = g.request_id
    taken = time.monotonic() - g.started
    count_request(request.method, response.status_code, taken)
    if request.method not in LOOKS or response.status_code >= 500:
        facts = {"method": request.method, "path": request.path, "status": response.status_code}
        log.info("request.answered", **facts, seconds=round(taken, 3))
    return response

"""RQ Dashboard at /admin/rq, for admins.

It was not made to be part of an app that is careful, so here is what it lacks: it reads Redis through our client (it
knows no unix:// and waits for ever), unpickles nothing but plain values, escapes what it shows, changes nothing on
GET, and has words for when Redis is away. webapp/security.py lets in admins only and checks where a POST comes from.
"""

from __future__ import annotations

import re
from typing import Any

import structlog
from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue
from redis import Redis, RedisError
from rq import Queue, Worker
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq_dashboard import web

from webapp.admin.rq_noted import note_pressed
from webapp.errors import answer_error
from webapp.extensions import redis_client
from webapp.jobs import health
from webapp.jobs.doorbell import ForbiddenFunction, PlainSerializer, Ring

REGISTRIES = {"queued", "scheduled", "deferred", "started", "finished", "failed", "canceled"}
LARGEST_PAGE = 1000  # rings
NOT_FAILED = (
    "This message is not among the failed ones any more, so there is nothing to requeue. Look at the list again."
)
REDIS_AWAY = "Redis does not answer, so there is nothing to show. The jobs page shows what waits; nothing is lost."
REDIS_ODD = "Redis holds what RQ has not written, so nothing is shown. The jobs page shows what waits; nothing is lost."
# In its templates <%= prints raw and <%- escapes. What is printed comes from Redis.
PRINTED_RAW = re.compile(rb"<%=(?=\s*(?:d\.|jobId|JSON))")


log = structlog.get_logger(__name__)


class RingQueue(Queue):
    job_class = Ring

    def compact(self) -> None:
        """RQ renames the list of an empty queue too, and stumbles over that there is none."""
        if self.connection.exists(self.key):
            super().compact()


class RingWorker(Worker):
    job_class = Ring

    def _set_connection(self, connection: Redis) -> Redis:
        """As it is: RQ would give the client of all web requests a time limit of minutes, as if this one waited."""
        return connection


def init_rq_dashboard(app: Flask) -> None:
    read_only_plain_values()
    blueprint = web.blueprint
    if not blueprint._got_registered_once:  # it is one for all apps of a process
        blueprint.before_request_funcs[None] = [refuse_what_makes_no_sense]  # instead of its own look-up of Redis
        blueprint.after_request(escape_what_it_prints)
        blueprint.after_request(note_pressed)
        blueprint.register_error_handler(RedisError, lambda _: answer_error(503, REDIS_AWAY))
        blueprint.register_error_handler(InvalidJobOperation, lambda _: answer_error(409, NOT_FAILED))
        blueprint.register_error_handler(ValueError, answer_odd)
        for gone in (NoSuchJobError, ForbiddenFunction):
            blueprint.register_error_handler(gone, answer_unreadable)
    with app.app_context():
        app.redis_conn = redis_client()  # type: ignore[attr-defined]  # where it looks for its client
    app.config["RQ_DASHBOARD_REDIS_URL"] = ["Redis"]  # only shown as a name; the address may hold a password
    app.register_blueprint(blueprint, url_prefix="/admin/rq")


def read_only_plain_values() -> None:
    """Whoever can write to Redis must not run code here: no pickle of theirs is ever loaded."""
    web.config.serializer = PlainSerializer
    web.Job, web.Queue, web.Worker, web.requeue_job = Ring, RingQueue, RingWorker, requeue


def requeue(job_id: str, connection: Any) -> Job:
    return Ring.fetch(job_id, connection=connection).requeue()


def refuse_what_makes_no_sense() -> ResponseReturnValue | None:
    values = request.view_args or {}
    if request.endpoint == "rq_dashboard.requeue_all" and request.method != "POST":
        abort(405, "Requeueing needs a POST.")
    if values.get("registry_name", "queued") not in REGISTRIES or values.get("order", "asc") not in ("asc", "dsc"):
        abort(404)
    if not all(is_sensible(values.get(name, 1)) for name in ("page", "per_page")):
        abort(404)
    return None if health.redis_answers() else answer_error(503, REDIS_AWAY)


def is_sensible(number: str | int) -> bool:
    return str(number).isdecimal() and 1 <= int(number) <= LARGEST_PAGE


def escape_what_it_prints(response: Response) -> Response:
    if response.mimetype == "text/html" and not response.direct_passthrough:
        response.set_data(PRINTED_RAW.sub(b"<%-", response.get_data()))
    return response


def answer_odd(error: Exception) -> ResponseReturnValue:
    """Names that are no text or not made as RQ makes them, which it stumbles over."""
    log.warning("rq_dashboard.odd", path=request.path, exc_info=error)
    return answer_error(503, REDIS_ODD)


def answer_unreadable(_error: Exception) -> ResponseReturnValue:
    return answer_error(404, "There is no such message in Redis any more. The job's own page knows what became of it.")

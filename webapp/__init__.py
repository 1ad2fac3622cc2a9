"""Gallerist: an image library and page admin whose galleries hang themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from webapp import assets, cli, errors, jobs, requests, schema, security, template_helpers, uploads
from webapp.admin import register_admin
from webapp.api import register_api
from webapp.extensions import bootstrap, csrf, db, init_redis, limiter, login
from webapp.flask_settings import flask_config
from webapp.logs import configure_logs
from webapp.models.audit import note_jobs, note_queue
from webapp.models.webhook import announce_failed_job
from webapp.people_first import init_people_first
from webapp.routing import LazyRule
from webapp.site import register_site
from webapp.storage import init_storage

PerformJob = Callable[[int], str]


class Gallerist(Flask):
    request_class = uploads.StreamingRequest
    url_rule_class = LazyRule

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing here is a coroutine; Flask would look at each function that it calls, a dozen a request."""
        return func


def create_app(settings: config.Settings | None = None, *, perform_job: PerformJob | None = None) -> Flask:
    """The app. `perform_job` runs one job in this process; the two run endpoints need it."""
    settings = settings or config.load()
    configure_logs(settings)
    app = Gallerist(__name__, template_folder="../templates", static_folder="../static")
    app.config.from_mapping(flask_config(settings))
    app.extensions["gallerist_perform_job"] = perform_job
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies, x_host=0
    )

    requests.init_requests(app)  # first: what the others log has the name of the request, too
    db.init_app(app)
    schema.init_schema(app)
    init_redis(app)
    init_storage(app)
    login.init_app(app, add_context_processor=False)  # it would ask the database even for the page that it is away
    csrf.init_app(app)
    limiter.init_app(app)
    bootstrap.init_app(app)
    assets.init_assets(app)

    init_people_first(app)
    security.init_security(app)
    jobs.allow(app, run=security.may_run_jobs)
    jobs.job_failed.connect(announce_failed_job)
    jobs.jobs_changed.connect(note_jobs)
    jobs.queue_changed.connect(note_queue)
    errors.init_errors(app)
    template_helpers.init_template_helpers(app)
    cli.init_cli(app)
    register_admin(app)
    register_api(app)
    register_site(app)
    return app

"""JSON endpoints. Each says what it takes and answers with models, from which the OpenAPI file is made too."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from webapp.api.fields import RowIdConverter
from webapp.api.http import api

MODULES = (
    "errors", "media", "direct", "replacing", "pages", "posts", "galleries", "run",
    "jobs", "job_changes", "queues", "search", "docs",
)  # fmt: skip


def register_api(app: Flask) -> None:
    app.url_map.converters["row"] = RowIdConverter
    for name in MODULES:
        import_module(f"webapp.api.{name}")
    app.register_blueprint(api)
    app.register_blueprint(import_module("webapp.api.health").blueprint)

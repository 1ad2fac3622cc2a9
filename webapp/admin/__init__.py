"""What editors see: one module per thing they manage."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from webapp.admin.palette import init_palette
from webapp.admin.rq import init_rq_dashboard


def register_admin(app: Flask) -> None:
    for part in ("gallery_add", "gallery_rule", "gallery_syncs"):  # more views of the blueprint of galleries
        import_module(f"webapp.admin.{part}")
    for name in (
        "session", "people", "invite", "account", "audit", "home",
        "media", "direct", "media_trash", "emptying", "replacing", "many_media", "batches", "exports",
        "pages", "page_pictures", "page_trash", "galleries", "posts", "post_cover", "post_trash",
        "jobs", "many_jobs", "job_input", "queues", "webhooks", "palette", "search", "search_index",
    ):  # fmt: skip
        app.register_blueprint(import_module(f"webapp.admin.{name}").blueprint)
    init_palette(app)
    init_rq_dashboard(app)

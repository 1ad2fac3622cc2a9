"""The public pages."""

from __future__ import annotations

from flask import Flask

from webapp.site import (  # noqa: F401  they add their views to the blueprint
    ask,
    feed,
    media,
    pages,
    post_feed,
    posts,
    preview,
    search,
    wellknown,
)
from webapp.site.addresses import init_addresses
from webapp.site.blueprint import blueprint


def register_site(app: Flask) -> None:
    init_addresses(app)
    app.register_blueprint(blueprint)

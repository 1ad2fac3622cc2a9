"""Addresses of the public pages: which paths they answer to, and how they are written in full."""

from __future__ import annotations

from flask import Flask, abort, current_app, request, url_for
from werkzeug.routing import BaseConverter, ValidationError

from webapp.models.slug import RESERVED_SLUGS, SLUG

MOST_PAGES = 1_000_000  # keeps what a visitor types within what a database can count


class PostSlugConverter(BaseConverter):
    """A post's slug: whatever one can be called, because /posts/admin collides with nothing."""

    def to_python(self, value: str) -> str:
        if not SLUG.fullmatch(value):
            raise ValidationError
        return value


class SlugConverter(PostSlugConverter):
    """A page's slug; never an address of the site itself, such as /admin, nor what no page can be called."""

    def to_python(self, value: str) -> str:
        if value in RESERVED_SLUGS:
            raise ValidationError
        return super().to_python(value)


class RenditionNameConverter(BaseConverter):
    regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}"


def init_addresses(app: Flask) -> None:
    app.url_map.converters |= {
        "slug": SlugConverter,
        "post_slug": PostSlugConverter,
        "rendition": RenditionNameConverter,
    }


def asked_number() -> int:
    """The n of ?page=n; 404 for what is no number of a page."""
    asked = request.args.get("page", "1")
    if not (asked.isascii() and asked.isdecimal() and len(asked) <= len(str(MOST_PAGES))):
        abort(404)
    number = int(asked)
    if not 1 <= number <= MOST_PAGES:
        abort(404)
    return number


def in_full(path: str) -> str | None:
    """The path under SERVER_URL. None without one, because the Host header is only what the visitor says."""
    server: str = current_app.config["SETTINGS"].server_url
    return server.rstrip("/") + path if server else None


def url_of_media() -> str:
    """What stands before the name of a rendition: a page names hundreds, and to build each address takes a while."""
    return url_for("site.rendition", name="0").removesuffix("0")

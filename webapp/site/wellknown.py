"""What browsers and search engines ask for by themselves."""

from __future__ import annotations

from flask import Response, abort, render_template, url_for
from sqlalchemy import select

from webapp.assets import compressed
from webapp.database import db
from webapp.site.addresses import in_full
from webapp.site.blueprint import blueprint
from webapp.site.cards import PUBLIC
from webapp.site.galleries import PAGES

ROBOTS = "User-agent: *\nDisallow: /admin\nDisallow: /api\n"
MOST = 49_999  # addresses that a sitemap may hold besides the home page
A_DAY = "public, max-age=86400"


@blueprint.get("/robots.txt")
def robots() -> Response:
    sitemap = in_full(url_for("site.sitemap"))
    lines = ROBOTS + (f"\nSitemap: {sitemap}\n" if sitemap else "")
    return Response(lines, mimetype="text/plain", headers={"Cache-Control": A_DAY})


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """Of every published page, the newest first. Without a SERVER_URL there is none: its addresses must be whole."""
    home = in_full(url_for("site.home"))
    if home is None:
        abort(404)
    newest_first = (PAGES.c.created_at.desc(), PAGES.c.id.desc())
    slugs = db.session.scalars(select(PAGES.c.slug).where(*PUBLIC).order_by(*newest_first).limit(MOST))
    addresses = [home, *(in_full(url_for("site.page", slug=slug)) for slug in slugs)]
    return compressed(Response(render_template("site/sitemap.xml", addresses=addresses), mimetype="application/xml"))


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Browsers go by the type, not by the ending."""
    return Response(render_template("site/icon.svg"), mimetype="image/svg+xml", headers={"Cache-Control": A_DAY})

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
from webapp.site.post_rows import NEWEST_FIRST, POSTS
from webapp.site.post_rows import PUBLIC as PUBLIC_POST

ROBOTS = "User-agent: *\nDisallow: /admin\nDisallow: /api\n"
MOST = 49_998  # addresses that a sitemap may hold besides the home page and the list of posts
A_DAY = "public, max-age=86400"


@blueprint.get("/robots.txt")
def robots() -> Response:
    sitemap = in_full(url_for("site.sitemap"))
    lines = ROBOTS + (f"\nSitemap: {sitemap}\n" if sitemap else "")
    return Response(lines, mimetype="text/plain", headers={"Cache-Control": A_DAY})


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """Of every published page and post, the newest first. Without a SERVER_URL there is none."""
    if in_full("/") is None:
        abort(404)  # its addresses must be whole
    pages = paths_of_pages()
    posts = paths_of_posts(MOST - len(pages))
    lists = [url_for("site.home"), url_for("site.posts")] if posts else [url_for("site.home")]
    addresses = [in_full(path) for path in (*lists, *pages, *posts)]
    return compressed(Response(render_template("site/sitemap.xml", addresses=addresses), mimetype="application/xml"))


def paths_of_pages() -> list[str]:
    newest_first = (PAGES.c.created_at.desc(), PAGES.c.id.desc())
    slugs = db.session.scalars(select(PAGES.c.slug).where(*PUBLIC).order_by(*newest_first).limit(MOST))
    return [url_for("site.page", slug=slug) for slug in slugs]


def paths_of_posts(most: int) -> list[str]:
    found = select(POSTS.c.slug).where(*PUBLIC_POST).order_by(*NEWEST_FIRST).limit(most)
    return [url_for("site.post", slug=slug) for slug in db.session.scalars(found)]


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Browsers go by the type, not by the ending."""
    return Response(render_template("site/icon.svg"), mimetype="image/svg+xml", headers={"Cache-Control": A_DAY})

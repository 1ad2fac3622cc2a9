"""What browsers and search engines ask for by themselves."""

from __future__ import annotations

from flask import Response, render_template

from webapp.site.blueprint import blueprint

ROBOTS = "User-agent: *\nDisallow: /admin\nDisallow: /api\n"
A_DAY = "public, max-age=86400"


@blueprint.get("/robots.txt")
def robots() -> Response:
    return Response(ROBOTS, mimetype="text/plain", headers={"Cache-Control": A_DAY})


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Browsers go by the type, not by the ending."""
    return Response(render_template("site/icon.svg"), mimetype="image/svg+xml", headers={"Cache-Control": A_DAY})

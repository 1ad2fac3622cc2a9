"""Where else pictures come from and go to than this site, as the Content-Security-Policy must say."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request

from webapp.storage import direct_storage

HAVE_THE_FORM = ("media.", "galleries.")  # the endpoints of pages on which pictures can be uploaded


def with_storage(policy: dict[str, str]) -> dict[str, str]:
    """The policy that also lets pictures come from RENDITIONS_URL, and those of editors go to the bucket."""
    pictures, bucket = current_app.config["SETTINGS"].renditions_url, upload_origin()
    more = {"img-src": f"{policy['img-src']} {origin_of(pictures)}"} if pictures else {}
    return policy | more | ({"connect-src": f"'self' {bucket}"} if bucket else {})


def upload_origin() -> str | None:
    """Where the forms for direct uploads lead, on pages that have one."""
    found = direct_storage() if (request.endpoint or "").startswith(HAVE_THE_FORM) else None
    return found.upload_origin if found else None


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

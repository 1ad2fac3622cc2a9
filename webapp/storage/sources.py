"""Where else pictures come from than from this site, as the Content-Security-Policy must say."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app


def with_storage(policy: dict[str, str]) -> dict[str, str]:
    """The policy that also lets pictures come from RENDITIONS_URL."""
    pictures = current_app.config["SETTINGS"].renditions_url
    return policy | ({"img-src": f"{policy['img-src']} {origin_of(pictures)}"} if pictures else {})


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

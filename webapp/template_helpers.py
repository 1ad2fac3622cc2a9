"""What every template may use."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from flask import Flask, g, request, url_for
from flask_login import current_user

from webapp.database import utcnow
from webapp.models.media import Media, Rendition
from webapp.models.progress import counted
from webapp.models.user import User
from webapp.security import referring_path
from webapp.storage import direct_storage

UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
CLOCKS_DIFFER = timedelta(seconds=1)  # what has just happened may seem to be still to come
FRAGMENT_HEADER = "X-Fragment"  # sent by static/js/live.js


def init_template_helpers(app: Flask) -> None:
    app.jinja_env.globals.update(
        current_user=current_user,
        direct_storage=direct_storage,
        focal_class=focal_class,
        here=here,
        known_user=known_user,
        now=utcnow,
        page_url=page_url,
        thumb_rendition=thumb_rendition,
    )
    app.jinja_env.filters.update(ago=ago, counted=counted, duration=duration, exactly=exactly, filesize=filesize)
    app.jinja_env.filters.update(to_the_minute=to_the_minute)


def known_user() -> User | None:
    """Who asks, if that was found out already; it never asks the database, which may be what is away."""
    user = g.get("_login_user")
    return user if user is not None and user.is_authenticated else None


def here() -> str:
    """The page the person looks at: for a `next`. A fragment belongs to the page that asked for it."""
    if FRAGMENT_HEADER in request.headers:
        return referring_path() or url_for("home.index")
    return request.full_path.rstrip("?")


def page_url(number: int) -> str:
    """The address of another page of this list, with the same filters."""
    path = url_for(request.endpoint or "home.index", **(request.view_args or {}))
    filters = request.args.to_dict(flat=False) | {"page": [str(number)]}
    return f"{path}?{urlencode(filters, doseq=True)}"  # url_for() takes "_anchor" and the like for its own options


def thumb_rendition(media: Media, size: int) -> Rendition | None:
    """The narrowest rendition that is at least `size` pixels wide, or else the widest."""
    fitting = media.renditions_in("image/webp") or media.renditions
    return next((r for r in fitting if r.width >= size), fitting[-1] if fitting else None)


def focal_class(media: Media) -> str:
    """For a picture that may be cropped: classes of static/css/focal.css, as the policy forbids style attributes."""
    x, y = (5 * round(percent / 5) for percent in (media.focal_x, media.focal_y))
    return "" if (x, y) == (50, 50) else f"focal-x-{x} focal-y-{y}"


def ago(moment: datetime) -> str:
    """A moment in words relative to now: "3 minutes ago", "in 2 hours", or its date when it is weeks away."""
    distance = utcnow() - moment
    if abs(distance) < timedelta(seconds=5):
        return "in a moment" if -distance >= CLOCKS_DIFFER else "just now"
    if abs(distance) > timedelta(days=14):
        return f"{moment.day} {moment:%b %Y}"
    return f"{duration(distance)} ago" if distance > timedelta() else f"in {about(-distance)}"


def about(length: timedelta) -> str:
    """Rounded: what is kept for 7 days is deleted "in 7 days", not "in 6", as soon as a second has gone."""
    size = next(size for _, size in UNITS if length.total_seconds() >= size)
    return duration(length + timedelta(seconds=size / 2))


def duration(length: timedelta) -> str:
    """In its largest unit: "3 minutes"."""
    seconds = int(length.total_seconds())
    for name, size in UNITS:
        if seconds >= size:
            return counted(seconds // size, name, f"{name}s")
    return "less than a second"


def exactly(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y, %H:%M:%S} UTC"


def to_the_minute(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def filesize(size: int) -> str:
    """Bytes as an editor says it: "3.4 MB"."""
    for unit, factor in (("GB", 1024**3), ("MB", 1024**2), ("kB", 1024)):
        if size >= factor:
            return f"{size / factor:.1f}".removesuffix(".0") + f" {unit}"
    return counted(size, "byte", "bytes")

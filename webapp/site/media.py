"""The bytes of renditions; originals are never served here.

With RENDITIONS_URL, what everybody may see is only pointed to. What is out of sight never is, so that nobody learns its
address there, which holds 128 random bits.
"""

from __future__ import annotations

import re

import structlog
from flask import abort, current_app, redirect, send_file, url_for
from flask_login import current_user
from sqlalchemy import exists, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement
from werkzeug.wrappers import Response

from webapp.database import db
from webapp.models.cover import PUBLIC, is_cover
from webapp.models.gallery import Item
from webapp.models.media import Media, Rendition
from webapp.models.page import PUBLISHED, Block, Page
from webapp.site.blueprint import blueprint
from webapp.storage import StorageError, storage

log = structlog.get_logger(__name__)

NAME = re.compile(r"([0-9]{1,18})-([0-9]{1,5})-[0-9a-f]{16}\.([a-z]+)")
ELSE = ("image/jpeg", "image/webp")  # instead of an AVIF that is made later; all who read that read these
FOR_EVER = "max-age=31536000, immutable"  # a name holds the hash of its content
A_WHILE = "max-age=3600"  # for so long somebody who saw a picture is still shown where it lies


@blueprint.get("/media/<rendition:name>")
def rendition(name: str) -> Response:
    found = db.session.execute(select(Rendition, is_shown()).where(Rendition.name == name)).first()
    signed_in = current_user.is_authenticated
    if found is None:
        return redirect_to_successor(name)
    if not (found[1] or signed_in):
        abort(404)
    elsewhere = current_app.config["SETTINGS"].renditions_url if found[1] else ""
    response = redirect(f"{elsewhere}/{found[0].storage_key}") if elsewhere else send(found[0])
    kept = A_WHILE if elsewhere else FOR_EVER
    response.headers["Cache-Control"] = f"{'private' if signed_in else 'public'}, {kept}"
    return response


def redirect_to_successor(name: str) -> Response:
    """A page that was opened before a picture's file was replaced goes on to ask for its old renditions."""
    asked = NAME.fullmatch(name)
    if asked is None:
        abort(404)
    own = f"image/{asked[3]}"
    nearest = (
        select(Rendition.name)
        .where(Rendition.media_id == int(asked[1]), Rendition.mime_type.in_((own, *ELSE)))
        .where(true() if current_user.is_authenticated else is_shown())
        .order_by(Rendition.mime_type != own, func.abs(Rendition.width - int(asked[2])))
    )
    found = db.session.scalar(nearest.limit(1))
    return redirect(url_for("site.rendition", name=found)) if found else abort(404)


def is_shown() -> ColumnElement[bool]:
    """Whether the rendition's media hangs, stands alone, or is the cover of a post, where everybody may see it."""
    public = (Page.status == PUBLISHED, Page.deleted_at.is_(None))
    hangs = (
        select(Item.media_id)
        .join(Block, Block.id == Item.gallery_id)
        .join(Page, Page.id == Block.page_id)
        .where(Item.media_id == Rendition.media_id, ~Item.hidden, *public)
    )
    alone = select(Block.id).join(Page, Page.id == Block.page_id).where(Block.media_id == Rendition.media_id, *public)
    live = select(Media.id).where(Media.id == Rendition.media_id, Media.deleted_at.is_(None))
    return exists(live.correlate(Rendition)) & or_(
        exists(hangs.correlate(Rendition)), exists(alone.correlate(Rendition)), is_cover(Rendition.media_id, PUBLIC)
    )


def send(found: Rendition) -> Response:
    try:
        path = storage().local_path(found.storage_key)
        file = path or storage().open(found.storage_key)
        response = send_file(file, mimetype=found.mime_type, download_name=found.name, etag=found.name)
    except FileNotFoundError:
        log.error("storage.file_missing", key=found.storage_key, media=found.media_id)
        abort(404)
    except StorageError:
        abort(503)
    if path is None and response.status_code == 200:
        response.content_length = found.filesize
    return response

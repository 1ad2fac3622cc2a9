"""The bytes of renditions; originals are never served here."""

from __future__ import annotations

from flask import abort, send_file
from flask_login import current_user
from sqlalchemy import exists, or_, select
from sqlalchemy.sql.elements import ColumnElement
from werkzeug.wrappers import Response

from webapp.database import db
from webapp.models.gallery import Item
from webapp.models.media import Media, Rendition
from webapp.models.page import PUBLISHED, Block, Page
from webapp.site.blueprint import blueprint
from webapp.storage import StorageError, storage

FOR_EVER = "max-age=31536000, immutable"  # a name holds the hash of its content


@blueprint.get("/media/<rendition:name>")
def rendition(name: str) -> Response:
    found = db.session.execute(select(Rendition, is_shown()).where(Rendition.name == name)).first()
    signed_in = current_user.is_authenticated
    if found is None or not (found[1] or signed_in):
        abort(404)
    response = send(found[0])
    response.headers["Cache-Control"] = f"{'private' if signed_in else 'public'}, {FOR_EVER}"
    return response


def is_shown() -> ColumnElement[bool]:
    """Whether the rendition's media hangs, or stands alone, where everybody may see it."""
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
        exists(hangs.correlate(Rendition)), exists(alone.correlate(Rendition))
    )


def send(found: Rendition) -> Response:
    try:
        path = storage().local_path(found.storage_key)
        file = path or storage().open(found.storage_key)
        response = send_file(file, mimetype=found.mime_type, etag=found.name)
    except FileNotFoundError:
        abort(404)
    except StorageError:
        abort(503)
    if path is None and response.status_code == 200:
        response.content_length = found.filesize
    return response

"""Fills an empty library with the demo: pictures, pages with galleries, and posts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from webapp.database import db
from webapp.demo.pictures import draw
from webapp.demo.posts import ARTICLES, Article
from webapp.demo.scenes import SCENES, Scene
from webapp.models.gallery import add_item
from webapp.models.media import Media
from webapp.models.page import DRAFT, FILMSTRIP, GRID, PUBLISHED, ROWS, Page, create_page
from webapp.models.post import Post, create_post
from webapp.storage import incoming_file
from webapp.uploads import take_upload

log = structlog.get_logger(__name__)

ABOUT = """\
This gallery hangs itself. Its switch “Auto-sync new uploads” is on, so every picture that an editor uploads \
appears here by itself, a moment later.

Sign in, upload a picture, and come back."""


def fill() -> None:
    """Draw the pictures and hang them, as an editor would; the workers do the rest.

    Does nothing in a used library, but goes on where it was interrupted.
    """
    unfinished = current_app.config["SETTINGS"].data_dir / "demo-unfinished"
    if library_is_used() and not unfinished.exists():
        return
    unfinished.touch()
    make_content()
    unfinished.unlink()
    log.info("demo.ready", pictures=len(SCENES))


def library_is_used() -> bool:
    return any(db.session.scalar(select(rows.id).limit(1)) for rows in (Media, Page, Post))


def make_content(scenes: Iterable[Scene] = SCENES) -> None:
    page_once(
        "Latest pictures",
        PUBLISHED,
        [
            {"blockType": "text", "title": "", "body": ABOUT},
            {"blockType": "gallery", "title": "Everything, as it comes in", "autoSync": True, "newItems": "first"},
        ],
    )
    media = {scene: upload(scene) for scene in scenes}
    curate("By the water", "Harbours, coasts and quiet seas.", media, {"sea", "lake"}, ROWS)
    curate("After dark", "Stars, street lights and the moon.", media, {"night", "aurora"}, FILMSTRIP)
    curate(
        "Mountains and weather",
        "Ridges, mist, snow, and what the light does to them.",
        media,
        {"mountains", "snow", "mist"},
        GRID,
    )
    page_once(
        "Summer fair",
        DRAFT,
        [
            {"blockType": "text", "title": "Coming in July", "body": "A draft: only editors see it."},
            {"blockType": "gallery", "title": "Pictures of the fair", "autoSync": False},
        ],
    )
    for article in ARTICLES:
        publish_once(article, media)


def page_once(title: str, status: str, layout: list[dict[str, Any]]) -> Page:
    there = db.session.scalar(select(Page).where(Page.title == title))
    return there or create_page(title, status=status, layout=layout)


def upload(scene: Scene) -> Media:
    """Through the same door as everybody's uploads, so that the demo shows what really happens."""
    incoming = incoming_file()
    try:
        incoming.write(draw(scene.kind, scene.width, scene.height, scene.seed))
        file = FileStorage(stream=incoming, filename=scene.filename)  # type: ignore[arg-type]
        uploaded = take_upload(file, alt=scene.alt, caption=scene.caption, tags=scene.tags)
    finally:
        incoming.close()
    if uploaded.media is None:
        raise RuntimeError(uploaded.error)
    return uploaded.media


def curate(title: str, words: str, media: dict[Scene, Media], tags: Iterable[str], style: str) -> None:
    """A page whose gallery was hung by hand."""
    page = page_once(title, PUBLISHED, [{"blockType": "text", "body": words}, {"blockType": "gallery", "style": style}])
    gallery = page.blocks[1]
    for scene, one in media.items():
        if set(tags) & set(scene.tags):
            add_item(gallery.id, one.id)


def publish_once(article: Article, media: dict[Scene, Media]) -> None:
    if db.session.scalar(select(Post.id).where(Post.title == article.title)):
        return
    cover_id = next((one.id for scene, one in media.items() if scene.filename == article.cover), None)
    create_post(
        article.title,
        body=article.body,
        excerpt=article.excerpt,
        tags=list(article.tags),
        cover_id=cover_id,
        status=PUBLISHED,
    )

"""One picture: its page, and what an editor says of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import render_template, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webapp.admin import asked
from webapp.admin.library import count_uses, words_for_uses
from webapp.extensions import db
from webapp.models import progress
from webapp.models.cover import covered_by
from webapp.models.finding_related import related
from webapp.models.former_file import former_files
from webapp.models.gallery import Gallery, galleries_showing
from webapp.models.media import Media
from webapp.models.media_words import BOTH, change_media
from webapp.models.picture import PictureBlock, picture_blocks_showing
from webapp.models.user import User

USES_SHOWN = 50
SIMILAR = 6  # pictures, at most
MOST_TAGS = 100
WRITTEN = ("alt", "caption", "credit", "tags")
OVERTAKEN = "Somebody else has meanwhile made this “{}”. Save again to keep what you typed."
LONGEST = {
    "alt": ("The alt text", 10_000),
    "caption": ("The caption", 10_000),
    "credit": ("The credit", 500),
}  # characters
EXIF_NAMES = {
    "camera": "Camera",
    "lens": "Lens",
    "takenAt": "Taken",
    "exposure": "Exposure",
    "aperture": "Aperture",
    "iso": "ISO",
    "focalLength": "Focal length",
    "exposureBias": "Correction",
    "flash": "Flash",
}


@dataclass
class Words:
    """What the fields of the page hold: what is saved, or what was typed and can't be saved yet."""

    alt: str
    decorative: bool
    caption: str
    credit: str
    tags: str
    focal_x: str
    focal_y: str
    errors: dict[str, str] = field(default_factory=dict)  # field → words


def page(media: Media, words: Words | None = None) -> str:
    pages, galleries = count_uses(media.id)
    showing = galleries_showing(media.id).options(joinedload(Gallery.page)).limit(USES_SHOWN)
    alone = picture_blocks_showing(media.id).options(joinedload(PictureBlock.page)).limit(USES_SHOWN)
    return render_template(
        "media/show.html",
        media=media,
        words=words or saved(media),
        was=saved(media),
        exif_names=EXIF_NAMES,
        lines=progress.of_media(media),
        uploader=db.session.get(User, media.created_by) if media.created_by else None,
        pages=pages,
        galleries=galleries,
        uses=db.session.scalars(showing).all(),
        alone=db.session.scalars(alone).all(),
        posts=db.session.scalars(covered_by([media.id]).limit(USES_SHOWN)).all(),
        uses_in_words=words_for_uses([media.id]),
        similar=similar_pictures(media),
        former=former_files(media.id),
        just_replaced=asked.id_in_address("replaced"),
    )


def similar_pictures(media: Media) -> list[Media]:
    """The nearest first, with what their thumbnails are made of."""
    ids = related("media", media.id, SIMILAR, to_everybody=False)
    found = select(Media).where(Media.id.in_(ids)).options(selectinload(Media.renditions))
    return sorted(db.session.scalars(found), key=lambda each: ids.index(each.id)) if ids else []


def saved(media: Media) -> Words:
    x, y = str(media.focal_x), str(media.focal_y)
    return Words(media.alt, media.decorative, media.caption, media.credit, ", ".join(media.tags), x, y)


def typed(media: Media) -> Words:
    """What the form of the request says; a field that it does not have, or nobody changed in it, is as it is saved."""
    words, now = saved(media), saved(media)
    for name in (*WRITTEN, "focal_x", "focal_y"):
        if name in request.form and asked.text(name) != was(name):
            setattr(words, name, asked.text(name))
    if "decorative" in request.form:  # a hidden 0 stands before the box, which sends nothing when it is empty
        ticked = "1" in request.form.getlist("decorative")
        words.decorative = now.decorative if was("decorative") == str(int(ticked)) else ticked
    elif words.alt:
        words.decorative = False
    words.errors = found_wrong(words) | changed_by_others(words, now)
    return words


def was(name: str) -> str | None:
    """As it was when the form was opened; None in a form that does not say so."""
    return asked.text(f"was_{name}") if f"was_{name}" in request.form else None


def changed_by_others(words: Words, now: Words) -> dict[str, str]:
    """Since the form was opened, and here in another way: it is said once, and sent again it is meant."""
    saved_as = {name: asked.plain(getattr(now, name)).strip() for name in WRITTEN if was(name) is not None}
    return {
        name: OVERTAKEN.format(text)
        for name, text in saved_as.items()
        if text != was(name) and text != asked.plain(getattr(words, name)).strip()
    }


def found_wrong(words: Words) -> dict[str, str]:
    """By field, in the order of the page."""
    errors = {}
    for name in ("focal_x", "focal_y"):
        if percent(getattr(words, name)) is None:
            errors[name] = "Give the focal point as whole numbers from 0 to 100."
    for name, (what, most) in LONGEST.items():
        if len(getattr(words, name)) > most:
            errors[name] = f"{what} has {len(getattr(words, name)):,} characters. The limit is {most:,}."
    if words.decorative and words.alt:
        errors.setdefault("alt", BOTH)
    if len(words.tags.split(",")) > MOST_TAGS:
        errors["tags"] = f"These are more than {MOST_TAGS} tags. Take some out."
    return errors


def percent(typed: str) -> int | None:
    """A whole number from 0 to 100, None for anything else."""
    digits = typed.removesuffix("%").strip()
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 3 else 101
    return number if number <= 100 else None


def save(media: Media, words: Words) -> Media:
    """What was sent, all of it right; another may have changed the rest meanwhile. Raises LookupError."""
    sent = request.form
    x, y = percent(words.focal_x), percent(words.focal_y)
    return change_media(
        media.id,
        alt=words.alt if "alt" in sent else None,
        decorative=words.decorative if "decorative" in sent else None,
        caption=words.caption if "caption" in sent else None,
        credit=words.credit if "credit" in sent else None,
        tags=words.tags.split(",") if "tags" in sent else None,
        focal=(x, y) if {"focal_x", "focal_y"} & set(sent) and x is not None and y is not None else None,
    )

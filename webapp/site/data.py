"""What search engines read of a page's pictures, and of a post: schema.org's ImageGallery and BlogPosting, as JSON-LD.

None without a SERVER_URL to say it with: the addresses must be whole.
"""

from __future__ import annotations

from typing import Any

from flask import url_for

from webapp.site.addresses import in_full
from webapp.site.pictures import Picture
from webapp.site.shown import ShownPage
from webapp.site.shown_post import ShownPost


def as_data(shown: ShownPage) -> dict[str, Any] | None:
    """None where there is nothing to say."""
    address = in_full(url_for("site.page", slug=shown.slug))
    if address is None:
        return None
    pictures = [image_object(picture, block.caption_of(picture)) for block, picture in shown.pictures()]
    if not pictures:
        return None
    return {
        "@context": "https://schema.org",
        "@type": "ImageGallery",
        "name": shown.title,
        "url": address,
        "image": pictures,
    }


def post_as_data(shown: ShownPost) -> dict[str, Any] | None:
    address = in_full(url_for("site.post", slug=shown.slug))
    if address is None or shown.published_at is None:
        return None
    more = {
        "description": shown.summary,
        "keywords": ", ".join(shown.tags),
        "image": image_object(shown.cover, shown.cover.caption) if shown.cover else None,
    }
    return {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": shown.title,
        "url": address,
        "mainEntityOfPage": address,
        "datePublished": shown.published_at.isoformat(),
        "dateModified": shown.updated_at.isoformat(),
    } | {name: said for name, said in more.items() if said}


def image_object(picture: Picture, caption: str) -> dict[str, Any]:
    largest = picture.files.largest
    words = {"name": picture.alt.strip(), "caption": caption.strip(), "creditText": picture.credit.strip()}
    return {
        "@type": "ImageObject",
        "contentUrl": in_full(url_for("site.rendition", name=largest.name)),
        "encodingFormat": f"image/{largest.format}",
        "width": largest.width,
        "height": largest.height,
    } | {name: said for name, said in words.items() if said}

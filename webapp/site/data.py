"""What search engines read of a page's pictures: schema.org's ImageGallery of ImageObjects, as JSON-LD."""

from __future__ import annotations

from typing import Any

from flask import url_for

from webapp.site.addresses import in_full
from webapp.site.pictures import Picture
from webapp.site.shown import ShownPage


def as_data(shown: ShownPage) -> dict[str, Any] | None:
    """None where there is nothing to say, or no SERVER_URL to say it with: the addresses must be whole."""
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


def image_object(picture: Picture, caption: str) -> dict[str, Any]:
    largest = picture.largest
    words = {"name": picture.alt.strip(), "caption": caption.strip(), "creditText": picture.credit.strip()}
    return {
        "@type": "ImageObject",
        "contentUrl": in_full(url_for("site.rendition", name=largest.name)),
        "encodingFormat": f"image/{largest.format}",
        "width": largest.width,
        "height": largest.height,
    } | {name: said for name, said in words.items() if said}

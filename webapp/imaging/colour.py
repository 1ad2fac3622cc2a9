"""Bringing every way of storing colour down to what every screen shows: sRGB, 8 bits."""

import io
from functools import cache

from PIL import Image, ImageCms

# A broken profile is a reason to ignore the profile, not the picture.
PROFILE_ERRORS = (ImageCms.PyCMSError, OSError, ValueError, TypeError)


def resizable(image: Image.Image) -> Image.Image:
    """The same picture in a mode whose pixels can be averaged (palettes and single bits cannot)."""
    if image.mode in ("RGB", "RGBA", "L", "LA", "CMYK") and "transparency" not in image.info:
        return image
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value / 257).convert("L")  # convert() alone would clip at 255
    profile = image.info.get("icc_profile")
    converted = image.convert("RGBA" if image.has_transparency_data else "RGB")
    converted.info["icc_profile"] = profile
    return converted


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB, or RGBA where some pixel is transparent. `profile` is the ICC profile of the file, if any."""
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    opaque = image.convert(image.mode[:-1]) if alpha else image
    colours = _by_profile(opaque, profile) if profile else None
    colours = colours or (opaque if opaque.mode == "RGB" else opaque.convert("RGB"))
    if alpha and alpha.getextrema() != (255, 255):
        colours.putalpha(alpha)
    return colours


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, _srgb(), outputMode="RGB")
    except PROFILE_ERRORS:
        return None


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def flattened(image: Image.Image) -> Image.Image:
    """On white where it was transparent: JPEG has no alpha."""
    if image.mode != "RGBA":
        return image
    page = Image.new("RGB", image.size, "white")
    page.paste(image, mask=image.getchannel("A"))
    return page

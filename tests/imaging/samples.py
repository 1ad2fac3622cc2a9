"""Real picture files, made on the spot."""

import io
import struct
import zipfile
from typing import Any, Literal

import pillow_heif  # the only one here that can write HEIC; the product itself only reads
from PIL import Image, ImageCms

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "HEIC")
MIME_TYPE = {name: f"image/{name.lower()}" for name in FORMATS}

ORIENTATION, ARTIST, GPS = 0x0112, 0x013B, 0x8825
SECRETS = (b"Exif", b"GPS", b"secret", b"Ann Author", b"ICC_PROFILE", b"ICCP", b"http://ns.adobe", b"XMP ")


def picture(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right, and never the same in two rows."""
    image = Image.new("RGB", (width, height))
    image.putdata(
        [(250 * (x < width // 2), 4 * y % 256, 250 * (x >= width // 2)) for y in range(height) for x in range(width)]
    )
    return image if mode == "RGB" else image.convert(mode)


def encoded(image: Image.Image, name: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    if name == "HEIC":
        pillow_heif.from_pillow(image).save(out, **options)
    else:
        image.save(out, name, **options)
    return out.getvalue()


def sample(name: str) -> bytes:
    return encoded(picture(), name)


def exif(orientation: int = 1) -> bytes:
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    tags[ARTIST] = "Ann Author"
    tags.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return tags.tobytes()


def animation(name: str, frames: int) -> bytes:
    pictures = [picture(30, 20).point(lambda v, n=number: (v + 7 * n) % 256) for number in range(frames)]
    return encoded(pictures[0], name, save_all=True, append_images=pictures[1:])


def two_pictures_in_one() -> bytes:
    """What phones write for HDR and 3D: a second JPEG behind the first (MPO)."""
    return encoded(picture(), "MPO", save_all=True, append_images=[picture(30, 20)])


def with_thumbnail_and_no_end() -> bytes:
    """A JPEG that lost its end, but whose EXIF holds a whole little JPEG with an end marker."""
    note = b"Exif\0\0" + encoded(picture(16, 16))
    whole = sample("JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note
    return (whole[:2] + segment + whole[2:])[:-40]


def zip_file() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("secret.html", "<script>alert('secret')</script>" * 9)
    return out.getvalue()


def colour_profile(name: Literal["LAB", "XYZ", "sRGB"] = "sRGB") -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()

"""Making smaller copies of a picture, with nothing in them but pixels."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from PIL import Image

from webapp.imaging.colour import flattened, resizable, to_srgb
from webapp.imaging.decoding import start_decoding
from webapp.imaging.words import only_bad_image

SIZES = (400, 640, 960, 1920)
"""Widths in pixels. A narrower picture gets its own width instead of the larger ones.

The first fills a third of a phone (390 points of 3 pixels), the second the half of it.
"""

FORMATS = ("webp", "jpeg")
HEAVY_FORMATS = ("avif",)  # a fifth smaller than WebP, in five times its time

TALLEST = 16_383  # pixels; WebP cannot hold more

WEBP_OPTIONS = {"quality": 80, "method": 2}
AVIF_OPTIONS = {"quality": 50, "speed": 8, "max_threads": 1}
JPEG_OPTIONS = {"quality": 82, "optimize": True}  # progressive would be half a percent smaller, in a ninth more time

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """One rendition: `data` is the encoded file, of `format` webp, jpeg or avif; width and height in pixels."""

    format: str
    width: int
    height: int
    data: bytes

    @property
    def mime_type(self) -> str:
        return f"image/{self.format}"


def make_renditions(
    file: IO[bytes],
    filename: str,
    *,
    max_pixels: int = 50_000_000,
    sizes: Sequence[int] = SIZES,
    formats: Sequence[str] = FORMATS,
) -> Iterator[Picture]:
    """Yields a picture in each format for each size, smallest first: upright, sRGB, without any metadata.

    Decodes once, when the first is asked for; of an animation, the first frame. Never enlarges. Raises
    BadImage as `probe` does, and for damage that only decoding brings to light. Pass the same
    `max_pixels` as to `probe`.
    """
    with only_bad_image(filename):
        images = _shrunken(_decoded(file, filename, max_pixels, sizes), sizes)
    for image in reversed(images):
        for each in formats:
            yield Picture(each, *image.size, ENCODERS[each](image))


def _decoded(file: IO[bytes], filename: str, max_pixels: int, sizes: Sequence[int]) -> Image.Image:
    """The upright picture in sRGB, no larger than the largest size."""
    image, turn = start_decoding(file, filename, max_pixels)
    turned = turn >= 5
    shown = image.size[::-1] if turned else image.size
    largest = _fitted(shown, max(_widths(shown, sizes)))
    stored = largest[::-1] if turned else largest
    image.draft(None, stored)  # a JPEG can be decoded to 1/2, 1/4 or 1/8 at a fraction of the cost
    profile = image.info.get("icc_profile")
    small = _resized(resizable(image), stored)
    upright = small.transpose(UPRIGHT[turn]) if turn in UPRIGHT else small
    return _bare(to_srgb(upright, profile))


def _shrunken(largest: Image.Image, sizes: Sequence[int]) -> list[Image.Image]:
    """The picture in all its sizes, largest first, each made from the one before."""
    images = [largest]
    for width in sorted(_widths(largest.size, sizes), reverse=True)[1:]:
        images.append(_resized(images[-1], _fitted(largest.size, width)))
    return images


def _widths(size: tuple[int, int], sizes: Sequence[int]) -> set[int]:
    width, height = size
    widest = max(1, min(width, width * TALLEST // height))
    return {min(widest, each) for each in sizes}


def _fitted(size: tuple[int, int], width: int) -> tuple[int, int]:
    return width, min(TALLEST, max(1, round(size[1] * width / size[0])))


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    # Bicubic looks the same as Lanczos here (over 42 dB) in four fifths of the time.
    # Without the gap, one row of 50 million pixels would need gigabytes for the weights of its filter.
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)


def _bare(image: Image.Image) -> Image.Image:
    """The pixels alone: Pillow copies comments, EXIF and profiles along from picture to picture, all in `info`."""
    image.info.clear()
    return image


def _encoded(image: Image.Image, pillow_format: str, options: dict[str, int]) -> bytes:
    out = io.BytesIO()
    image.save(out, pillow_format, **options)
    return out.getvalue()


ENCODERS: dict[str, Callable[[Image.Image], bytes]] = {
    "avif": lambda image: _encoded(image, "AVIF", AVIF_OPTIONS),
    "webp": lambda image: _encoded(image, "WEBP", WEBP_OPTIONS),
    "jpeg": lambda image: _encoded(flattened(image), "JPEG", JPEG_OPTIONS),
}


def average_colour(data: bytes) -> str:
    """'#rrggbb': what a rendition looks like from far away, to hold its place while it loads.

    Raises BadImage if `data` is not a WebP or JPEG.
    """
    with only_bad_image("This picture"), Image.open(io.BytesIO(data), formats=["WEBP", "JPEG"]) as image:
        pixel = flattened(resizable(image)).convert("RGB").resize((1, 1), Image.Resampling.BOX)
    return "#" + pixel.tobytes().hex()

"""What is known about a picture before it is decoded."""

from dataclasses import dataclass, field
from typing import IO

from PIL import Image

from webapp.imaging.exif import camera_facts
from webapp.imaging.heic_exif import heic_facts
from webapp.imaging.kinds import MIME_TYPES
from webapp.imaging.opening import checked, opened, orientation, refuse_size
from webapp.imaging.window import Window
from webapp.imaging.words import only_bad_image


@dataclass(frozen=True)
class Facts:
    """Width and height are in pixels as the picture is shown, after its EXIF orientation."""

    mime_type: str
    extension: str
    width: int
    height: int
    frames: int
    exif: dict[str, str] = field(default_factory=dict)  # what the camera wrote, see exif.py


def probe(file: IO[bytes], filename: str, *, max_pixels: int = 50_000_000, max_frames: int = 500) -> Facts:
    """Says what a file is, by its content only. Never decodes; memory stays flat whatever it claims.

    `file` must be seekable; it is read from its start and rewound. `filename` is only used in words.
    Raises BadImage for anything that is not a whole picture of a type we take, within the limits.
    Errors of the disk itself stay OSError.
    """
    with only_bad_image(filename):
        facts = _facts(file, filename, max_pixels, max_frames)
    file.seek(0)
    return facts


def _facts(file: IO[bytes], filename: str, max_pixels: int, max_frames: int) -> Facts:
    mime_type, layout = checked(file, filename, max_pixels, max_frames)
    if mime_type == "image/heic":
        width, height = layout.shown or (0, 0)
        refuse_size(filename, width, height, max_pixels)
        exif = heic_facts(Window(file))
    else:
        image = opened(file, filename, mime_type, max_pixels)
        width, height = _shown(image)
        exif = camera_facts(image)
    return Facts(mime_type, MIME_TYPES[mime_type], width, height, layout.frames, exif)


def _shown(image: Image.Image) -> tuple[int, int]:
    return (image.height, image.width) if orientation(image) >= 5 else image.size

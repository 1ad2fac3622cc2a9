"""Opening a picture safely: what it is, how large it is and whether it is whole come before Pillow."""

from collections.abc import Callable
from typing import IO

# Naming the plugins keeps Pillow from importing all of its forty when it is asked for one of these.
from PIL import AvifImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.ExifTags import Base

from webapp.imaging import boxes, gif, jpeg, png, webp, words
from webapp.imaging.kinds import HEAD, looks_like, picture_type
from webapp.imaging.layout import Layout
from webapp.imaging.window import Window

WALKS: dict[str, Callable[[Window, int], Layout]] = {
    "image/jpeg": jpeg.walk,
    "image/png": png.walk,
    "image/webp": webp.walk,
    "image/avif": boxes.walk,
    "image/gif": gif.walk,
    "image/heic": boxes.walk,
}

# There is no HEIC here: libheif is only trusted with a process of its own, see decoding.py.
PILLOW_FORMATS = {
    "image/jpeg": JpegImagePlugin.JpegImageFile.format,
    "image/png": PngImagePlugin.PngImageFile.format,
    "image/webp": WebPImagePlugin.WebPImageFile.format,
    "image/avif": AvifImagePlugin.AvifImageFile.format,
    "image/gif": GifImagePlugin.GifImageFile.format,
}


def checked(file: IO[bytes], filename: str, max_pixels: int, max_frames: int | None) -> tuple[str, Layout]:
    """The MIME type and the layout of a picture worth opening.

    Raises BadImage for what is no picture, too large or cut off. Other errors may come from the file as
    well: call this, and whatever follows, inside `only_bad_image`.
    """
    window = Window(file)
    mime_type = _type_or_refuse(window, filename)
    layout = WALKS[mime_type](window, window.size if max_frames is None else max_frames)
    refuse_size(filename, layout.width, layout.height, max_pixels)
    if max_frames is not None and layout.frames > max_frames:
        raise words.too_many_frames(filename, max_frames)
    return mime_type, layout


def _type_or_refuse(window: Window, filename: str) -> str:
    if window.size == 0:
        raise words.empty(filename)
    head = window.at(0, min(HEAD, window.size))
    mime_type = picture_type(head)
    if mime_type is None:
        raise words.not_a_picture(filename, looks_like(head))
    return mime_type


def refuse_size(filename: str, width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise words.too_many_pixels(filename, width, height, max_pixels)
    if width < 1 or height < 1:
        raise words.damaged(filename)


def opened(file: IO[bytes], filename: str, mime_type: str, max_pixels: int) -> Image.Image:
    """A picture whose header Pillow has read and whose pixels it has not."""
    image = Image.open(file, formats=[PILLOW_FORMATS[mime_type]])
    # Once more, because it is Pillow's idea of the size that memory will be taken for.
    refuse_size(filename, image.width, image.height, max_pixels)
    return image


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 if there is none or it makes no sense. Ask before `load()`."""
    if image.format == "PNG" and not {"exif", "Raw profile type exif"} & image.info.keys():
        return 1  # here getexif() would decode the whole picture to look for EXIF behind it
    try:
        value = image.getexif().get(Base.Orientation)
    except words.ODD_FILE_ERRORS:
        return 1  # a picture with broken EXIF is still a picture
    return value if isinstance(value, int) and 1 <= value <= 8 else 1

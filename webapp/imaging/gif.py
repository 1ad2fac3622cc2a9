"""Walking a GIF from block to block to its trailer."""

from webapp.imaging.layout import Layout
from webapp.imaging.window import Window

HEADER, IMAGE = 13, 10  # bytes before the colour table of the file, and of one frame
EXTENSION_MARK, IMAGE_MARK, TRAILER_MARK = 0x21, 0x2C, 0x3B


def walk(window: Window, max_frames: int) -> Layout:
    """Raises CutOff without a trailer. Frames outside the screen widen it, as Pillow would."""
    header = window.at(0, HEADER)
    width, height = _little(header[6:8]), _little(header[8:10])
    at, frames = HEADER + _colour_table(header[10]), 0
    while (mark := window.number(at, 1)) != TRAILER_MARK:
        if mark == IMAGE_MARK:
            frames += 1
            image = window.at(at, IMAGE)
            width = max(width, _little(image[1:3]) + _little(image[5:7]))
            height = max(height, _little(image[3:5]) + _little(image[7:9]))
            at = _after_blocks(window, at + IMAGE + _colour_table(image[9]) + 1)
        elif mark == EXTENSION_MARK:
            at = _after_blocks(window, at + 2)
        else:
            at += 1  # stray padding, which every reader steps over
        if frames > max_frames:
            break
    return Layout(width, height, frames)


def _little(two_bytes: bytes) -> int:
    return int.from_bytes(two_bytes, "little")


def _colour_table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(window: Window, at: int) -> int:
    while length := window.number(at, 1):
        at += length + 1
    return at + 1

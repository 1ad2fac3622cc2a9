"""Walking a JPEG from segment to segment to its end marker."""

import re

from webapp.imaging.layout import Layout
from webapp.imaging.window import Window
from webapp.imaging.words import Damaged

STANDALONE = {0x01, *range(0xD0, 0xD9)}  # markers that no length follows
START_OF_FRAME = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
END, START_OF_SCAN = 0xD9, 0xDA
ANY_MARKER = re.compile(rb"\xff[\x01-\xfe]")
SCAN_OR_END = re.compile(rb"\xff[\xd9\xda]")

# Each scan of a progressive JPEG is a pass over all pixels. Cameras write one, encoders about ten; a
# small file with thousands would keep a worker busy for hours.
MAX_SCANS = 100
# Between two segments there may be fill bytes. Decoders take them one at a time, ten million in some seconds.
MAX_FILL = 4096


def walk(window: Window, max_frames: int) -> Layout:
    """Raises CutOff without an end marker. Thumbnails inside segments are stepped over, unread."""
    width = height = 0
    marker, at = _next_marker(window, 2)
    while marker != START_OF_SCAN:
        if marker in START_OF_FRAME:
            height = max(height, window.number(at + 3, 2))
            width = max(width, window.number(at + 5, 2))
        marker, at = _next_marker(window, _after_segment(window, marker, at))
    _find_end(window, at)
    return Layout(width, height)


def _next_marker(window: Window, at: int) -> tuple[int, int]:
    found = window.find(ANY_MARKER, at, within=MAX_FILL)
    return window.number(found + 1, 1), found + 2


def _after_segment(window: Window, marker: int, at: int) -> int:
    if marker == END:
        raise Damaged
    return at if marker in STANDALONE else at + max(2, window.number(at, 2))


def _find_end(window: Window, at: int) -> None:
    # Inside compressed data FF is always followed by 00 or a restart marker, so a plain search is exact.
    # Whatever comes after the end marker is not ours: a second picture (MPO), a video, a zip.
    for _ in range(MAX_SCANS):
        at = window.find(SCAN_OR_END, at)
        if window.number(at + 1, 1) == END:
            return
        at += 2
    raise Damaged

"""Finding the EXIF of a HEIC, which lies in an item of its own, without libheif."""

from collections.abc import Iterator

from PIL import Image

from webapp.imaging.boxes import FULL, Box, all_boxes
from webapp.imaging.exif import LARGEST, facts_in
from webapp.imaging.window import Window
from webapp.imaging.words import ODD_FILE_ERRORS, CutOff

MOST_ITEMS = 10_000  # phones write about sixty: a picture's tiles
IN_THE_FILE = 0  # how an item's place is counted; the other ways are for derived pictures


def heic_facts(window: Window) -> dict[str, str]:
    """As `camera_facts` for the other types."""
    try:
        exif = Image.Exif()
        exif.load(_exif_of(window) or b"")
        return facts_in(exif)
    except CutOff:
        return {}
    except ODD_FILE_ERRORS:
        return {}


def _exif_of(window: Window) -> bytes | None:
    boxes = [box for box in all_boxes(window, 0, window.size) if box.parent == b"meta"]
    wanted = {item for box in boxes if box.kind == b"iinf" for item in _exif_items(window, box)}
    for box in boxes:
        if box.kind == b"iloc":
            for item, offset, length in _places(window, box):
                if item in wanted and 4 < length <= LARGEST:
                    skipped = 4 + window.number(offset, 4)  # in front of the TIFF header stands how far away it is
                    return window.at(offset + skipped, length - skipped) if skipped < length else None
    return None


def _exif_items(window: Window, box: Box) -> Iterator[int]:
    """The ids of the items that are EXIF."""
    at = box.start + FULL + (4 if window.number(box.start, 1) else 2)
    for _ in range(MOST_ITEMS):
        if at >= box.end:
            return
        long_id = window.number(at + 8, 1) >= 3  # the version
        item, kind = at + 8 + FULL, at + 8 + FULL + (6 if long_id else 4)
        if window.at(kind, 4) == b"Exif":
            yield window.number(item, 4 if long_id else 2)
        at += max(8, window.number(at, 4))


def _places(window: Window, box: Box) -> Iterator[tuple[int, int, int]]:
    """Each item's id, and where in the file its first piece begins and how long that is."""
    version, sizes = window.number(box.start, 1), window.number(box.start + FULL, 2)
    offset_size, length_size, base_size = sizes >> 12 & 15, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    wide = 4 if version > 1 else 2
    at = box.start + FULL + 2
    count, at = window.number(at, wide), at + wide
    for _ in range(min(count, MOST_ITEMS)):
        item, at = window.number(at, wide), at + wide
        method, at = (window.number(at, 2) & 15, at + 2) if version else (IN_THE_FILE, at)
        base, at = window.number(at + 2, base_size), at + 2 + base_size
        pieces, at = window.number(at, 2), at + 2
        first = at + index_size
        if pieces and method == IN_THE_FILE:
            yield item, base + window.number(first, offset_size), window.number(first + offset_size, length_size)
        at += pieces * (index_size + offset_size + length_size)
